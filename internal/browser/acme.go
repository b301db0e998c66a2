package browser

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// Acme is an organization whose pages are looked at.
type Acme struct {
	testing.TB
	Engine *affiliate.Engine
	Clock  *affiliatetest.Clock

	sales int
}

// Today is when the pages are looked at.
func Today() time.Time { return time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC) }

// NewAcme returns an organization of which nothing is known yet.
func NewAcme(tb testing.TB) *Acme {
	tb.Helper()
	a := &Acme{TB: tb, Clock: affiliatetest.NewClock(Today())}
	var err error
	a.Engine, err = affiliate.New(memory.New(), affiliate.Config{Now: a.Clock.Now})
	a.Must(err)
	return a
}

// BusyAcme returns one with half a year behind it: ada and bob have been busy, eve
// has just joined, and zoe is suspended.
func BusyAcme(tb testing.TB) *Acme {
	tb.Helper()
	a := NewAcme(tb)
	a.Clock.Set(Today().AddDate(0, -6, 0))
	a.programs()
	a.partners()
	for day := range 181 {
		a.live(day)
	}
	a.lately()
	return a
}

// Must ends the test if there is an error.
func (a *Acme) Must(err error) {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
}

// Serve starts a server of pages, and returns the address of a path as the host
// of a name serves it: the name is who looks.
func (a *Acme) Serve(pages http.Handler) (at func(name, path string) string) {
	server := httptest.NewServer(pages)
	a.Cleanup(server.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
	return func(name, path string) string { return "http://" + name + ".acme.localhost:" + port + path }
}

// Visitor is who a request comes from: the first part of the host's name.
func Visitor(r *http.Request) string {
	name, _, _ := strings.Cut(r.Host, ".")
	return name
}

func (a *Acme) programs() {
	a.Helper()
	title, dest, hosts, codes, holdback := "Acme Cloud", "https://acme.example/", []string{"acme.example", "docs.acme.example"}, true, 30
	a.Must(errOf(a.Engine.CreateProgram(a.Context(), "cloud", program.SettingsChange{
		Title: &title, DestinationURL: &dest, DeepLinkDomains: &hosts, PartnerCodes: &codes, HoldbackDays: &holdback,
		Reward: promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstInvoice}.Change(),
		Rules: []commission.Rule{{
			ID: "share", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20", Recurring: true, Months: 12,
			Tiers: &commission.Tiers{Metric: commission.Conversions, Period: commission.PerQuarter, Thresholds: []commission.Threshold{{At: 10, Value: "25"}, {At: 400, Value: "30"}}},
		}},
	}, affiliate.Always())))
	titleEU, eur, destEU := "Acme Europe", money.Currency("eur"), "https://eu.acme.example/"
	a.Must(errOf(a.Engine.CreateProgram(a.Context(), "europe", program.SettingsChange{
		Title: &titleEU, Currency: &eur, DestinationURL: &destEU, HoldbackDays: &holdback,
		Rules: []commission.Rule{{ID: "eu", Trigger: commission.Every, Type: commission.Percent, Value: "15"}},
	}, affiliate.Always())))
	past := "Launch week 2025"
	a.Must(errOf(a.Engine.CreateProgram(a.Context(), "launch", program.SettingsChange{
		Title: &past, DestinationURL: &dest, Rules: []commission.Rule{{ID: "lead", Trigger: commission.First, EventType: attribution.Signup, Type: commission.Fixed, Value: "500"}},
	}, affiliate.Always())))
	a.Must(errOf(a.Engine.EndProgram(a.Context(), "launch")))
}

func (a *Acme) partners() {
	a.Helper()
	ctx := a.Context()
	monthly := payout.Schedule{TimeZone: "Europe/Berlin", Minimum: map[money.Currency]int64{"usd": 5000}}
	for id, who := range map[string]struct {
		name     string
		schedule payout.Schedule
	}{
		"ada": {"Ada", monthly}, "bob": {"Bob’s Reviews", payout.Schedule{Cadence: payout.Weekly, Weekday: time.Monday}},
		"eve": {"Eve", monthly}, "zoe": {"Zoe", monthly},
	} {
		email := id + "@partners.example"
		a.Must(errOf(a.Engine.CreatePartner(ctx, id, program.Profile{Name: &who.name, Email: &email, Payout: who.schedule.Change()}, time.Time{})))
	}
	a.Must(errOf(a.Engine.SuspendPartner(ctx, "zoe", time.Time{})))
	for _, on := range [][2]string{{"ada", "cloud"}, {"ada", "europe"}, {"bob", "cloud"}} {
		a.Must(errOf(a.Engine.ApprovePartnership(ctx, on[0], on[1], time.Time{})))
	}
	a.Must(errOf(a.Engine.OverrideTerms(ctx, "bob", "cloud", program.TermsChange{
		Rules: []commission.Rule{{ID: "share", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "30", Recurring: true}},
	}, time.Time{})))
	for _, l := range []affiliate.Link{
		{Key: "ada-blog", Partner: "ada", Program: "cloud"},
		{Key: "ada-video", Partner: "ada", Program: "cloud"},
		{Key: "ada-eu", Partner: "ada", Program: "europe"},
		{Key: "bob", Partner: "bob", Program: "cloud", URL: "https://docs.acme.example/start"},
	} {
		a.Must(errOf(a.Engine.AddLink(ctx, l)))
	}
	for _, code := range []string{"ADA10", "OLD-ADA"} {
		a.Must(errOf(a.Engine.AddCode(ctx, affiliate.Code{Code: code, Partner: "ada", Program: "cloud", ByPartner: true})))
	}
}

