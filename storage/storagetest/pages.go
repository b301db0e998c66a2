package storagetest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

func pageCases() []check {
	return []check{
		{"ListAnchors", listAnchors},
		{"Events", events},
		{"Notes by lane", notesByLane},
		{"NotesFor some lanes", notesFor},
		{"Backlog by kind", backlog},
		{"ConversionPage", conversionPage},
		{"CustomersSince", customersSince},
		{"AdjustmentPage", adjustmentPage},
		{"CommissionPage in order", commissionPage},
		{"CommissionPage while commissions come in", commissionPageInserts},
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

func noteIDs(t T, s storage.Store, kind storage.NoteKind, after storage.NoteMark, limit int) []string {
	t.Helper()
	return idsOf(ok[[]storage.Note](t)(s.Notes(t.Context(), org, kind, after, limit)))
}

func idsOf(notes []storage.Note) (ids []string) {
	for _, n := range notes {
		ids = append(ids, n.ID)
	}
	return ids
}

// lanes are notes of three lanes and two kinds.
func lanes(t T, s storage.Store) {
	for i, x := range []struct {
		id, key string
		kind    storage.NoteKind
	}{
		{"n6", "b", "posted"}, {"n5", "a", "posted"}, {"n4", "b", "click"}, {"n3", "", "posted"}, {"n2", "b", "posted"}, {"n1", "B", "posted"}, {"n0", "a", "posted"},
	} {
		write(t, s, storage.Change{Notes: []storage.Note{{ID: x.id, Kind: x.kind, Key: x.key, At: at(9 - i)}}})
	}
}

func notesByLane(t T, s storage.Store) {
	lanes(t, s)
	mark := func(key, id string) storage.NoteMark { return storage.NoteMark{Key: key, ID: id} }
	inOrder(t, "posted", noteIDs(t, s, "posted", mark("", ""), 9), []string{"n3", "n1", "n0", "n5", "n2", "n6"})
	inOrder(t, "clicks", noteIDs(t, s, "click", mark("", ""), 9), []string{"n4"})
	inOrder(t, "two posted", noteIDs(t, s, "posted", mark("", ""), 2), []string{"n3", "n1"})
	inOrder(t, "two behind n1", noteIDs(t, s, "posted", mark("B", "n1"), 2), []string{"n0", "n5"})
	inOrder(t, "behind n0", noteIDs(t, s, "posted", mark("a", "n0"), 9), []string{"n5", "n2", "n6"})
	inOrder(t, "behind the lane of a", noteIDs(t, s, "posted", mark("a\x01", ""), 9), []string{"n2", "n6"})
	inOrder(t, "behind the last", noteIDs(t, s, "posted", mark("b", "n6"), 9), nil)
	inOrder(t, "of no kind", noteIDs(t, s, "", mark("", ""), 9), nil)
	inOrder(t, "none", noteIDs(t, s, "posted", mark("", ""), 0), nil)
}

func notesFor(t T, s storage.Store) {
	lanes(t, s)
	list := func(limit int, kinds []storage.NoteKind, keys ...string) []string {
		return idsOf(ok[[]storage.Note](t)(s.NotesFor(t.Context(), org, kinds, keys, limit)))
	}
	posted, both := []storage.NoteKind{"posted"}, []storage.NoteKind{"posted", "click", "posted"}
	inOrder(t, "of a", list(9, posted, "a"), []string{"n0", "n5"})
	inOrder(t, "of two", list(9, posted, "b", "a", "none", "a"), []string{"n0", "n5", "n2", "n6"})
	inOrder(t, "of two kinds", list(9, both, "b"), []string{"n2", "n4", "n6"})
	inOrder(t, "two of two kinds", list(2, both, "b", "B"), []string{"n1", "n2"})
	inOrder(t, "of nobody", list(9, both, ""), []string{"n3"})
	inOrder(t, "of none", list(9, both), nil)
	inOrder(t, "of no kind", list(9, nil, "a"), nil)
	inOrder(t, "none", list(0, both, "a"), nil)
}

func backlog(t T, s storage.Store) {
	if waiting := ok[[]storage.Waiting](t)(s.Backlog(t.Context(), org)); len(waiting) > 0 {
		t.Errorf("an empty store has a backlog: %v", waiting)
	}
	lanes(t, s)
	waiting := ok[[]storage.Waiting](t)(s.Backlog(t.Context(), org))
	slices.SortFunc(waiting, func(a, b storage.Waiting) int { return cmp.Compare(a.Kind, b.Kind) })
	want := []storage.Waiting{{Kind: "click", Notes: 1, Oldest: at(7)}, {Kind: "posted", Notes: 6, Oldest: at(3)}}
	if !slices.Equal(waiting, want) {
		t.Errorf("Backlog is %v, want %v", waiting, want)
	}
}

func conversionPage(t T, s storage.Store) {
	for i, id := range []string{"b", "a", "B", "ä", "c", "d"} {
		write(t, s, storage.Change{Conversions: []attribution.Conversion{{ID: id, At: at(i / 2)}}})
	}
	list := func(since time.Time, after storage.Mark, limit int) (ids []string) {
		for _, c := range ok[[]attribution.Conversion](t)(s.ConversionPage(t.Context(), org, since, after, limit)) {
			ids = append(ids, c.ID)
		}
		return ids
	}
	inOrder(t, "all", list(time.Time{}, storage.Mark{}, 9), []string{"d", "c", "ä", "B", "b", "a"})
	inOrder(t, "three", list(time.Time{}, storage.Mark{}, 3), []string{"d", "c", "ä"})
	inOrder(t, "after ä", list(time.Time{}, storage.Mark{At: at(1), ID: "ä"}, 9), []string{"B", "b", "a"})
	inOrder(t, "before a day", list(time.Time{}, storage.Mark{At: at(2)}, 9), []string{"ä", "B", "b", "a"})
	inOrder(t, "since a day", list(at(1), storage.Mark{}, 9), []string{"d", "c", "ä", "B"})
	inOrder(t, "since a microsecond later", list(at(1, 1), storage.Mark{}, 9), []string{"d", "c"})
	inOrder(t, "between", list(at(1), storage.Mark{At: at(2)}, 9), []string{"ä", "B"})
	inOrder(t, "after the last", list(time.Time{}, storage.Mark{At: at(0), ID: "a"}, 9), nil)
	inOrder(t, "none", list(time.Time{}, storage.Mark{}, 0), nil)
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

func pageTexts(t T, s storage.Store, after storage.CommissionMark, limit int) (texts []string, next storage.CommissionMark) {
	t.Helper()
	for _, c := range ok[[]storage.Commission](t)(s.CommissionPage(t.Context(), org, "p", after, limit)) {
		texts = append(texts, fmt.Sprint(c.At.Sub(noon), c.Conversion, c.Program, c.Rule, c.Currency))
		next = c.Mark()
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
		for next := (storage.CommissionMark{}); ; {
			var page []string
			if page, next = pageTexts(t, s, next, limit); len(page) > limit {
				t.Fatalf("a page of %d has %d", limit, len(page))
			}
			if got = append(got, page...); len(page) == 0 || len(got) > len(want) {
				break
			}
		}
		inOrder(t, fmt.Sprintf("pages of %d", limit), got, want)
	}
	page, _ := pageTexts(t, s, storage.CommissionMark{}, 0)
	inOrder(t, "none", page, nil)
	list[1].Gone = true
	write(t, s, storage.Change{Commissions: list[1:2]})
	page, _ = pageTexts(t, s, storage.CommissionMark{}, 99)
	inOrder(t, "after one is gone", page, slices.Delete(want, 1, 2))
}

func commissionPageInserts(t T, s storage.Store) {
	list := commissionsOfP()
	write(t, s, storage.Change{Commissions: list[2:7]})
	first, next := pageTexts(t, s, storage.CommissionMark{}, 2)
	write(t, s, storage.Change{Commissions: list})
	rest, _ := pageTexts(t, s, next, 99)
	whole, _ := pageTexts(t, s, storage.CommissionMark{}, 99)
	inOrder(t, "a page and the rest", append(first, rest...), whole[2:])
}
