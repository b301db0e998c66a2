package storagetest

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

func pageCases() []check {
	return []check{
		{"ListAnchors", listAnchors},
		{"Events", events},
		{"Notes by kind", notesByKind},
		{"CustomersSince", customersSince},
		{"AdjustmentPage", adjustmentPage},
		{"CommissionPage in order", commissionPage},
		{"CommissionPage while commissions come in", commissionPageInserts},
		{"CommissionPage after a cursor that no page returned", badCursor},
	}
}

func listAnchors(t T, s storage.Store) {
	for _, key := range []string{"b", "a", "B", "ä", "aa", "10", "9", "\x01guest:1"} {
		write(t, s, gates(gate("customer", key, 0)))
	}
	write(t, s, gates(gate("visitor", "a", 0)))
	list := func(after string, limit int) []string {
		var keys []string
		for _, a := range ok[[]storage.Anchor](t)(s.ListAnchors(t.Context(), org, "customer", after, limit)) {
			keys = append(keys, a.Key)
		}
		return keys
	}
	inOrder(t, "all", list("", 99), []string{"\x01guest:1", "10", "9", "B", "a", "aa", "b", "ä"})
	inOrder(t, "the first", list("", 2), []string{"\x01guest:1", "10"})
	inOrder(t, "after 10", list("10", 3), []string{"9", "B", "a"})
	inOrder(t, "after a key that is not there", list("aaa", 99), []string{"b", "ä"})
	inOrder(t, "after the last", list("ä", 99), nil)
	inOrder(t, "none", list("", 0), nil)
	if a := ok[[]storage.Anchor](t)(s.ListAnchors(t.Context(), org, "click", "", 9)); len(a) > 0 {
		t.Errorf("anchors of a kind that nobody wrote: %+v", a)
	}
}

func events(t T, s storage.Store) {
	for _, id := range []string{"b", "a", "10", "9", "B"} {
		write(t, s, storage.Change{Events: []storage.Event{{ID: id, At: at(1)}}})
	}
	list := func(after string, limit int) []string {
		var ids []string
		for _, e := range ok[[]storage.Event](t)(s.Events(t.Context(), org, after, limit)) {
			ids = append(ids, e.ID)
		}
		return ids
	}
	inOrder(t, "all", list("", 99), []string{"10", "9", "B", "a", "b"})
	inOrder(t, "two after 10", list("10", 2), []string{"9", "B"})
	inOrder(t, "after the last", list("b", 2), nil)
	inOrder(t, "none", list("", 0), nil)
}

func noteIDs(t T, s storage.Store, limit int, kinds ...storage.NoteKind) []string {
	t.Helper()
	var ids []string
	for _, n := range ok[[]storage.Note](t)(s.Notes(t.Context(), org, kinds, limit)) {
		ids = append(ids, n.ID)
	}
	return ids
}

func notesByKind(t T, s storage.Store) {
	for i, kind := range []storage.NoteKind{"click", "posted", "click", "setup", "posted", "click"} {
		write(t, s, storage.Change{Notes: []storage.Note{{ID: fmt.Sprint("n", 9-i), Kind: kind}}})
	}
	inOrder(t, "clicks", noteIDs(t, s, 9, "click"), []string{"n4", "n7", "n9"})
	inOrder(t, "two clicks", noteIDs(t, s, 2, "click"), []string{"n4", "n7"})
	inOrder(t, "clicks and setup", noteIDs(t, s, 9, "setup", "click"), []string{"n4", "n6", "n7", "n9"})
	inOrder(t, "three of two kinds", noteIDs(t, s, 3, "click", "posted"), []string{"n4", "n5", "n7"})
	inOrder(t, "a kind twice", noteIDs(t, s, 9, "posted", "posted"), []string{"n5", "n8"})
	inOrder(t, "no kinds", noteIDs(t, s, 9), nil)
	inOrder(t, "none", noteIDs(t, s, 0, "click"), nil)
	if n := ok[int64](t)(s.Backlog(t.Context(), org)); n != 6 {
		t.Errorf("Backlog is %d, want 6", n)
	}
}

func customersSince(t T, s storage.Store) {
	for i, customer := range []string{"b", "a", "b", "ä", "B", "", "c"} {
		write(t, s, storage.Change{Conversions: []attribution.Conversion{{ID: fmt.Sprint(i), Customer: customer, At: at(i)}}})
	}
	list := func(day int, micros int, after string, limit int) []string {
		return ok[[]string](t)(s.CustomersSince(t.Context(), org, at(day, micros), after, limit))
	}
	guest := attribution.Conversion{ID: "5"}.CustomerKey()
	inOrder(t, "all", list(0, 0, "", 99), []string{guest, "B", "a", "b", "c", "ä"})
	inOrder(t, "a microsecond after the first", list(0, 1, "a", 99), []string{"b", "c", "ä"})
	inOrder(t, "since the third", list(2, 0, "", 99), []string{guest, "B", "b", "c", "ä"})
	inOrder(t, "since after the third", list(2, 1, "", 99), []string{guest, "B", "c", "ä"})
	inOrder(t, "two after B", list(0, 0, "B", 2), []string{"a", "b"})
	inOrder(t, "after the last", list(0, 0, "ä", 99), nil)
	inOrder(t, "none", list(0, 0, "", 0), nil)
}