// live is one day of the half year.
func (a *Acme) live(day int) {
	a.Helper()
	now := Today().AddDate(0, 0, day-180)
	a.Clock.Set(now)
	for range day % 4 {
		_, err := a.Engine.RecordClick(a.Context(), affiliate.Click{Link: "ada-video"})
		a.Must(err)
	}
	if day%5 == 0 {
		sale := a.sale("ada-blog", affiliate.Conversion{Program: "cloud", Currency: "usd", Amount: 4900 + int64(day)*100})
		if day%20 == 0 {
			_, err := a.Engine.RecordRefund(a.Context(), affiliate.Refund{ID: "re_" + sale, Conversion: sale, All: true})
			a.Must(err)
		}
	}
	if day%6 == 1 {
		a.sale("bob", affiliate.Conversion{Program: "cloud", Currency: "usd", Amount: 2900})
	}
	if day%23 == 0 {
		a.sale("ada-eu", affiliate.Conversion{Program: "europe", Currency: "eur", Amount: 12000})
	}
	if now.Day() == 2 {
		a.pay()
	}
}

// sale is a customer who comes through a link and pays.
func (a *Acme) sale(link string, c affiliate.Conversion) string {
	a.Helper()
	a.sales++
	click, err := a.Engine.RecordClick(a.Context(), affiliate.Click{Link: link})
	a.Must(err)
	c.ID, c.Type, c.Customer, c.Click = fmt.Sprintf("in_%03d", a.sales), attribution.InvoicePaid, fmt.Sprintf("cus_%03d", a.sales), click.ClickID
	_, err = a.Engine.RecordConversion(a.Context(), c)
	a.Must(err)
	return c.ID
}

// pay settles last month's payouts, of which one fails in December, and issues
// this month's.
func (a *Acme) pay() {
	a.Helper()
	list, err := a.Engine.Payouts(a.Context(), "")
	a.Must(err)
	for _, p := range list {
		to := payout.Paid
		if a.Clock.Now().Month() == time.December && p.Partner == "bob" {
			to = payout.Failed
		}
		if p.Status.Open() {
			_, err := a.Engine.MovePayout(a.Context(), p.ID, to, time.Time{})
			a.Must(err)
		}
	}
	_, err = a.Engine.RunPayouts(a.Context(), affiliate.PayoutRun{})
	a.Must(err)
}

// lately is what happened today: a review of each kind, a customer with a code,
// and one whom nobody sent.
func (a *Acme) lately() {
	a.Helper()
	ctx := a.Context()
	a.Clock.Set(Today())
	a.Must(errOf(a.Engine.RetireCode(ctx, "OLD-ADA", time.Time{})))
	ref := affiliate.CommissionRef{Partner: "ada", Program: "cloud", Rule: "share"}
	ref.Conversion = a.sale("ada-blog", affiliate.Conversion{Program: "cloud", Currency: "usd", Amount: 99900})
	_, err := a.Engine.HoldCommission(affiliate.WithActor(ctx, "owner_7"), ref, "unusually large", time.Time{})
	a.Must(err)
	ref.Conversion = a.sale("ada-blog", affiliate.Conversion{Program: "cloud", Currency: "usd", Amount: 4900})
	_, err = a.Engine.RejectCommission(affiliate.WithActor(ctx, "owner_7"), ref, "a stolen card", time.Time{})
	a.Must(err)
	for id, code := range map[string]string{"in_code": "ADA10", "in_nobody": "NOPE"} {
		_, err := a.Engine.RecordConversion(ctx, affiliate.Conversion{
			ID: id, Type: attribution.InvoicePaid, Customer: "cus_" + id[3:], Amount: 9900, Program: "cloud", Currency: "usd", PromoCode: code,
		})
		a.Must(err)
	}
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
