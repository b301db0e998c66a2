package console_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// today is when the pages are looked at.
var today = time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC)

// world is an organization with an owner.
type world struct {
	testing.TB
	store storage.Store
	eng   *affiliate.Engine
	clock *affiliatetest.Clock
	rng   *rand.Rand
	n     int
}

// empty is an organization of which nothing is known.
func empty(tb testing.TB, stores ...storage.Store) *world {
	tb.Helper()
	w := &world{TB: tb, clock: affiliatetest.NewClock(today.AddDate(0, -6, 0)), rng: rand.New(rand.NewPCG(1, 2))}
	var ids atomic.Int64 // forms may be sent side by side
	var err error
	if w.store = storage.Store(memory.New()); len(stores) > 0 {
		w.store = stores[0]
	}
	w.eng, err = affiliate.New(w.store, affiliate.Config{Now: w.clock.Now, NewID: func() string {
		return fmt.Sprintf("01960000-0000-7000-8000-%012x", ids.Add(1))
	}})
	require.NoError(tb, err)
	return w
}

// newWorld has two programs and three partners, and nothing has happened.
func newWorld(tb testing.TB, stores ...storage.Store) *world {
	tb.Helper()
	w := empty(tb, stores...)
	name, title, dest, hosts, codes := "Cloud, direct", "Acme Cloud", "https://acme.example/", []string{"acme.example", "docs.acme.example"}, true
	w.must(errOf(w.eng.CreateProgram(w.ctx(), "cloud", program.SettingsChange{
		Name: &name, Title: &title, DestinationURL: &dest, DeepLinkDomains: &hosts, PartnerCodes: &codes,
		Reward: promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstInvoice}.Change(),
		Rules: []commission.Rule{
			{
				ID: "share", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20",
				Recurring: true, Months: 12, Tiers: &commission.Tiers{
					Metric: commission.Conversions, Period: commission.PerMonth,
					Thresholds: []commission.Threshold{{At: 10, Value: "25"}, {At: 40, Value: "30"}},
				},
			},
			{ID: "bonus", Trigger: commission.First, EventType: attribution.SubscriptionCreated, Type: commission.Fixed, Value: "2500"},
		},
	}, affiliate.Always())))
	nameEU, eur, destEU := "Europe", money.Currency("eur"), "https://eu.acme.example/"
	w.must(errOf(w.eng.CreateProgram(w.ctx(), "eu", program.SettingsChange{
		Name: &nameEU, Currency: &eur, DestinationURL: &destEU,
		Rules: []commission.Rule{{ID: "flat", Trigger: commission.Every, Type: commission.Percent, Value: "15"}},
	}, affiliate.Always())))
	w.partner("ada", "Ada Lovelace", payout.Schedule{TimeZone: "Europe/Berlin", Minimum: map[money.Currency]int64{"usd": 5000}})
	w.partner("bob", "Bob’s Reviews", payout.Schedule{Cadence: payout.Weekly, Weekday: time.Monday})
	w.partner("eve", "Eve", payout.Schedule{})
	for _, p := range []string{"ada", "bob"} {
		w.must(errOf(w.eng.ApprovePartnership(w.ctx(), p, "cloud", time.Time{})))
	}
	w.must(errOf(w.eng.ApprovePartnership(w.ctx(), "ada", "eu", time.Time{})))
	for _, l := range []affiliate.Link{
		{Key: "ada-blog", Partner: "ada", Program: "cloud"},
		{Key: "ada-docs", Partner: "ada", Program: "cloud", URL: "https://docs.acme.example/start"},
		{Key: "ada-eu", Partner: "ada", Program: "eu"},
		{Key: "bob", Partner: "bob", Program: "cloud"},
	} {
		w.must(errOf(w.eng.AddLink(w.ctx(), l)))
	}
	w.must(errOf(w.eng.AddCode(w.ctx(), affiliate.Code{Code: "ADA10", Partner: "ada", Program: "cloud"})))
	w.must(errOf(w.eng.AddCode(w.ctx(), affiliate.Code{Code: "OLD-ADA", Partner: "ada", Program: "cloud"})))
	w.clock.Advance(time.Hour)
	w.must(errOf(w.eng.RetireCode(w.ctx(), "OLD-ADA", time.Time{})))
	return w
}

func (w *world) ctx() context.Context { return context.Background() }

func (w *world) must(err error) {
	w.Helper()
	require.NoError(w, err)
}

func (w *world) partner(id, name string, schedule payout.Schedule) {
	w.Helper()
	email := id + "@partners.example"
	w.must(errOf(w.eng.CreatePartner(w.ctx(), id, program.Profile{Name: &name, Email: &email, Payout: schedule.Change()}, time.Time{})))
}

// id makes an id of the host's systems.
func (w *world) id(kind string) string {
	w.n++
	return fmt.Sprintf("%s_%05d", kind, w.n)
}

// convert records something a customer did, and returns its id.
func (w *world) convert(kind string, c affiliate.Conversion) string {
	w.Helper()
	c.ID, c.Type = w.id("in"), kind
	_, err := w.eng.RecordConversion(w.ctx(), c)
	w.must(err)
	return c.ID
}

