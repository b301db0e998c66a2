package portaltest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/browser"
	"github.com/goaffiliate/affiliate/internal/calendar"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage/memory"
)

var shared *browser.Browser

func TestMain(m *testing.M) { os.Exit(browser.Run(m, &shared)) }

// today is when the pages are looked at.
var today = time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC)

// world is a portal with some history: ada has been busy, eve has just joined.
type world struct {
	testing.TB
	eng   *affiliate.Engine
	clock *affiliatetest.Clock
	port  string
	n     int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{TB: t, clock: affiliatetest.NewClock(today.AddDate(0, -6, 0))}
	var err error
	w.eng, err = affiliate.New(memory.New(), affiliate.Config{Now: w.clock.Now})
	w.must(err)
	pages, err := portal.New(w.eng, portal.Config{
		Authenticate: func(r *http.Request) (string, error) {
			if id, _, _ := strings.Cut(r.Host, "."); id != "nobody" {
				return id, nil
			}
			return "", errors.New("nobody")
		},
		Key: []byte("0123456789abcdef0123456789abcdef"), BaseURL: "https://acme.example", Insecure: true,
		Brand: portal.Brand{Name: "Acme Partners"}, ShowSaleAmounts: func(string) bool { return true },
	})
	w.must(err)
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	_, w.port, _ = strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	w.programs()
	for _, id := range []string{"ada", "eve"} {
		name, email := strings.ToUpper(id[:1])+id[1:], id+"@partners.example"
		w.must(w.eng.CreatePartner(t.Context(), id, program.Profile{Name: &name, Email: &email, Payout: &payout.Schedule{
			TimeZone: "Europe/Berlin", Minimum: map[money.Currency]int64{"usd": 5000},
		}}, time.Time{}))
	}
	for _, p := range []string{"cloud", "europe"} {
		w.must(w.eng.Approve(t.Context(), "ada", p, time.Time{}))
	}
	for key, p := range map[string]string{"ada-blog": "cloud", "ada-video": "cloud", "ada-eu": "europe"} {
		w.must(w.eng.AddLink(t.Context(), affiliate.Link{Key: key, Partner: "ada", Program: p}))
	}
	for _, code := range []string{"ADA10", "OLD-ADA"} {
		w.must(w.eng.AddCode(t.Context(), affiliate.Code{Code: code, Partner: "ada", Program: "cloud", ByPartner: true}))
	}
	w.history()
	return w
}

// at returns an address of the portal as a partner sees it.
func (w *world) at(partner, path string) string {
	return "http://" + partner + ".portal.localhost:" + w.port + path
}

func (w *world) must(err error) {
	w.Helper()
	require.NoError(w, err)
}

func (w *world) programs() {
	w.Helper()
	title, dest, hosts, codes, holdback := "Acme Cloud", "https://acme.example/", []string{"acme.example", "docs.acme.example"}, true, 30
	w.must(w.eng.CreateProgram(w.Context(), "cloud", program.SettingsChange{
		Title: &title, DestinationURL: &dest, DeepLinkDomains: &hosts, PartnerCodes: &codes, HoldbackDays: &holdback,
		Reward: &promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstInvoice},
		Rules: []commission.Rule{{
			ID: "share", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20", Recurring: true, Months: 12,
			Tiers: &commission.Tiers{Metric: commission.Conversions, Period: calendar.Quarter, Thresholds: []commission.Threshold{{At: 10, Value: "25"}, {At: 400, Value: "30"}}},
		}},
	}, affiliate.Always()))
	titleEU, eur, destEU := "Acme Europe", money.Currency("eur"), "https://eu.acme.example/"
	w.must(w.eng.CreateProgram(w.Context(), "europe", program.SettingsChange{
		Title: &titleEU, Currency: &eur, DestinationURL: &destEU, HoldbackDays: &holdback,
		Rules: []commission.Rule{{ID: "eu", Trigger: commission.Every, Type: commission.Percent, Value: "15"}},
	}, affiliate.Always()))
}

// history lives through half a year of ada's.
func (w *world) history() {
	w.Helper()
	ctx := w.Context()
	for day := range 181 {
		now := today.AddDate(0, 0, day-180)
		w.clock.Set(now)
		for range day % 4 {
			_, err := w.eng.RecordClick(ctx, affiliate.Click{Link: "ada-video"})
			w.must(err)
		}
		if day%5 == 0 {
			sale := w.sale("ada-blog", affiliate.Conversion{Program: "cloud", Currency: "usd", Amount: 4900 + int64(day)*100})
			if day%20 == 0 {
				_, err := w.eng.RecordRefund(ctx, affiliate.Refund{ID: "re_" + sale, Conversion: sale, All: true})
				w.must(err)
			}
		}
		if day%23 == 0 {
			w.sale("ada-eu", affiliate.Conversion{Program: "europe", Currency: "eur", Amount: 12000})
		}
		if now.Day() == 2 {
			w.pay()
		}
	}
	w.must(w.eng.RetireCode(ctx, "OLD-ADA", time.Time{}))
}

// sale is a customer who comes through a link and pays.
func (w *world) sale(link string, c affiliate.Conversion) string {
	w.Helper()
	w.n++
	click, err := w.eng.RecordClick(w.Context(), affiliate.Click{Link: link})
	w.must(err)
	c.ID, c.Type, c.Customer, c.Click = fmt.Sprintf("in_%03d", w.n), attribution.InvoicePaid, fmt.Sprintf("cus_%03d", w.n), click.ClickID
	_, err = w.eng.RecordConversion(w.Context(), c)
	w.must(err)
	return c.ID
}

// pay settles last month's payouts and issues this month's.
func (w *world) pay() {
	w.Helper()
	list, err := w.eng.Payouts(w.Context(), "")
	w.must(err)
	for _, p := range list {
		if p.Status.Open() {
			_, err := w.eng.MovePayout(w.Context(), p.ID, payout.Paid, time.Time{})
			w.must(err)
		}
	}
	_, err = w.eng.RunPayouts(w.Context(), affiliate.PayoutRun{})
	w.must(err)
}
