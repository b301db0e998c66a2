package decision_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

// story decides conversions of one customer and returns who is credited, by the
// day of the conversion.
func (w *world) story(clicks []attribution.Click, sales ...commission.Sale) map[int][]string {
	out := map[int][]string{}
	decided := w.decide(decision.Customer{Clicks: clicks, Sales: sales})
	for _, s := range sales {
		out[int(s.At.Sub(day(0)).Hours()/24)] = credited(decided[s.ID])
	}
	return out
}

// tale is who should be credited, by the day of the conversion.
type tale struct {
	name   string
	clicks []attribution.Click
	sales  []commission.Sale
	want   map[int][]string
}

func clicks(list ...attribution.Click) []attribution.Click { return list }
func sales(list ...commission.Sale) []commission.Sale      { return list }

var (
	ada = []string{"ada/main=1"}
	bob = []string{"bob/main=1"}
)

func talesOfKeeping() []tale {
	free := sale(10, amount(0), typed("signup"))
	return []tale{
		{"keeps the customer, whatever the window says", clicks(click("ada", 5)), sales(sale(10), sale(740)), map[int][]string{10: ada, 740: ada}},
		{"another's later click does not move it", clicks(click("ada", 5), click("bob", 11)), sales(sale(10), sale(20)), map[int][]string{10: ada, 20: ada}},
		{"whatever its amount", clicks(click("ada", 5), click("bob", 11)), sales(free, sale(20)), map[int][]string{10: ada, 20: ada}},
		{"the first by time, not by arrival", clicks(click("ada", 5), click("bob", 11)), sales(sale(20), sale(10)), map[int][]string{10: ada, 20: ada}},
		{"an unattributed conversion sets none", clicks(click("ada", 11), click("bob", 15)), sales(sale(10), sale(20)), map[int][]string{10: nil, 20: bob}},
		{"from a code", clicks(click("ada", 11)), sales(sale(10, withCode("BOB10")), sale(20)), map[int][]string{10: bob, 20: bob}},
		{"from a match", clicks(click("ada", 11)), sales(sale(10, campaign("b")), sale(20)), map[int][]string{10: bob, 20: bob}},
		{"by hand", clicks(click("ada", 11)), sales(sale(10, byHand("bob")), sale(20)), map[int][]string{10: bob, 20: bob}},
	}
}

func talesOfReplacing() []tale {
	free, code := sale(10, amount(0), typed("signup")), sale(20, withCode("BOB10"))
	first := clicks(click("ada", 5))
	return []tale{
		{"the code of a renewal does not credit the customer of another", first, sales(sale(10), sale(20, withCode("BOB10"), renewal)), map[int][]string{10: ada, 20: ada}},
		{"nor before any money", first, sales(free, sale(20, withCode("BOB10"), renewal), sale(30)), map[int][]string{10: ada, 20: ada, 30: ada}},
		{"it credits one whom nobody led here", nil, sales(sale(10), sale(20, withCode("BOB10"), renewal), sale(30)), map[int][]string{10: nil, 20: bob, 30: bob}},
		{"a code credits its own conversion only, after money", first, sales(sale(10), code, sale(30)), map[int][]string{10: ada, 20: bob, 30: ada}},
		{"a code replaces it before any money", first, sales(free, code, sale(30)), map[int][]string{10: ada, 20: bob, 30: bob}},
		{
			"money that nobody was credited with is none", clicks(click("ada", 12)),
			sales(sale(10), sale(15, amount(0), typed("signup")), code, sale(30)),
			map[int][]string{10: nil, 15: ada, 20: bob, 30: bob},
		},
		{
			"the code's own money is not before it", nil, sales(sale(10, withCode("ADA10")), code, sale(30)),
			map[int][]string{10: ada, 20: bob, 30: ada},
		},
		{"a manual credit never replaces one", first, sales(free, sale(20, byHand("bob")), sale(30)), map[int][]string{10: ada, 20: bob, 30: ada}},
		{"nor does a match", first, sales(free, sale(20, campaign("b")), sale(30)), map[int][]string{10: ada, 20: ada, 30: ada}},
	}
}