// sale is a customer who comes through a link and pays.
func (w *world) sale(link, of string, amount int64) (customer, conversion string) {
	w.Helper()
	click, err := w.eng.RecordClick(w.ctx(), affiliate.Click{Link: link, Visitor: w.id("visitor")})
	w.must(err)
	customer = w.id("cus")
	_, err = w.eng.Identify(w.ctx(), affiliate.Identify{Customer: customer, Click: click.ClickID})
	w.must(err)
	c, _ := w.setup().Program(of)
	w.convert(attribution.SubscriptionCreated, affiliate.Conversion{Customer: customer, Program: of, Currency: c.Currency})
	return customer, w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: customer, Amount: amount, Program: of, Currency: c.Currency})
}

func (w *world) setup() *program.Configuration {
	w.Helper()
	s, err := w.eng.Configuration(w.ctx())
	w.must(err)
	return s
}

// halfYear lives through six months: visits, customers who stay, refunds, a
// review of each kind, payouts that arrive and one that does not.
func (w *world) halfYear() {
	w.Helper()
	type subscriber struct {
		customer, program string
		amount            int64
		day               int
	}
	var paying []subscriber
	prices := []int64{2900, 4900, 9900}
	links := [][2]string{{"ada-blog", "cloud"}, {"ada-docs", "cloud"}, {"bob", "cloud"}, {"ada-eu", "eu"}}
	for now := w.clock.Now().Truncate(24 * time.Hour).Add(12 * time.Hour); now.Before(today); now = now.AddDate(0, 0, 1) {
		w.clock.Set(now)
		for range w.rng.IntN(5) {
			_, err := w.eng.RecordClick(w.ctx(), affiliate.Click{Link: links[w.rng.IntN(4)][0], Visitor: w.id("visitor")})
			w.must(err)
		}
		if w.rng.IntN(3) == 0 {
			link, price := links[w.rng.IntN(4)], prices[w.rng.IntN(3)]
			customer, conv := w.sale(link[0], link[1], price)
			paying = append(paying, subscriber{customer, link[1], price, now.Day()})
			if w.rng.IntN(8) == 0 {
				_, err := w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: w.id("re"), Conversion: conv, Amount: price / 2})
				w.must(err)
			}
		}
		for _, s := range paying {
			if s.day == now.Day() && w.rng.IntN(10) > 0 {
				of, _ := w.setup().Program(s.program)
				w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: s.customer, Amount: s.amount, Program: s.program, Currency: of.Currency})
			}
		}
		w.pay(now)
	}
	w.clock.Set(today)
	for i, act := range []func(context.Context, affiliate.CommissionRef, string, time.Time) (affiliate.FactResult, error){w.eng.HoldCommission, w.eng.RejectCommission} {
		_, conv := w.sale("ada-blog", "cloud", 4900)
		_, err := act(w.ctx(), affiliate.CommissionRef{Conversion: conv, Partner: "ada", Program: "cloud", Rule: "share"}, []string{"unusual", "fraud"}[i], time.Time{})
		w.must(err)
	}
	w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: "cus_code", Amount: 9900, Program: "cloud", Currency: "usd", PromoCode: "ADA10"})
	w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: "cus_none", Amount: 9900, Program: "cloud", Currency: "usd", PromoCode: "NOPE"})
}

// pay issues what is due on the second of a month and settles it later, up to
// the last month.
func (w *world) pay(now time.Time) {
	w.Helper()
	if now.Day() == 2 && now.Before(today.AddDate(0, 0, -20)) {
		_, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
		w.must(err)
	}
	if now.Day() != 5 || now.After(today.AddDate(0, 0, -50)) {
		return
	}
	list, err := w.eng.Payouts(w.ctx(), "")
	w.must(err)
	for i, p := range list {
		to := payout.Paid
		if now.Month() == time.December && i == 0 {
			to = payout.Failed
		}
		if p.Status.Open() {
			_, err := w.eng.MovePayout(w.ctx(), p.ID, to, time.Time{})
			w.must(err)
		}
	}
}

// console is the console of the world; the header Role is who asks.
func (w *world) console(change ...func(*console.Config)) http.Handler {
	w.Helper()
	cfg := console.Config{
		Authenticate: func(r *http.Request) (affiliatehttp.Principal, error) {
			switch role := r.Header.Get("Role"); role {
			case "":
				return affiliatehttp.Principal{}, errors.New("nobody")
			case "banned":
				return affiliatehttp.Principal{}, affiliatehttp.ErrForbidden
			case "foreign":
				return affiliatehttp.Principal{Organization: "another", Role: affiliatehttp.RoleOwner}, nil
			default:
				return affiliatehttp.Principal{Organization: w.eng.Organization(), Role: affiliatehttp.Role(role), Partner: "ada"}, nil
			}
		},
		Key: []byte("0123456789abcdef0123456789abcdef"), BaseURL: "https://acme.example", Brand: console.Brand{Name: "Acme"},
	}
	for _, c := range change {
		c(&cfg)
	}
	h, err := console.New(w.eng, cfg)
	require.NoError(w, err)
	return h
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
