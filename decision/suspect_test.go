package decision_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

func suspect(c attribution.Click) attribution.Click {
	c.Suspect = "velocity"
	return c
}

// reviewed is the owner's review of ada's commission of an invoice.
func reviewed(kind commission.FactKind, invoice, at int) func(*commission.Sale) {
	return with(commission.Fact{
		Kind: kind, Conversion: sale(invoice).ID, Partner: "ada", Program: "main", Rule: "rev", At: day(at),
	})
}

// held writes which of the commissions are under review.
func held(o decision.Outcome) []string {
	var out []string
	for _, l := range o.Lines {
		if l.Held {
			out = append(out, l.Partner)
		}
	}
	return out
}

func TestSuspectClickIsATouchLikeAnyOther(t *testing.T) {
	w := newWorld(t)
	for name, clicks := range map[string][]attribution.Click{
		"alone":                  {suspect(click("ada", 5))},
		"after a clean one":      {click("bob", 3), suspect(click("ada", 5))},
		"which a flagged is not": {suspect(click("ada", 5)), func() attribution.Click { c := suspect(click("bob", 6)); c.Flag = "bot"; return c }()},
	} {
		t.Run(name, func(t *testing.T) {
			got := w.one(sale(10), clicks...)
			require.Equal(t, []string{"ada/main=1"}, credited(got))
			require.Equal(t, []string{"ada/main/rev=2000"}, paid(got), "it earns")
			require.True(t, got.Lines[0].Held)
			require.Equal(t, "velocity", got.Lines[0].Suspect)
			require.Equal(t, commission.Never, got.Lines[0].Maturity())
		})
	}
	got := w.one(sale(10), suspect(click("bob", 3)), click("ada", 5))
	require.Empty(t, held(got), "the credited click is clean")
	require.Equal(t, "velocity", got.Explanation.Touches[0].Suspect)
}

// Of partners who share a conversion only those with a suspect click wait.
func TestOnlyThePartnerOfASuspectClickWaits(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear)})
	got := w.one(sale(10), click("ada", 3), click("bob", 4), suspect(click("ada", 5)), click("eve", 6))
	require.Equal(t, []string{"ada"}, held(got))
	require.Len(t, got.Lines, 3)
}

func TestOwnersReviewOverridesTheSuspicion(t *testing.T) {
	w := newWorld(t)
	at := suspect(click("ada", 5))
	require.Empty(t, held(w.one(sale(10, reviewed(commission.Release, 10, 11)), at)))
	again := w.one(sale(10, reviewed(commission.Hold, 10, 12), reviewed(commission.Release, 10, 11)), at)
	require.Equal(t, []string{"ada"}, held(again), "in the order of time")
	require.Empty(t, again.Lines[0].Suspect, "it waits for another reason now")
	rejected := w.one(sale(10, reviewed(commission.Reject, 10, 11)), at)
	require.Empty(t, held(rejected))
	require.True(t, rejected.Lines[0].Rejected())
}

// What a suspect click bound starts under review as well, until the owner
// releases a commission of that partner.
func TestRenewalsOfASuspectClickWaitUntilOneIsReleased(t *testing.T) {
	for name, mode := range map[string]attribution.BindingMode{"sticky": attribution.Sticky, "per conversion": attribution.PerConversion} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, program.SettingsChange{Binding: &mode})
			waits := func(sales ...commission.Sale) (waiting []string) {
				out := w.decide(decision.Customer{Clicks: []attribution.Click{suspect(click("ada", 5))}, Sales: sales})
				for _, s := range sales {
					require.Equal(t, []string{"ada/main/rev=2000"}, paid(out[s.ID]))
					if len(held(out[s.ID])) > 0 {
						waiting = append(waiting, s.ID)
					}
				}
				return waiting
			}
			require.Equal(t, []string{"in_010", "in_020", "in_030"}, waits(sale(10), sale(20), sale(30)))
			require.Empty(t, waits(sale(10, reviewed(commission.Release, 10, 40)), sale(20), sale(30)), "whenever it is released")
			require.Equal(t, []string{"in_010"}, waits(sale(10), sale(20, reviewed(commission.Release, 20, 21)), sale(30)))
			require.Equal(t, []string{"in_020", "in_030"}, waits(sale(10, reviewed(commission.Reject, 10, 11)), sale(20), sale(30)))
			require.Equal(t, []string{"in_010", "in_020"},
				waits(sale(10, reviewed(commission.Release, 10, 11), reviewed(commission.Hold, 10, 12)), sale(20), sale(30, reviewed(commission.Release, 30, 31))))
			require.Equal(t, []string{"in_030"}, waits(sale(10, reviewed(commission.Release, 10, 11)), sale(20), sale(30, reviewed(commission.Hold, 30, 31))))
		})
	}
}

// A sale that moves to another partner is a new commission there, not under
// review unless that partner's own click is suspect.
func TestSuspicionStaysWithItsClick(t *testing.T) {
	w := newWorld(t)
	got := w.one(sale(10), suspect(click("ada", 5)), click("bob", 6))
	require.Equal(t, []string{"bob/main/rev=2000"}, paid(got))
	require.Empty(t, held(got))
	w.code("BOB", "bob", "main")
	got = w.one(sale(10, withCode("BOB")), suspect(click("bob", 5)))
	require.Empty(t, held(got), "the code earned it, not the click")
}

// A match that only the tags of a suspect click make is what that click earns.
func TestMatchByTheTagsOfASuspectClickWaits(t *testing.T) {
	w := newWorld(t)
	w.matches("ada", attribution.Condition{Field: "campaignId", Op: attribution.Equals, Value: "spring"})
	tagged := suspect(attribution.Click{ID: "k5", At: day(5), CampaignID: "spring"})
	require.Equal(t, []string{"ada"}, held(w.one(sale(10), tagged)))
	require.Empty(t, held(w.one(sale(10, campaign("spring")), tagged)), "the conversion says so itself")
}

func TestStateKeepsWhomTheOwnerVouchedFor(t *testing.T) {
	w := newWorld(t)
	clicks := []attribution.Click{suspect(click("ada", 5))}
	_, state, err := decision.Decide(w.Configuration, decision.Customer{Clicks: clicks, Sales: []commission.Sale{sale(10, reviewed(commission.Release, 10, 11))}})
	require.NoError(t, err)
	text, err := json.Marshal(state)
	require.NoError(t, err)
	require.Equal(t, string(text), string(state.AppendJSON(nil)))
	var read decision.State
	require.NoError(t, json.Unmarshal(text, &read))
	next, err := read.Step(w.Configuration, decision.Customer{Clicks: clicks}, sale(20))
	require.NoError(t, err)
	require.Empty(t, held(next))
	line := w.one(sale(10), clicks...).Lines[0]
	text, err = json.Marshal(line)
	require.NoError(t, err)
	require.Equal(t, string(text), string(line.AppendJSON(nil)))
}