func TestBinding(t *testing.T) {
	for _, c := range append(talesOfKeeping(), talesOfReplacing()...) {
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
	decided := w.decide(decision.Customer{Clicks: clicks, Sales: []commission.Sale{sale(10), sale(500)}})
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
	sales := []commission.Sale{sale(10), sale(20), sale(30, campaign("spring"))}
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

func talesOfBorrowing() []tale {
	main, shop := onProgram("main"), onProgram("shop")
	onShop := []string{"ada/shop=1"}
	return []tale{
		{"a named program takes the unnamed scope's", clicks(click("ada", 5), click("bob", 15)), sales(sale(10), sale(20, main)), map[int][]string{10: ada, 20: ada}},
		{
			"only if all its credits are on that program", clicks(click("ada", 5), clickOn("shop", "bob", 15)),
			sales(sale(10), sale(20, shop)),
			map[int][]string{10: ada, 20: {"bob/shop=1"}},
		},
		{
			"the unnamed scope takes a program's", clicks(clickOn("shop", "ada", 5), click("bob", 15)),
			sales(sale(10, shop), sale(20)),
			map[int][]string{10: onShop, 20: onShop},
		},
		{
			"the one set last", clicks(clickOn("shop", "ada", 5), click("bob", 6)),
			sales(sale(12, shop), sale(10, main), sale(20)),
			map[int][]string{12: onShop, 10: bob, 20: onShop},
		},
		{
			"the one set last, whichever program is older", clicks(click("ada", 5), clickOn("shop", "bob", 6)),
			sales(sale(7, main), sale(8, shop), sale(20)),
			map[int][]string{7: ada, 8: {"bob/shop=1"}, 20: {"bob/shop=1"}},
		},
		{
			"what is borrowed is the scope's own from then on", clicks(clickOn("shop", "ada", 5), click("bob", 6)),
			sales(sale(10, shop), sale(20), sale(30, main), sale(40)),
			map[int][]string{10: onShop, 20: onShop, 30: bob, 40: onShop},
		},
		{
			"its own comes first", clicks(click("ada", 5), click("bob", 15)),
			sales(sale(10, main), sale(20, withCode("EVE10")), sale(30)),
			map[int][]string{10: ada, 20: {"eve/main=1"}, 30: {"eve/main=1"}},
		},
		{
			"a code before money in this scope", clicks(click("ada", 5)),
			sales(sale(10), sale(20, main, withCode("EVE10")), sale(30, main), sale(40)),
			map[int][]string{10: ada, 20: {"eve/main=1"}, 30: {"eve/main=1"}, 40: ada},
		},
	}
}

func TestBorrowing(t *testing.T) {
	for _, c := range talesOfBorrowing() {
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
		Sales:  []commission.Sale{sale(10, onProgram("main")), sale(20), sale(30)},
	})
	how := decided["in_020"].Explanation
	require.True(t, how.Borrowed)
	require.Equal(t, "main", how.BorrowedFrom)
	require.False(t, decided["in_030"].Explanation.Borrowed)
	require.Equal(t, "in_020", decided["in_030"].Explanation.Binding.SetBy)
}

// A binding that is set elsewhere between the borrowing and the next conversion
// does not take the place of what was borrowed, also where the borrowing paid
// nobody.
func TestWhatIsBorrowedIsStoredWhateverItPays(t *testing.T) {
	story := func(w *world, emails ...string) decision.Outcome {
		w.program("shop", program.SettingsChange{})
		w.approve("bob", "shop", ever())
		decided := w.decide(decision.Customer{
			Clicks: []attribution.Click{click("ada", 5), clickOn("shop", "bob", 25)}, Emails: emails,
			Sales: []commission.Sale{sale(10, onProgram("main")), sale(20), sale(30, onProgram("shop")), sale(40)},
		})
		require.Equal(t, ada, credited(decided["in_010"]))
		require.True(t, decided["in_020"].Explanation.Borrowed)
		require.False(t, decided["in_020"].Attributed())
		require.Equal(t, []string{"bob/shop=1"}, credited(decided["in_030"]), "set last")
		require.Equal(t, ada, credited(decided["in_040"]))
		require.Equal(t, "in_020", decided["in_040"].Explanation.Binding.SetBy)
		return decided["in_020"]
	}
	t.Run("all void", func(t *testing.T) {
		w := newWorld(t)
		w.suspend("ada", day(15))
		w.change(program.Change{Kind: program.Reinstate, At: day(35), Partner: "ada"})
		require.Equal(t, []string{"(ada/main=1)"}, credited(story(w)))
	})
	t.Run("all left out", func(t *testing.T) {
		w := newWorld(t)
		for d, email := range map[int]string{15: "kim@acme", 35: "ada@acme"} {
			w.change(program.Change{Kind: program.EditPartner, At: day(d), Partner: "ada", Profile: &program.Profile{EmailKey: &email}})
		}
		out := story(w, "kim@acme")
		require.Empty(t, out.Credits)
		require.Equal(t, attribution.SelfReferral, out.Reason)
	})
}

// A borrowed binding keeps a partner who is left out once.
func TestWhatIsBorrowedIsStoredWhole(t *testing.T) {
	w := newWorld(t, program.SettingsChange{Model: ptr(attribution.Linear)})
	for d, email := range map[int]string{15: "kim@acme", 35: "ada@acme"} {
		w.change(program.Change{Kind: program.EditPartner, At: day(d), Partner: "ada", Profile: &program.Profile{EmailKey: &email}})
	}
	decided := w.decide(decision.Customer{
		Clicks: []attribution.Click{click("ada", 5), click("bob", 6)}, Emails: []string{"kim@acme"},
		Sales: []commission.Sale{sale(10, onProgram("main")), sale(20), sale(40)},
	})
	require.Equal(t, bob, credited(decided["in_020"]), "the others share the whole")
	require.Equal(t, []string{"ada/main=1/2", "bob/main=1/2"}, credited(decided["in_040"]))
}
