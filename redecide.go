package affiliate

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

// setupNote asks to decide again whom a configuration change concerns.
type setupNote struct {
	At    time.Time `json:"at"`              // customers with a conversion at or after it
	After string    `json:"after,omitempty"` // customers up to this one have their notes
}

func decodeNote(n storage.Note, doc any) error {
	if err := json.Unmarshal(n.Data, doc); err != nil {
		return fmt.Errorf("affiliate: note %s of %q: %w", n.Kind, n.Key, err)
	}
	return nil
}

// redecideAll decides customers again. Keys may be of the same customer.
func (u *unit) redecideAll(keys []string) error {
	if err := u.load(customerRefs(keys...)...); err != nil {
		return err
	}
	done := map[string]bool{}
	for _, key := range keys {
		if !u.exists(customerRef(key)) {
			continue // erased
		}
		c, err := u.customer(key)
		if err != nil {
			return err
		}
		if done[c.root] {
			continue
		}
		done[c.root] = true
		if err := u.redecide(c); err != nil {
			return err
		}
	}
	return nil
}

// setupNotes reads notes. Changes of which nothing was done are one change, that of the
// earliest time, which comes last.
func setupNotes(notes []storage.Note) (asked []setupNote, err error) {
	var fresh *setupNote
	for _, n := range notes {
		var doc setupNote
		if err := decodeNote(n, &doc); err != nil {
			return nil, err
		}
		switch {
		case doc.After != "":
			asked = append(asked, doc)
		case fresh == nil || doc.At.Before(fresh.At):
			fresh = &doc
		}
	}
	if fresh != nil {
		asked = append(asked, *fresh)
	}
	return asked, nil
}

// settleSetup leaves a note for each customer who has a conversion at or after a
// configuration change, a page of them at a time. One change is finished before the next
// is begun.
func (u *unit) settleSetup(notes []storage.Note) error {
	asked, err := setupNotes(notes)
	if err != nil {
		return err
	}
	since := earliest(notes)
	for _, later := range asked[1:] {
		if err := u.noteSince(since, storage.NoteSetup, "", later); err != nil {
			return err
		}
	}
	if _, err := u.gate(erasureRef()); err != nil { // no note for somebody who is erased meanwhile
		return err
	}
	next := asked[0]
	customers, err := u.e.store.CustomersSince(u.ctx, u.e.org, next.At, next.After, settleBatch)
	if err != nil {
		return err
	}
	for _, key := range customers {
		if err := u.noteSince(since, storage.NoteCustomer, key, nil); err != nil {
			return err
		}
	}
	if len(customers) < settleBatch {
		return nil
	}
	next.After = customers[len(customers)-1]
	return u.noteSince(since, storage.NoteSetup, "", next)
}

// earliest returns since when the first of some notes waits.
func earliest(notes []storage.Note) time.Time {
	since := notes[0].At
	for _, n := range notes {
		if n.At.Before(since) {
			since = n.At
		}
	}
	return since
}

// countClicks adds clicks to the partner's counts of their day.
func (u *unit) countClicks(n storage.Note) error {
	var doc clickNote
	if err := decodeNote(n, &doc); err != nil {
		return err
	}
	count := storage.ClickCount{
		Partner: doc.Partner, Program: doc.Program, Link: doc.Link, Day: doc.At.UTC().Truncate(24 * time.Hour), Clicks: max(doc.Clicks, 1),
	}
	for i, c := range u.change.Counts {
		if c.Partner == count.Partner && c.Program == count.Program && c.Link == count.Link && c.Day.Equal(count.Day) {
			u.change.Counts[i].Clicks += count.Clicks
			return nil
		}
	}
	u.change.Counts = append(u.change.Counts, count)
	return nil
}
