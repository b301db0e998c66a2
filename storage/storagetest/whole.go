package storagetest

import (
	"fmt"

	"github.com/goaffiliate/affiliate/storage"
)

func wholeCases() []check {
	cases := []check{
		{"a stale gate", func(t T, s storage.Store) {
			c := everything(1)
			c.Gates = []storage.Gate{gate("click", "a", 0), gate("click", "b", 1)}
			refuse(t, s, "a stale gate", c)
		}},
		{"a stale gate beside rows that would be written over", staleUpserts},
		{"notes are done once", notesDone},
		{"events are taken once", eventsTaken},
		{"a note that is not there", noNote},
		{"changes of one call stand alone, in order", changesInOrder},
		{"changes of one call, the last ones stale", lastStale},
		{"no changes", noChanges},
		{"an empty change", emptyChange},
	}
	for _, k := range kinds() {
		if k.claim {
			cases = append(cases, check{"a taken " + k.name, func(t T, s storage.Store) { takenRow(t, s, k) }})
		}
	}
	return cases
}

// takenRow lets a claim fail in a change that has everything, with gates and
// notes done, alone and between others.
func takenRow(t T, s storage.Store, k kind) {
	var taken storage.Change
	k.add(&taken, 1, false)
	taken.Notes = append(taken.Notes, storage.Note{ID: "to do"})
	write(t, s, taken)
	c := everything(2)
	k.add(&c, 1, false)
	c.Gates = []storage.Gate{gate("click", "x", 0)}
	c.Done = []string{"to do"}
	refuse(t, s, "alone", c)

	outcomes := commitAll(t, s, aClick("before"), c, aClick("after"))
	inOrder(t, "outcomes", []string{fmt.Sprint(outcomes)}, []string{"[0 1 0]"})
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if n := len(rows.Anchors) + len(rows.Counts); n > 0 || len(rows.Notes) < 1 || len(rows.Clicks) < 2 {
		t.Errorf("a stale change between two others left traces, or took them with it: %+v", rows)
	}
}

func staleUpserts(t T, s storage.Store) {
	c := everything(1)
	write(t, s, storage.Change{Commissions: c.Commissions, Payouts: c.Payouts, Counts: c.Counts})
	over := storage.Change{Commissions: c.Commissions, Payouts: c.Payouts, Counts: c.Counts, Gates: []storage.Gate{gate("click", "a", 3)}}
	over.Commissions[0].Net, over.Payouts[0].Status = 77, "paid"
	refuse(t, s, "a stale gate", over)
}

func notes(ids ...string) storage.Change {
	var c storage.Change
	for _, id := range ids {
		c.Notes = append(c.Notes, storage.Note{ID: id, Kind: storage.NoteClick})
	}
	return c
}

func eventsTaken(t T, s storage.Store) {
	event := func(id string) storage.Change {
		return storage.Change{Events: []storage.Event{{ID: id, Type: "t", At: at(1)}}}
	}
	write(t, s, event("a"))
	write(t, s, event("b"))
	refuse(t, s, "one that is not there", storage.Change{Taken: []string{"a", "none"}})
	write(t, s, storage.Change{Taken: []string{"a"}})
	refuse(t, s, "taken before", storage.Change{Taken: []string{"a"}})
	refuse(t, s, "as it comes", storage.Change{Events: event("c").Events, Taken: []string{"c"}})
	write(t, s, event("0")) // an id may be lower than one that was taken
	if left := ok[[]storage.Event](t)(s.Events(t.Context(), org, "", 9)); len(left) != 2 || left[0].ID != "0" || left[1].ID != "b" {
		t.Errorf("left %v, want 0 and b", left)
	}
}

func notesDone(t T, s storage.Store) {
	write(t, s, notes("a", "b", "c", "d"))
	write(t, s, storage.Change{Done: []string{"c", "a"}})
	inOrder(t, "notes left", noteIDs(t, s, storage.NoteClick, storage.NoteMark{}, 9), []string{"b", "d"})
	refuse(t, s, "done before", storage.Change{Done: []string{"a"}})
	write(t, s, notes("a"))
	write(t, s, storage.Change{Done: []string{"a", "b", "d"}})
	if waiting := ok[[]storage.Waiting](t)(s.Backlog(t.Context(), org)); len(waiting) > 0 {
		t.Errorf("Backlog is %v when all notes are done", waiting)
	}
}

func noNote(t T, s storage.Store) {
	write(t, s, notes("a", "b"))
	c := everything(1)
	c.Done = []string{"a", "none", "b"}
	refuse(t, s, "one of three is not there", c)
	c.Done = []string{"a", "a"}
	refuse(t, s, "the same one twice", c)
}

func changesInOrder(t T, s storage.Store) {
	outcomes := commitAll(t, s,
		gates(gate("click", "a", 0)), gates(gate("click", "a", 0)), gates(gate("click", "a", 1)),
		notes("n"), storage.Change{Done: []string{"n"}}, storage.Change{Done: []string{"n"}},
		aClick("x"), aClick("x"), gates(gate("click", "b", 1)), gates(gate("click", "b", 0)),
	)
	inOrder(t, "outcomes", []string{fmt.Sprint(outcomes)}, []string{"[0 1 0 0 0 1 0 1 1 0]"})
	loads(t, s, []storage.Ref{ref("click", "a"), ref("click", "b")}, "click a 2  ", "click b 1  ")
}

func lastStale(t T, s storage.Store) {
	write(t, s, aClick("x"))
	outcomes := commitAll(t, s, aClick("y"), aClick("x"), aClick("y"))
	inOrder(t, "outcomes", []string{fmt.Sprint(outcomes)}, []string{"[0 1 1]"})
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if len(rows.Clicks) != 2 {
		t.Errorf("%d clicks are stored, want x and y", len(rows.Clicks))
	}
}

func noChanges(t T, s storage.Store) { commitAll(t, s) }

func emptyChange(t T, s storage.Store) {
	write(t, s, storage.Change{})
	if text := dump(t, s); text != "" {
		t.Errorf("an empty change wrote %s", text)
	}
}