func adjustmentPage(t T, s storage.Store) {
	for i, x := range []struct{ id, partner string }{{"b", "p"}, {"a", "q"}, {"c", "p"}, {"B", "p"}, {"ä", "p"}} {
		write(t, s, storage.Change{Adjustments: []payout.Adjustment{{ID: x.id, Partner: x.partner, At: at(i / 2)}}})
	}
	list := func(partner string, after storage.Mark, limit int) []string {
		var ids []string
		for _, a := range ok[[]payout.Adjustment](t)(s.AdjustmentPage(t.Context(), org, partner, after, limit)) {
			ids = append(ids, a.ID)
		}
		return ids
	}
	inOrder(t, "all", list("", storage.Mark{}, 99), []string{"ä", "c", "B", "b", "a"})
	inOrder(t, "two", list("", storage.Mark{}, 2), []string{"ä", "c"})
	inOrder(t, "after c", list("", storage.Mark{At: at(1), ID: "c"}, 2), []string{"B", "b"})
	inOrder(t, "of one partner", list("p", storage.Mark{}, 99), []string{"ä", "c", "B", "b"})
	inOrder(t, "of one partner after B", list("p", storage.Mark{At: at(1), ID: "B"}, 99), []string{"b"})
	inOrder(t, "after the last", list("", storage.Mark{At: at(0), ID: "a"}, 99), nil)
	inOrder(t, "none", list("", storage.Mark{}, 0), nil)
	inOrder(t, "of nobody", list("nobody", storage.Mark{}, 9), nil)
}

// commissionsOfP are commissions of one partner, latest first.
func commissionsOfP() []storage.Commission {
	var list []storage.Commission
	for _, x := range []struct {
		day                       int
		conversion, program, rule string
	}{
		{9, "c", "m", "r"}, {5, "b", "m", "r"}, {5, "a", "n", "r"}, {5, "a", "m", "s"}, {5, "a", "m", "r"}, {5, "B", "m", "r"}, {1, "z", "m", "r"},
	} {
		c := row[storage.Commission](len(list)+1, false)
		c.At, c.Conversion, c.Program, c.Rule = at(x.day), x.conversion, x.program, x.rule
		c.Partner, c.Currency, c.Gone = "p", "usd", false
		list = append(list, c)
	}
	euro := list[4]
	euro.Currency = "eur"
	return slices.Insert(list, 5, euro)
}

func pageTexts(t T, s storage.Store, after string, limit int) (texts []string, next string) {
	t.Helper()
	page, next, err := s.CommissionPage(t.Context(), org, "p", after, limit)
	if err != nil {
		t.Fatalf("CommissionPage: %v", err)
	}
	for _, c := range page {
		texts = append(texts, fmt.Sprint(c.At.Sub(noon), c.Conversion, c.Program, c.Rule, c.Currency))
	}
	return texts, next
}

func commissionPage(t T, s storage.Store) {
	list := commissionsOfP()
	var want []string
	for i := range list {
		write(t, s, storage.Change{Commissions: list[len(list)-1-i : len(list)-i]})
		want = append(want, fmt.Sprint(list[i].At.Sub(noon), list[i].Conversion, list[i].Program, list[i].Rule, list[i].Currency))
	}
	gone, foreign := list[0], list[0]
	gone.Gone, gone.Conversion, foreign.Partner = true, "gone", "P"
	write(t, s, storage.Change{Commissions: []storage.Commission{gone, foreign}})
	for limit := 1; limit <= len(list)+1; limit++ {
		var got []string
		next, pages := "", 0
		for ; pages == 0 || next != ""; pages++ {
			var page []string
			if page, next = pageTexts(t, s, next, limit); len(page) > limit {
				t.Fatalf("a page of %d has %d", limit, len(page))
			}
			got = append(got, page...)
		}
		inOrder(t, fmt.Sprintf("pages of %d", limit), got, want)
		if most := (len(list) + limit - 1) / limit; pages > most {
			t.Errorf("%d commissions take %d pages of %d, the last of them empty", len(list), pages, limit)
		}
	}
	if page, next := pageTexts(t, s, "", 0); len(page) > 0 || next != "" {
		t.Errorf("a page of 0 has %q and a next one %q", page, next)
	}
	list[1].Gone = true
	write(t, s, storage.Change{Commissions: list[1:2]})
	page, _ := pageTexts(t, s, "", math.MaxInt32)
	inOrder(t, "after one is gone", page, slices.Delete(want, 1, 2))
}

func commissionPageInserts(t T, s storage.Store) {
	list := commissionsOfP()
	write(t, s, storage.Change{Commissions: list[2:7]})
	first, next := pageTexts(t, s, "", 2)
	write(t, s, storage.Change{Commissions: list})
	rest, _ := pageTexts(t, s, next, 99)
	whole, _ := pageTexts(t, s, "", 99)
	inOrder(t, "a page and the rest", append(first, rest...), whole[2:])
}

func badCursor(t T, s storage.Store) {
	if _, _, err := s.CommissionPage(t.Context(), org, "p", "no cursor", 9); !errors.Is(err, storage.ErrCursor) {
		t.Errorf("a cursor that no page returned is accepted")
	}
}
