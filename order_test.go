package affiliate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// fact is something that reaches the Engine, at any moment.
type fact struct {
	what   string
	tell   func(d demo) error
	record func(r recorder) error // nil: a change of the configuration
}

// recorder takes facts, one by one or as a batch.
type recorder interface {
	RecordClick(affiliate.Click) (affiliate.ClickResult, error)
	Identify(affiliate.Identify) (affiliate.IdentifyResult, error)
	RecordConversion(affiliate.Conversion) (affiliate.ConversionResult, error)
	RecordRefund(affiliate.Refund) (affiliate.FactResult, error)
	FailRefund(refundID, conversion string, failedAt time.Time) (affiliate.FactResult, error)
	RecordDispute(affiliate.Dispute) (affiliate.FactResult, error)
	AmendConversion(conversion string, amount int64, amendedAt time.Time) (affiliate.FactResult, error)
}

var _ recorder = (*affiliate.Tx)(nil)

// one records facts one by one.
type one struct{ demo }

func (o one) RecordClick(in affiliate.Click) (affiliate.ClickResult, error) {
	return o.demo.RecordClick(o, in)
}

func (o one) Identify(in affiliate.Identify) (affiliate.IdentifyResult, error) {
	return o.demo.Identify(o, in)
}

func (o one) RecordConversion(in affiliate.Conversion) (affiliate.ConversionResult, error) {
	return o.demo.RecordConversion(o, in)
}

func (o one) RecordRefund(in affiliate.Refund) (affiliate.FactResult, error) {
	return o.demo.RecordRefund(o, in)
}

func (o one) FailRefund(id, conversion string, at time.Time) (affiliate.FactResult, error) {
	return o.demo.FailRefund(o, id, conversion, at)
}

func (o one) RecordDispute(in affiliate.Dispute) (affiliate.FactResult, error) {
	return o.demo.RecordDispute(o, in)
}

func (o one) AmendConversion(conversion string, amount int64, at time.Time) (affiliate.FactResult, error) {
	return o.demo.AmendConversion(o, conversion, amount, at)
}

// story draws dated facts about a few customers, and what an owner does
// meanwhile.
type story struct {
	*rapid.T
	facts []fact
}

func (s *story) add(tell func(d demo) error, format string, args ...any) {
	s.facts = append(s.facts, fact{what: fmt.Sprintf(format, args...), tell: tell})
}

func (s *story) say(record func(r recorder) error, format string, args ...any) {
	tell := func(d demo) error { return record(one{d}) }
	s.facts = append(s.facts, fact{fmt.Sprintf(format, args...), tell, record})
}

func (s *story) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(s.T, label)
}

// on draws a time; the minutes keep configuration changes apart.
func (s *story) on(label string, minute int) time.Time {
	return march(rapid.IntRange(1, 60).Draw(s.T, label)).Add(time.Duration(minute) * time.Minute)
}

func (s *story) clicks() {
	for i := range rapid.IntRange(0, 4).Draw(s.T, "clicks") {
		in := affiliate.Click{
			ID: fmt.Sprint("k", i), At: s.on("click", 0), Partner: s.pick("partner", "ada", "bob", "eve", ""), Visitor: s.pick("visitor", "", "v1", "v2"),
			CampaignID: s.pick("campaign", "", "spring"), Flag: s.pick("flag", "", "", "", "bot"),
		}
		if in.Partner != "" {
			in.Program = s.pick("program", "main", "main", "shop")
		}
		s.say(func(r recorder) error { _, err := r.RecordClick(in); return err }, "%+v", in)
	}
}

func (s *story) identifies() {
	for range rapid.IntRange(0, 4).Draw(s.T, "identifies") {
		in := affiliate.Identify{
			At: s.on("identify", 1), Customer: s.pick("who", "c1", "c2", "c3"), Visitor: s.pick("visitor", "", "v1", "v2"),
			Click: s.pick("click", "", "", "k0", "k1", "k9"), Alias: s.pick("alias", "", "", "", "c2", "c4"), Email: s.pick("email", "", "", "", "Ada+x@acme.test"),
		}
		s.say(func(r recorder) error { _, err := r.Identify(in); return err }, "%+v", in)
	}
}

