package decision_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

// story decides conversions of one customer and returns who is credited, by the
// day of the conversion.
func (w *world) story(clicks []attribution.Click, sales ...decision.Sale) map[int][]string {
	out := map[int][]string{}
	decided := w.decide(decision.Customer{Clicks: clicks, Sales: sales})
	for _, s := range sales {
		out[int(s.At.Sub(day(0)).Hours()/24)] = credited(decided[s.ID])
	}
	return out
}

func TestBinding(t *testing.T) {
	ada, bob := []string{"ada/main=1"}, []string{"bob/main=1"}
	free := amount(0)
	for _, c := range []struct {
		name   string
		clicks []attribution.Click
		sales  []decision.Sale
		want   map[int][]string
	}{
		{"keeps the customer, whatever the window says", []attribution.Click{click("ada", 5)},
			[]decision.Sale{sale(10), sale(740)}, map[int][]string{10: ada, 740: ada}},
		{"another partner's later click does not move it", []attribution.Click{click("ada", 5), click("bob", 11)},
			[]decision.Sale{sale(10), sale(20)}, map[int][]string{10: ada, 20: ada}},
		{"whatever its amount", []attribution.Click{click("ada", 5), click("bob", 11)},
			[]decision.Sale{sale(10, free, typed("signup")), sale(20)}, map[int][]string{10: ada, 20: ada}},
		{"the first by time, not by arrival", []attribution.Click{click("ada", 5), click("bob", 11)},
			[]decision.Sale{sale(20), sale(10)}, map[int][]string{10: ada, 20: ada}},
		{"an unattributed conversion sets none", []attribution.Click{click("ada", 11), click("bob", 15)},
			[]decision.Sale{sale(10), sale(20)}, map[int][]string{10: nil, 20: bob}},
		{"from a code", []attribution.Click{click("ada", 11)},
			[]decision.Sale{sale(10, withCode("BOB10")), sale(20)}, map[int][]string{10: bob, 20: bob}},
		{"from a match", []attribution.Click{click("ada", 11)},
			[]decision.Sale{sale(10, campaign("b")), sale(20)}, map[int][]string{10: bob, 20: bob}},
		{"by hand", []attribution.Click{click("ada", 11)},
			[]decision.Sale{sale(10, byHand("bob")), sale(20)}, map[int][]string{10: bob, 20: bob}},

		{"a code credits its own conversion only, after money", []attribution.Click{click("ada", 5)},
			[]decision.Sale{sale(10), sale(20, withCode("BOB10")), sale(30)}, map[int][]string{10: ada, 20: bob, 30: ada}},
		{"a code replaces it before any money", []attribution.Click{click("ada", 5)},
			[]decision.Sale{sale(10, free, typed("signup")), sale(20, withCode("BOB10")), sale(30)}, map[int][]string{10: ada, 20: bob, 30: bob}},
		{"money that nobody was credited with is none", []attribution.Click{click("ada", 12)},
			[]decision.Sale{sale(10), sale(15, free, typed("signup")), sale(20, withCode("BOB10")), sale(30)}, map[int][]string{10: nil, 15: ada, 20: bob, 30: bob}},
		{"the code's own money is not before it", nil,
			[]decision.Sale{sale(10, withCode("ADA10")), sale(20, withCode("BOB10")), sale(30)}, map[int][]string{10: ada, 20: bob, 30: ada}},
		{"a manual credit never replaces one", []attribution.Click{click("ada", 5)},
			[]decision.Sale{sale(10, free, typed("signup")), sale(20, byHand("bob")), sale(30)}, map[int][]string{10: ada, 20: bob, 30: ada}},
		{"nor does a match", []attribution.Click{click("ada", 5)},
			[]decision.Sale{sale(10, free, typed("signup")), sale(20, campaign("b")), sale(30)}, map[int][]string{10: ada, 20: ada, 30: ada}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.code("ADA10", "ada", "main")
			w.code("BOB10", "bob", "main")
			w.matches("bob", spring(attribution.Equals, "b"))
			require.Equal(t, c.want, w.story(c.clicks, c.sales...))
			for i := range c.sales {
				c.sales[i].Program = "main"
			}
			require.Equal(t, c.want, w.story(c.clicks, c.sales...), "in a named scope the same")
		})
	}
}

