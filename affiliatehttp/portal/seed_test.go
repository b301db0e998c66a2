package portal_test

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
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
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

// Ids and texts that are the owner's alone. Each begins with canary, which no
// partner may ever read.
const (
	canary    = "canary"
	cloud     = canary + "-prog-cloud"
	europe    = canary + "-prog-eu"
	hidden    = canary + "-prog-hidden"
	ruleShare = canary + "-rule-share"
	ruleBonus = canary + "-rule-bonus"
	ruleEU    = canary + "-rule-eu"
	owner     = canary + "-margin 62%"
)

// world is an organization with programs and partners: ada is busy, eve has just
// joined, bob is somebody else.
type world struct {
	testing.TB
	store storage.Store
	eng   *affiliate.Engine
	clock *affiliatetest.Clock
	rng   *rand.Rand
	n     int
	sales int // times as many
}

func newWorld(tb testing.TB, stores ...storage.Store) *world {
	tb.Helper()
	w := &world{TB: tb, sales: 1, clock: affiliatetest.NewClock(today.AddDate(-1, 0, 0)), rng: rand.New(rand.NewPCG(1, 2))}
	var ids atomic.Int64 // forms may be sent side by side
	var err error
	if w.store = storage.Store(memory.New()); len(stores) > 0 {
		w.store = stores[0]
	}
	w.eng, err = affiliate.New(w.store, affiliate.Config{Now: w.clock.Now, NewID: func() string {
		return fmt.Sprintf("01960000-0000-7000-8000-%012x", ids.Add(1))
	}})
	require.NoError(tb, err)
	w.programs()
	w.partner("ada", "Ada Lovelace", payout.Schedule{TimeZone: "Europe/Berlin", Minimum: map[money.Currency]int64{"usd": 5000}})
	w.partner("eve", "Eve", payout.Schedule{})
	w.partner("bob", canary+" Bob", payout.Schedule{})
	for _, p := range []string{"ada", "bob"} {
		w.must(errOf(w.eng.ApprovePartnership(w.ctx(), p, cloud, time.Time{})))
		w.must(errOf(w.eng.ApprovePartnership(w.ctx(), p, europe, time.Time{})))
		w.must(errOf(w.eng.ApprovePartnership(w.ctx(), p, hidden, time.Time{})))
	}
	w.link("ada", "ada-blog", cloud, "")
	w.link("ada", "ada-video", cloud, "https://docs.acme.example/start")
	w.link("ada", "ada-eu", europe, "")
	w.link("bob", canary+"-bob", cloud, "")
	w.must(errOf(w.eng.AddCode(w.ctx(), affiliate.Code{Code: "ADA10", Partner: "ada", Program: cloud, ByPartner: true})))
	w.must(errOf(w.eng.AddCode(w.ctx(), affiliate.Code{Code: "OLD-ADA", Partner: "ada", Program: cloud, ByPartner: true})))
	w.must(errOf(w.eng.AddCode(w.ctx(), affiliate.Code{Code: "CANARY-BOB", Partner: "bob", Program: cloud, ByPartner: true})))
	return w
}

func (w *world) ctx() context.Context { return context.Background() }

func (w *world) must(err error) {
	w.Helper()
	require.NoError(w, err)
}