func (s *story) sales() {
	for i := range rapid.IntRange(1, 5).Draw(s.T, "sales") {
		in := affiliate.Conversion{
			ID: fmt.Sprint("in_", i), At: s.on("sale", 2), Type: s.pick("type", "", "", "signup"), Customer: s.pick("customer", "c1", "c1", "c2", "c3", "c4", ""),
			Amount: rapid.Int64Range(0, 3).Draw(s.T, "amount") * 3333, PromoCode: s.pick("code", "", "", "", "BOB10"), Click: s.pick("carries", "", "", "", "k0", "k1"), Referral: s.pick("referral", "", "", "", "ada-blog", "nobody"),
			Renewal: rapid.Bool().Draw(s.T, "renewal"),
			Partner: s.pick("manual", "", "", "", "", "ada"), Program: s.pick("scope", "", "", "main", "shop"), CampaignID: s.pick("tag", "", "", "", "spring"),
		}
		s.say(func(r recorder) error { _, err := r.RecordConversion(in); return err }, "%+v", in)
		s.later(in)
	}
}

// later draws what happens to a conversion. Together the refunds stay below its
// amount, which amendments only raise: one that is refused is not a fact.
func (s *story) later(in affiliate.Conversion) {
	if rapid.Bool().Draw(s.T, "all") {
		re := affiliate.Refund{ID: in.ID, Conversion: in.ID, All: true, At: s.on("refund", 3)}
		s.say(func(r recorder) error { _, err := r.RecordRefund(re); return err }, "%+v", re)
	} else if in.Amount >= 3 {
		for i := range rapid.IntRange(0, 2).Draw(s.T, "refunds") {
			re := affiliate.Refund{ID: fmt.Sprint(in.ID, i), Conversion: in.ID, Amount: in.Amount / 3, At: s.on("refund", 3)}
			s.say(func(r recorder) error { _, err := r.RecordRefund(re); return err }, "%+v", re)
		}
	}
	if rapid.IntRange(0, 3).Draw(s.T, "failure") == 0 {
		at := s.on("failed", 4)
		s.say(func(r recorder) error { _, err := r.FailRefund(in.ID, in.ID, at); return err }, "refund %s failed at %v", in.ID, at)
	}
	if status := s.pick("dispute", "", "", "open", "lost", "won"); status != "" {
		dp := affiliate.Dispute{ID: in.ID, Conversion: in.ID, Amount: in.Amount / 2, All: in.Amount < 2, Status: commission.DisputeStatus(status), At: s.on("disputed", 5)}
		s.say(func(r recorder) error { _, err := r.RecordDispute(dp); return err }, "%+v", dp)
	}
	if rapid.IntRange(0, 3).Draw(s.T, "amended") == 0 {
		at, amount := s.on("amendment", 6), in.Amount+rapid.Int64Range(0, 999).Draw(s.T, "more")
		s.say(func(r recorder) error { _, err := r.AmendConversion(in.ID, amount, at); return err }, "%s amended to %d at %v", in.ID, amount, at)
	}
}

// owner draws what the owner changes, from some time on.
func (s *story) owner() {
	model := attribution.Model(s.pick("model", "last_click", "first_click", "linear", "position"))
	edits := []func(at time.Time) func(d demo) error{
		func(at time.Time) func(d demo) error {
			return func(d demo) error {
				return errOf(d.EditProgram(d, "main", program.SettingsChange{Model: &model, HoldbackDays: pointer(3)}, at))
			}
		},
		func(at time.Time) func(d demo) error {
			return func(d demo) error {
				return errOf(d.EditProgram(d, "shop", program.SettingsChange{Rules: tieredRules(false), EndsAt: pointer(march(50))}, at))
			}
		},
		func(at time.Time) func(d demo) error {
			return func(d demo) error {
				return errOf(d.OverrideTerms(d, "bob", "main", program.TermsChange{Rules: tieredRules(false)}, at))
			}
		},
		func(at time.Time) func(d demo) error {
			return func(d demo) error { return errOf(d.SuspendPartner(d, "ada", at)) }
		},
		func(at time.Time) func(d demo) error {
			return func(d demo) error { return errOf(d.ReinstatePartner(d, "ada", at)) }
		},
		func(at time.Time) func(d demo) error {
			return func(d demo) error { return errOf(d.ApprovePartnership(d, "eve", "main", at)) }
		},
		func(at time.Time) func(d demo) error {
			return func(d demo) error { return errOf(d.RetireCode(d, "BOB10", at)) }
		},
		func(at time.Time) func(d demo) error {
			return func(d demo) error {
				return errOf(d.EditPartner(d, "ada", program.Profile{Email: pointer("ada@acme.test")}, at))
			}
		},
		func(at time.Time) func(d demo) error {
			match := []attribution.Condition{{Field: "campaignId", Op: attribution.Equals, Value: "spring"}}
			return func(d demo) error { return errOf(d.EditPartner(d, "bob", program.Profile{Match: &match}, at)) }
		},
	}
	for i, edit := range edits {
		if rapid.IntRange(0, 2).Draw(s.T, "edited") == 0 {
			at := s.on("edit", 10+i)
			s.add(edit(at), "edit %d at %v", i, at)
		}
	}
}