// A model that is changed later does not move a binding, and the shares stay.
func TestBindingKeepsItsShares(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear)})
	w.edit(day(11), program.SettingsChange{Model: ptr(attribution.LastClick)})
	clicks := []attribution.Click{click("ada", 3), click("bob", 5), click("eve", 7)}
	decided := w.decide(decision.Customer{Clicks: clicks, Sales: []decision.Sale{sale(10), sale(500)}})
	require.Equal(t, []string{"ada/main/rev=667", "bob/main/rev=667", "eve/main/rev=666"}, paid(decided["in_500"]))
	binding := decided["in_500"].Explanation.Binding
	require.Equal(t, "in_010", binding.SetBy)
	require.Equal(t, day(10), binding.SetAt)
	require.Empty(t, decided["in_500"].Explanation.Model)
}

func TestPerConversion(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Binding: ptr(attribution.PerConversion)})
	clicks := []attribution.Click{click("ada", 5), click("bob", 11)}
	require.Equal(t, map[int][]string{10: {"ada/main=1"}, 20: {"bob/main=1"}, 200: nil}, w.story(clicks, sale(10), sale(20), sale(200)))

	w.edit(day(20), program.SettingsChange{Binding: ptr(attribution.Sticky)})
	require.Equal(t, map[int][]string{10: {"ada/main=1"}, 20: {"bob/main=1"}, 200: {"bob/main=1"}}, w.story(clicks, sale(10), sale(20), sale(200)),
		"what was not stored cannot be read")
	w.edit(day(100), program.SettingsChange{Binding: ptr(attribution.PerConversion)})
	require.Equal(t, map[int][]string{20: {"bob/main=1"}, 200: nil}, w.story(clicks, sale(20), sale(200)), "nor is what was stored")
}

func TestVoidCredits(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear)})
	w.matches("eve", spring(attribution.Equals, "spring"))
	w.suspend("ada", day(15))
	clicks := []attribution.Click{click("ada", 3), click("bob", 5)}
	sales := []decision.Sale{sale(10), sale(20), sale(30, campaign("spring"))}
	decided := w.decide(decision.Customer{Clicks: clicks, Sales: sales})
	require.Equal(t, []string{"(ada/main=1/2)", "bob/main=1/2"}, credited(decided["in_020"]))
	require.Equal(t, []string{"bob/main/rev=1000"}, paid(decided["in_020"]), "the share is paid to nobody")
	require.True(t, decided["in_020"].Attributed())

	w.suspend("bob", day(25))
	decided = w.decide(decision.Customer{Clicks: clicks, Sales: sales})
	require.Equal(t, attribution.PartnerSuspended, decided["in_030"].Reason)
	require.False(t, decided["in_030"].Attributed(), "all are void, and no later method is tried")
	require.Equal(t, attribution.Clicks, decided["in_030"].Explanation.Method)

	w.change(program.Change{Kind: program.Reinstate, At: day(40), Partner: "ada"})
	decided = w.decide(decision.Customer{Clicks: clicks, Sales: append(sales, sale(50))})
	require.Equal(t, []string{"ada/main=1/2", "(bob/main=1/2)"}, credited(decided["in_050"]), "the binding is as it was")
}

