package decision_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

// drawWorld draws two programs with codes, overrides, suspensions and edits.
func drawWorld(t *rapid.T) *world {
	model := rapid.SampledFrom([]attribution.Model{attribution.LastClick, attribution.FirstClick, attribution.Linear, attribution.Position})
	binding := rapid.SampledFrom([]attribution.BindingMode{attribution.Sticky, attribution.Sticky, attribution.PerConversion})
	methods := rapid.Map(rapid.Permutation([]attribution.Method{attribution.Promo, attribution.Clicks, attribution.Match}), func(m []attribution.Method) *[]attribution.Method { return &m })
	capped := rule("every", commission.Every, "", commission.Percent)
	capped.Recurring, capped.Months = true, 1
	rules := []commission.Rule{
		capped, rule("first", commission.First, "invoice_paid", commission.Percent),
		rule("bonus", commission.First, "signup", commission.Fixed), rule("more", commission.Subsequent, "", commission.Percent),
	}
	draw := func(label string) program.SettingsChange {
		return program.SettingsChange{
			Model: ptr(model.Draw(t, label+" model")), Binding: ptr(binding.Draw(t, label+" binding")), Methods: methods.Draw(t, label+" methods"),
			WindowDays: ptr(rapid.IntRange(1, 40).Draw(t, label+" window")), Rules: rules,
		}
	}
	w := newWorld(t, draw("main"))
	w.program("shop", draw("shop"))
	w.approve("ada", "shop", day(rapid.IntRange(1, 20).Draw(t, "approved")))
	w.approve("bob", "shop", ever())
	w.code("ADA10", "ada", "main")
	w.code("BOBSHOP", "bob", "shop")
	w.matches("eve", spring(attribution.Equals, "spring"))
	w.edit(day(rapid.IntRange(1, 60).Draw(t, "edited")), draw("edit"))
	if rapid.Bool().Draw(t, "ends") {
		w.edit(day(rapid.IntRange(1, 60).Draw(t, "end edited")), program.SettingsChange{EndsAt: ptr(day(rapid.IntRange(20, 60).Draw(t, "end")))})
	}
	w.change(program.Change{Kind: program.Override, At: day(rapid.IntRange(1, 60).Draw(t, "override")), Partner: "bob", Program: "main", Terms: &program.TermsChange{Rules: percent("33.333333")}})
	if rapid.Bool().Draw(t, "suspended") {
		from := rapid.IntRange(1, 60).Draw(t, "from")
		w.suspend("ada", day(from))
		w.change(program.Change{Kind: program.Reinstate, At: day(from + rapid.IntRange(1, 30).Draw(t, "for")), Partner: "ada"})
	}
	return w
}

// drawCustomer draws a customer with clicks, conversions and what happened to
// them.
func drawCustomer(t *rapid.T) decision.Customer {
	c := decision.Customer{Emails: rapid.SampledFrom([][]string{nil, nil, {"x@acme"}, {"bob@acme"}}).Draw(t, "emails")}
	partner, on := rapid.SampledFrom([]string{"ada", "bob", "eve", ""}), rapid.SampledFrom([]string{"main", "main", "shop"})
	for i := range rapid.IntRange(0, 6).Draw(t, "clicks") {
		k := clickOn(on.Draw(t, "on"), partner.Draw(t, "partner"), rapid.IntRange(1, 60).Draw(t, "click day"))
		k.ID = fmt.Sprint("k", i)
		k.Flag = rapid.SampledFrom([]string{"", "", "", "bot"}).Draw(t, "flag")
		k.CampaignID = rapid.SampledFrom([]string{"", "spring"}).Draw(t, "campaign")
		if k.Partner == "" {
			k.Program = ""
		}
		c.Clicks = append(c.Clicks, k)
	}
	for i := range rapid.IntRange(1, 7).Draw(t, "sales") {
		s := sale(rapid.IntRange(1, 90).Draw(t, "day"))
		s.ID = fmt.Sprint("in_", i)
		s.Type = rapid.SampledFrom([]string{"invoice_paid", "invoice_paid", "signup"}).Draw(t, "type")
		s.Amount = rapid.Int64Range(0, 20_000).Draw(t, "amount") / 10_000 * rapid.Int64Range(1, 9_999).Draw(t, "cents")
		s.Program = rapid.SampledFrom([]string{"", "", "main", "shop"}).Draw(t, "program")
		s.PromoCode = rapid.SampledFrom([]string{"", "", "", "ADA10", "BOBSHOP", "NOPE"}).Draw(t, "code")
		s.Renewal = rapid.Bool().Draw(t, "renewal")
		s.Partner = rapid.SampledFrom([]string{"", "", "", "", "bob"}).Draw(t, "by hand")
		s.CampaignID = rapid.SampledFrom([]string{"", "", "spring"}).Draw(t, "own campaign")
		if rapid.Bool().Draw(t, "amended") {
			s.Facts = append(s.Facts, commission.Fact{Kind: commission.Amendment, At: day(95), Amount: rapid.Int64Range(0, 5000).Draw(t, "amended to")})
		}
		if rapid.Bool().Draw(t, "refunded") {
			s.Facts = append(s.Facts, commission.Fact{Kind: commission.Refund, ID: s.ID, At: day(94), Amount: rapid.Int64Range(0, 9000).Draw(t, "refund")})
		}
		c.Sales = append(c.Sales, s)
	}
	return c
}

