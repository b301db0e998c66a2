package storagetest

import (
	"fmt"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

func purgeCases() []check {
	return []check{
		{"ClicksBefore in order", clicksBefore},
		{"purged clicks are gone", purged},
		{"a click that is not there cannot be purged", purgeNothing},
		{"a click is purged once", purgedTwice},
	}
}

func clicked(day int, ids ...string) storage.Change {
	var c storage.Change
	for _, id := range ids {
		c.Clicks = append(c.Clicks, attribution.Click{ID: id, At: at(day), Partner: "p", Program: "m", Visitor: "v"})
	}
	return c
}

func clickIDs(t T, s storage.Store, before, limit int) []string {
	t.Helper()
	var ids []string
	for _, c := range ok[[]attribution.Click](t)(s.ClicksBefore(t.Context(), org, at(before), storage.Mark{}, limit)) {
		ids = append(ids, c.ID)
	}
	return ids
}

func clicksBefore(t T, s storage.Store) {
	write(t, s, clicked(2, "b", "a", "ä", "B"))
	write(t, s, clicked(1, "z"))
	write(t, s, clicked(3, "c"))
	all := []string{"z", "B", "a", "b", "ä", "c"}
	inOrder(t, "all", clickIDs(t, s, 9, 99), all)
	inOrder(t, "before the third day", clickIDs(t, s, 3, 99), all[:5])
	inOrder(t, "before the first", clickIDs(t, s, 1, 99), nil)
	inOrder(t, "none", clickIDs(t, s, 9, 0), nil)
	for limit := 1; limit <= len(all); limit++ {
		var got []string
		for mark, pages := (storage.Mark{}), 0; pages <= len(all); pages++ {
			page := ok[[]attribution.Click](t)(s.ClicksBefore(t.Context(), org, at(9), mark, limit))
			if len(page) == 0 {
				break
			}
			for _, c := range page {
				got, mark = append(got, c.ID), storage.Mark{At: c.At, ID: c.ID}
			}
		}
		inOrder(t, fmt.Sprintf("pages of %d", limit), got, all)
	}
}

func purged(t T, s storage.Store) {
	write(t, s, clicked(1, "a", "b", "c"))
	write(t, s, storage.Change{Purge: []string{"a", "c"}, Events: []storage.Event{{ID: "e", Type: "t", At: at(1)}}})
	inOrder(t, "left", clickIDs(t, s, 9, 9), []string{"b"})
	clicks, _ := ok2[[]attribution.Click, []storage.Identify](t)(s.Touches(t.Context(), org, []string{"v"}, []string{"a", "c"}))
	if len(clicks) != 1 || clicks[0].ID != "b" {
		t.Errorf("Touches finds %v, want b alone", clicks)
	}
	write(t, s, clicked(2, "a"))
	inOrder(t, "with a again", clickIDs(t, s, 9, 9), []string{"b", "a"})
}

func purgeNothing(t T, s storage.Store) {
	write(t, s, clicked(1, "a"))
	refuse(t, s, "one of two", storage.Change{Purge: []string{"a", "b"}})
	if outcomes, err := s.Commit(t.Context(), other, []storage.Change{{Purge: []string{"a"}}}); err != nil || outcomes[0] != storage.Stale {
		t.Errorf("a click of another organization: %v, %v", outcomes, err)
	}
}

func purgedTwice(t T, s storage.Store) {
	write(t, s, clicked(1, "a", "b"))
	write(t, s, storage.Change{Purge: []string{"a"}})
	refuse(t, s, "again", storage.Change{Purge: []string{"a"}})
	refuse(t, s, "twice in a change", storage.Change{Purge: []string{"b", "b"}})
	refuse(t, s, "as it comes", storage.Change{Clicks: []attribution.Click{{ID: "new", At: at(1)}}, Purge: []string{"new"}})
}