func (w *world) programs() {
	w.Helper()
	name, title, dest, hosts, codes, holdback := owner, "Acme Cloud", "https://acme.example/", []string{"acme.example", "docs.acme.example"}, true, 30
	w.must(errOf(w.eng.CreateProgram(w.ctx(), cloud, program.SettingsChange{
		Name: &name, Title: &title, DestinationURL: &dest, DeepLinkDomains: &hosts, PartnerCodes: &codes, HoldbackDays: &holdback,
		Reward: promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstInvoice}.Change(),
		Rules: []commission.Rule{
			{
				ID: ruleShare, Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20",
				Recurring: true, Months: 12, Tiers: &commission.Tiers{
					Metric: commission.Conversions, Period: commission.PerMonth,
					Thresholds: []commission.Threshold{{At: 10, Value: "25"}, {At: 40, Value: "30"}},
				},
			},
			{ID: ruleBonus, Trigger: commission.First, EventType: attribution.SubscriptionCreated, Type: commission.Fixed, Value: "2500"},
		},
	}, affiliate.Always())))
	titleEU, eur, destEU := "Acme Europe", money.Currency("eur"), "https://eu.acme.example/"
	w.must(errOf(w.eng.CreateProgram(w.ctx(), europe, program.SettingsChange{
		Name: &name, Title: &titleEU, Currency: &eur, DestinationURL: &destEU, HoldbackDays: &holdback,
		Rules: []commission.Rule{{ID: ruleEU, Trigger: commission.Every, Type: commission.Percent, Value: "15", Tiers: &commission.Tiers{
			Metric: commission.Revenue, Period: commission.PerQuarter, Thresholds: []commission.Threshold{{At: 500000, Value: "18"}},
		}}},
	}, affiliate.Always())))
	secret, starts := canary+" secret launch", today.AddDate(0, 2, 0)
	w.must(errOf(w.eng.CreateProgram(w.ctx(), hidden, program.SettingsChange{
		DestinationURL: home(),
		Name:           &name, Title: &secret, StartsAt: &starts, Rules: []commission.Rule{{ID: ruleEU, Trigger: commission.Every, Type: commission.Percent, Value: "50"}},
	}, affiliate.Always())))
}

func (w *world) partner(id, name string, schedule payout.Schedule) {
	w.Helper()
	email := id + "@partners.example"
	if id == "bob" {
		email = canary + "@bob.example"
	}
	w.must(errOf(w.eng.CreatePartner(w.ctx(), id, program.Profile{Name: &name, Email: &email, Payout: schedule.Change()}, time.Time{})))
}

func (w *world) link(partner, key, programID, to string) {
	w.Helper()
	w.must(errOf(w.eng.AddLink(w.ctx(), affiliate.Link{Key: key, Partner: partner, Program: programID, URL: to})))
}

// id makes an id of the owner's systems.
func (w *world) id(kind string) string {
	w.n++
	return fmt.Sprintf("%s_%s_%05d", canary, kind, w.n)
}

// click is a visit through a link.
func (w *world) click(link string) string {
	w.Helper()
	c, err := w.eng.RecordClick(w.ctx(), affiliate.Click{
		Link: link, Visitor: w.id("visitor"), CampaignID: w.id("campaign"), Sub: map[string]string{"sub1": w.id("sub")},
		Metadata: map[string]string{"user_agent": canary + " Mozilla/5.0", "ip": canary + " 203.0.113.0"},
	})
	w.must(err)
	return c.ClickID
}

// convert records something a customer did, and returns its id.
func (w *world) convert(kind, customer string, amount int64, c affiliate.Conversion) string {
	w.Helper()
	c.ID, c.Type, c.Customer, c.Amount = w.id("conv"), kind, customer, amount
	c.Metadata = map[string]string{"order": w.id("order"), "email": canary + "@customer.example"}
	_, err := w.eng.RecordConversion(w.ctx(), c)
	w.must(err)
	return c.ID
}

// customer comes through a link, signs up and subscribes.
func (w *world) customer(link string, amount int64, scope affiliate.Conversion) (customer, conversion string) {
	w.Helper()
	customer = w.id("cus")
	_, err := w.eng.Identify(w.ctx(), affiliate.Identify{Customer: customer, Click: w.click(link), Email: customer + "@customer.example"})
	w.must(err)
	w.convert(attribution.Signup, customer, 0, scope)
	w.convert(attribution.SubscriptionCreated, customer, 0, scope)
	return customer, w.convert(attribution.InvoicePaid, customer, amount, scope)
}