// stored is what is kept of an outcome.
func stored(t require.TestingT, o decision.Outcome) string {
	data, err := json.Marshal(o)
	require.NoError(t, err)
	return string(data)
}

// Conversion by conversion, with the state stored in between and without the
// clicks where they cannot matter, everything comes out as from scratch.
func TestStepEqualsDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, c := drawWorld(t), drawCustomer(t)
		want, last, err := decision.Decide(w.Configuration, c)
		require.NoError(t, err)

		clicks, sales := slices.Clone(c.Clicks), slices.Clone(c.Sales)
		attribution.SortClicks(clicks)
		slices.SortFunc(sales, func(a, b commission.Sale) int {
			if attribution.Before(a.At, a.ID, b.At, b.ID) {
				return -1
			}
			return 1
		})
		state := &decision.State{}
		for i, s := range sales {
			require.True(t, state.Follows(s.Conversion))
			known := decision.Customer{Clicks: needed(w, state, c, s, clicks), Emails: c.Emails}
			got, err := state.Step(w.Configuration, known, s)
			require.NoError(t, err)
			require.Equal(t, stored(t, want[i]), stored(t, got))
			require.False(t, state.Follows(s.Conversion))
			data, err := json.Marshal(state)
			require.NoError(t, err)
			state = &decision.State{}
			require.NoError(t, json.Unmarshal(data, state))
		}
		data, err := json.Marshal(last)
		require.NoError(t, err)
		again, err := json.Marshal(state)
		require.NoError(t, err)
		require.JSONEq(t, string(data), string(again))
	})
}

// needed leaves the clicks out where a binding is read before any match, and
// does not fail.
func needed(w *world, state *decision.State, c decision.Customer, s commission.Sale, clicks []attribution.Click) []attribution.Click {
	id := s.Program
	if id == "" {
		id = "main"
	}
	p, _ := w.Program(id)
	settings, _ := p.At(s.At)
	first := slices.Index(settings.Methods, attribution.Clicks) < slices.Index(settings.Methods, attribution.Match)
	if settings.Binding == attribution.Sticky && first && state.Bound(s.Program) && !slices.Contains(c.Emails, "bob@acme") {
		return nil
	}
	return clicks
}

// The order in which facts are handed in says nothing.
func TestDecideDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, c := drawWorld(t), drawCustomer(t)
		other := decision.Customer{
			Emails: c.Emails, Clicks: rapid.Permutation(c.Clicks).Draw(t, "clicks order"), Sales: rapid.Permutation(c.Sales).Draw(t, "sales order"),
		}
		for i, s := range other.Sales {
			other.Sales[i].Facts = rapid.Permutation(s.Facts).Draw(t, "facts order")
		}
		one, two := w.decide(c), w.decide(other)
		require.Len(t, two, len(one))
		for id := range one {
			require.Equal(t, one[id], two[id])
		}
	})
}

// What the lines of one rule accrue adds up to the rounded sum of their exact
// amounts, shares never exceed one, and every outcome is accounted for.
func TestOutcomesConserve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, c := drawWorld(t), drawCustomer(t)
		for _, o := range w.decide(c) {
			share := new(big.Rat)
			for _, credit := range o.Credits {
				share.Add(share, big.NewRat(credit.Share.Num, credit.Share.Den))
			}
			require.LessOrEqual(t, share.Cmp(big.NewRat(1, 1)), 0)
			require.Equal(t, o.Attributed(), o.Reason == "" || o.Reason == attribution.NoRule)
			require.Equal(t, o.Reason == "", len(o.Lines) > 0)
			exact, whole := map[string]*big.Rat{}, map[string]int64{}
			for _, l := range o.Lines {
				key := fmt.Sprint(l.Program, l.Rule, l.Currency)
				if exact[key] == nil {
					exact[key] = new(big.Rat)
				}
				amount, ok := new(big.Rat).SetString(l.Exact)
				require.True(t, ok)
				exact[key].Add(exact[key], amount)
				whole[key] += l.Accrued
				require.Equal(t, l.At, l.MaturesAt, "nothing is held back here")
			}
			for key, sum := range exact {
				rounded, _ := new(big.Int).SetString(sum.FloatString(0), 10)
				require.Equal(t, rounded.Int64(), whole[key])
			}
		}
	})
}