func TestBorrowing(t *testing.T) {
	main, shop := onProgram("main"), onProgram("shop")
	for _, c := range []struct {
		name   string
		clicks []attribution.Click
		sales  []decision.Sale
		want   map[int][]string
	}{
		{"a named program takes the unnamed scope's", []attribution.Click{click("ada", 5), click("bob", 15)},
			[]decision.Sale{sale(10), sale(20, main)}, map[int][]string{10: {"ada/main=1"}, 20: {"ada/main=1"}}},
		{"only if all its credits are on that program", []attribution.Click{click("ada", 5), clickOn("shop", "bob", 15)},
			[]decision.Sale{sale(10), sale(20, shop)}, map[int][]string{10: {"ada/main=1"}, 20: {"bob/shop=1"}}},
		{"the unnamed scope takes a program's", []attribution.Click{clickOn("shop", "ada", 5), click("bob", 15)},
			[]decision.Sale{sale(10, shop), sale(20)}, map[int][]string{10: {"ada/shop=1"}, 20: {"ada/shop=1"}}},
		{"the one set last", []attribution.Click{clickOn("shop", "ada", 5), click("bob", 6)},
			[]decision.Sale{sale(12, shop), sale(10, main), sale(20)}, map[int][]string{12: {"ada/shop=1"}, 10: {"bob/main=1"}, 20: {"ada/shop=1"}}},
		{"what is borrowed is the scope's own from then on", []attribution.Click{clickOn("shop", "ada", 5), click("bob", 6)},
			[]decision.Sale{sale(10, shop), sale(20), sale(30, main), sale(40)},
			map[int][]string{10: {"ada/shop=1"}, 20: {"ada/shop=1"}, 30: {"bob/main=1"}, 40: {"ada/shop=1"}}},
		{"the one set last, whichever program is older", []attribution.Click{click("ada", 5), clickOn("shop", "bob", 6)},
			[]decision.Sale{sale(7, main), sale(8, shop), sale(20)}, map[int][]string{7: {"ada/main=1"}, 8: {"bob/shop=1"}, 20: {"bob/shop=1"}}},
		{"its own comes first", []attribution.Click{click("ada", 5), click("bob", 15)},
			[]decision.Sale{sale(10, main), sale(20, withCode("EVE10")), sale(30)},
			map[int][]string{10: {"ada/main=1"}, 20: {"eve/main=1"}, 30: {"eve/main=1"}}},
		{"a code before money in this scope", []attribution.Click{click("ada", 5)},
			[]decision.Sale{sale(10), sale(20, main, withCode("EVE10")), sale(30, main), sale(40)},
			map[int][]string{10: {"ada/main=1"}, 20: {"eve/main=1"}, 30: {"eve/main=1"}, 40: {"ada/main=1"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.program("shop", program.SettingsChange{})
			w.approve("ada", "shop", ever())
			w.approve("bob", "shop", ever())
			w.code("EVE10", "eve", "main")
			require.Equal(t, c.want, w.story(c.clicks, c.sales...))
		})
	}
}

func TestBorrowingIsExplained(t *testing.T) {
	w := newWorld(t)
	decided := w.decide(decision.Customer{
		Clicks: []attribution.Click{click("ada", 5)},
		Sales:  []decision.Sale{sale(10, onProgram("main")), sale(20), sale(30)},
	})
	how := decided["in_020"].Explanation
	require.True(t, how.Borrowed)
	require.Equal(t, "main", how.BorrowedFrom)
	require.False(t, decided["in_030"].Explanation.Borrowed)
	require.Equal(t, "in_020", decided["in_030"].Explanation.Binding.SetBy)
}

// What is borrowed is stored even when all of it is void.
func TestBorrowingVoid(t *testing.T) {
	w := newWorld(t)
	w.suspend("ada", day(15))
	w.change(program.Change{Kind: program.Reinstate, At: day(35), Partner: "ada"})
	got := w.story([]attribution.Click{click("ada", 5), click("bob", 12)},
		sale(10, onProgram("main")), sale(20), sale(30, onProgram("main"), withCode("NOPE")), sale(40))
	require.Equal(t, []string{"(ada/main=1)"}, got[20])
	require.Equal(t, []string{"ada/main=1"}, got[40])
}