// year lives through twelve months of ada's: clicks every day, new customers who
// stay for a while, refunds, a review, payouts.
func (w *world) year(link string) {
	w.Helper()
	type subscriber struct {
		customer string
		amount   int64
		day      int
	}
	var paying []subscriber
	prices := []int64{2900, 4900, 9900, 29900}
	for d := range 365 {
		now := today.AddDate(-1, 0, d)
		w.clock.Set(now)
		for range w.rng.IntN(3 + d/60) {
			w.click([]string{link, "ada-blog", "ada-video"}[w.rng.IntN(3)])
		}
		if w.rng.IntN(100) < w.sales*(6+d/24) {
			price := prices[w.rng.IntN(len(prices))]
			customer, conv := w.customer(link, price, affiliate.Conversion{Program: cloud, Currency: "usd"})
			paying = append(paying, subscriber{customer, price, now.Day()})
			if w.rng.IntN(9) == 0 {
				_, err := w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: w.id("re"), Conversion: conv, Amount: price / int64(1+w.rng.IntN(2))})
				w.must(err)
			}
		}
		if d%17 == 3 {
			w.customer("ada-eu", 12000+int64(w.rng.IntN(9))*1000, affiliate.Conversion{Program: europe, Currency: "eur"})
		}
		for _, s := range paying {
			if s.day == now.Day() && w.rng.IntN(10) > 0 {
				w.convert(attribution.InvoicePaid, s.customer, s.amount, affiliate.Conversion{Program: cloud, Currency: "usd"})
			}
		}
		w.pay(now)
	}
	w.clock.Set(today)
	w.reviews(link)
	w.must(errOf(w.eng.RetireCode(w.ctx(), "OLD-ADA", time.Time{})))
}

// pay issues what is due on the first of a month, and settles it later.
func (w *world) pay(now time.Time) {
	w.Helper()
	if now.Day() == 2 {
		_, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
		w.must(err)
	}
	if now.Day() != 5 || now.After(today.AddDate(0, 0, -20)) {
		return
	}
	list, err := w.eng.Payouts(w.ctx(), "")
	w.must(err)
	for _, p := range list {
		to := payout.Paid
		if now.Month() == time.September {
			to = payout.Failed
		}
		if p.Status.Open() {
			_, err := w.eng.MovePayout(w.ctx(), p.ID, to, time.Time{})
			w.must(err)
		}
	}
}

// reviews are commissions in the states that a year does not bring by itself.
func (w *world) reviews(link string) {
	w.Helper()
	scope := affiliate.Conversion{Program: cloud, Currency: "usd"}
	_, held := w.customer(link, 4900, scope)
	_, rejected := w.customer(link, 4900, scope)
	_, back := w.customer(link, 9900, scope)
	for id, act := range map[string]func(context.Context, affiliate.CommissionRef, string, time.Time) (affiliate.FactResult, error){
		held: w.eng.HoldCommission, rejected: w.eng.RejectCommission,
	} {
		_, err := act(affiliate.WithActor(w.ctx(), canary+"-reviewer"), affiliate.CommissionRef{Conversion: id, Partner: "ada", Program: cloud, Rule: ruleShare}, canary+" reason", time.Time{})
		w.must(err)
	}
	_, err := w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: w.id("re"), Conversion: back, All: true})
	w.must(err)
	w.convert(attribution.InvoicePaid, w.id("cus"), 9900, affiliate.Conversion{Program: cloud, Currency: "usd", PromoCode: "ADA10"})
	w.convert(attribution.InvoicePaid, w.id("cus"), 9900, affiliate.Conversion{Program: cloud, Currency: "usd", Partner: "ada"})
}

// portal is the portal of the world; the header Partner is who asks.
func (w *world) portal(change ...func(*portal.Config)) http.Handler {
	w.Helper()
	cfg := portal.Config{
		Authenticate: func(r *http.Request) (string, error) {
			if id := r.Header.Get("Partner"); id != "" {
				return id, nil
			}
			return "", errors.New("nobody")
		},
		Key: []byte("0123456789abcdef0123456789abcdef"), BaseURL: "https://acme.example", Brand: portal.Brand{Name: "Acme Partners"},
	}
	for _, c := range change {
		c(&cfg)
	}
	h, err := portal.New(w.eng, cfg)
	require.NoError(w, err)
	return h
}

// home is where links lead.
func home() *string {
	address := "https://acme.example/"
	return &address
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