// tieredRules pay 10 % of everything, more from the third conversion of a month
// on, and a bonus on the first invoice.
func tieredRules(progressive bool) []commission.Rule {
	return []commission.Rule{
		{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "10", Tiers: &commission.Tiers{
			Metric: commission.Conversions, Period: commission.PerMonth, Retroactive: pointer(!progressive),
			Thresholds: []commission.Threshold{{At: 2, Value: "12.5"}, {At: 3, Value: "33.333333"}},
		}},
		{ID: "bonus", Trigger: commission.First, EventType: "invoice_paid", Type: commission.Fixed, Value: "777"},
	}
}

// newOrderDemo has two programs, ada and bob approved on both, and eve on
// neither. All are paid daily.
func newOrderDemo(t *rapid.T) demo {
	clock, store := affiliatetest.NewClock(march(90)), memory.New()
	eng, err := affiliate.New(store, affiliate.Config{Now: clock.Now})
	require.NoError(t, err)
	d := demo{eng, t.Context(), clock, store}
	for i, id := range []string{"main", "shop"} {
		settings := program.SettingsChange{DestinationURL: home(), Rules: tieredRules(i == 0), Model: pointer(attribution.Linear)}
		require.NoError(t, errOf(d.CreateProgram(d, id, settings, affiliate.Always())))
	}
	for _, p := range orderPartners {
		require.NoError(t, errOf(d.CreatePartner(d, p, program.Profile{Payout: payout.Schedule{Cadence: payout.Daily}.Change()}, affiliate.Always())))
		if p != "eve" {
			require.NoError(t, errOf(d.ApprovePartnership(d, p, "main", affiliate.Always())))
			require.NoError(t, errOf(d.ApprovePartnership(d, p, "shop", affiliate.Always())))
		}
	}
	require.NoError(t, errOf(d.AddLink(d, affiliate.Link{Key: "ada-blog", Partner: "ada", Program: "shop", EffectiveAt: affiliate.Always()})))
	require.NoError(t, errOf(d.AddCode(d, affiliate.Code{Code: "BOB10", Partner: "bob", Program: "main", EffectiveAt: affiliate.Always()})))
	return d
}

var orderPartners = []string{"ada", "bob", "eve"}

// after tells a fresh Engine the facts and does something after each. It
// returns who is credited and what all commissions and balances stand at; and
// what that comes to, whether it is paid or not.
func after(t *rapid.T, facts []fact, then func(d demo, i int)) (standing, owed []string) {
	d := newOrderDemo(t)
	for i, f := range facts {
		require.NoError(t, f.tell(d), f.what)
		then(d, i)
	}
	standing, owed = outcome(t, d)
	require.NoError(t, affiliatetest.Settle(d, d.Engine))
	settledStanding, settledOwed := outcome(t, d)
	require.Equal(t, settledStanding, standing, "what is read ahead of settlement")
	require.Equal(t, settledOwed, owed)
	d.addUp(t, orderPartners)
	problems, err := affiliatetest.Verify(d, d.store, d.Organization())
	require.NoError(t, err)
	require.Empty(t, problems)
	return standing, owed
}

// outcome reads what commissions and balances stand at, and what that comes to.
func outcome(t *rapid.T, d demo) (standing, owed []string) {
	for _, p := range orderPartners {
		page, err := d.Commissions(d, p, "", 500)
		require.NoError(t, err)
		for _, c := range page.Commissions {
			if c.Amount != 0 {
				standing = append(standing, fmt.Sprintf("%+v", c))
				owed = append(owed, fmt.Sprint(c.ID, " ", c.Amount))
			}
		}
		balances, err := d.Balances(d, p, march(45))
		require.NoError(t, err)
		for _, b := range balances {
			if b.Payable != 0 || b.Pending != 0 {
				standing = append(standing, fmt.Sprintf("%+v", b))
			}
			if sum := b.Payable + b.Pending + b.InPayout + b.Paid; sum != 0 {
				owed = append(owed, fmt.Sprint(p, " ", b.Currency, " ", sum))
			}
		}
	}
	for i := range 5 {
		res, err := d.Conversion(d, fmt.Sprint("in_", i))
		if affiliate.ErrorCode(err) != "not_found" {
			require.NoError(t, err)
			standing = append(standing, fmt.Sprintf("%s %+v %s", res.ConversionID, res.Credits, res.Reason))
		}
	}
	return standing, owed
}

func drawStory(t *rapid.T) []fact {
	s := &story{T: t}
	s.clicks()
	s.identifies()
	s.sales()
	s.owner()
	return s.facts
}

// The same facts with the same times end in the same credits, commissions and
// balances, whatever the order they arrive in and whenever it is settled.
func TestAnyOrderEndsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawStory(t)
		settled := rapid.SliceOfN(rapid.Bool(), len(facts), len(facts)).Draw(t, "settled")
		want, _ := after(t, facts, func(demo, int) {})
		got, _ := after(t, rapid.Permutation(facts).Draw(t, "order"), func(d demo, i int) {
			if settled[i] {
				_, err := d.Settle(d, 0)
				require.NoError(t, err)
			}
		})
		require.Equal(t, want, got)
	})
}

// With payouts in between, some of which fail, paid and balance together are
// equal.
func TestAnyOrderWithPayoutsOwesTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawStory(t)
		runs := rapid.SliceOfN(rapid.SampledFrom([]payout.Status{"", "", payout.Issued, payout.Paid, payout.Failed}), len(facts), len(facts)).Draw(t, "runs")
		_, want := after(t, facts, func(demo, int) {})
		_, got := after(t, rapid.Permutation(facts).Draw(t, "order"), func(d demo, i int) {
			if runs[i] == "" {
				return
			}
			issued, err := d.RunPayouts(d, affiliate.PayoutRun{At: march(20 + 2*i)})
			require.NoError(t, err)
			for _, p := range issued {
				if runs[i] != payout.Issued {
					_, err := d.MovePayout(d, p.ID, runs[i], march(20+2*i))
					require.NoError(t, err)
				}
			}
		})
		require.Equal(t, want, got)
	})
}

// inBatches makes one fact of some facts that follow each other, each.
func inBatches(t *rapid.T, facts []fact) []fact {
	var list []fact
	var batch []fact
	for _, f := range append(facts, fact{}) {
		full := f.record == nil || rapid.IntRange(0, 3).Draw(t, "full") == 0
		if full && len(batch) > 0 {
			together, what := batch, ""
			for _, f := range batch {
				what += f.what + "; "
			}
			list, batch = append(list, fact{what: what, tell: func(d demo) error { return d.together(together) }}), nil
		}
		switch {
		case f.record != nil:
			batch = append(batch, f)
		case f.tell != nil:
			list = append(list, f)
		}
	}
	return list
}

func (d demo) together(facts []fact) error {
	return d.Atomically(d, func(b *affiliate.Tx) error {
		for _, f := range facts {
			if err := f.record(b); err != nil {
				return err
			}
		}
		return nil
	})
}

// Facts that arrive as batches end the same as facts that arrive one by one.
func TestBatchesEndTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := drawStory(t)
		want, _ := after(t, facts, func(demo, int) {})
		got, _ := after(t, inBatches(t, rapid.Permutation(facts).Draw(t, "order")), func(d demo, i int) {
			if i%3 == 0 {
				_, err := d.Settle(d, 0)
				require.NoError(t, err)
			}
		})
		require.Equal(t, want, got)
	})
}
