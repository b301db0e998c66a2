package storagetest

import (
	"math"
	"time"

	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

func organizationCases() []check {
	return []check{
		{"rows of one are not visible to another", orgsApart},
		{"keys taken in one are free in another", orgKeys},
	}
}

// met is a change of which probeOf finds every row: all ids are "1".
func met() storage.Change {
	c := everything(1)
	c.Gates = []storage.Gate{gate("customer", "1", 0)}
	c.Clicks[0].ID, c.Clicks[0].Visitor, c.Identifies[0].Key, c.Identifies[0].Visitor = "1", "1", "1", "1"
	c.Conversions[0].ID, c.Conversions[0].Customer, c.Identifies[0].Customer, c.Notes[0].Key = "1", "1", "1", "1"
	c.Facts[0].ID, c.Facts[0].Conversion, c.Commissions[0].Conversion, c.Adjustments[0].ID = "1", "1", "1", "1"
	c.Lines[0].Partner, c.Payouts[0].ID, c.Payouts[0].Partner = c.Commissions[0].Partner, "1", c.Commissions[0].Partner
	c.Commissions[0].Gone, c.Counts[0].Partner = false, c.Commissions[0].Partner
	return c
}

// probeOf asks for the rows of met.
func probeOf(c storage.Change) probe {
	return probe{
		ids: []string{"1"}, more: []string{"1"}, kind: "customer", kinds: []storage.NoteKind{c.Notes[0].Kind},
		partner: c.Commissions[0].Partner, program: c.Commissions[0].Program, rule: c.Commissions[0].Rule,
		currency: c.Lines[0].Currency, at: time.Time{}, outside: payout.Range{Through: math.MaxInt64}, limit: 99,
	}
}

func orgsApart(t T, s storage.Store) {
	c := met()
	write(t, s, c)
	before := dump(t, s)
	for _, read := range probeOf(c).reads() {
		if got := ok[string](t)(read.call(t.Context(), s, org)); got == "" {
			t.Errorf("%s finds nothing where there is something", read.name)
		}
		for _, name := range []string{other, "", "org ", "o"} {
			if got := ok[string](t)(read.call(t.Context(), s, name)); got != "" {
				t.Errorf("%s of organization %q finds rows of %q: %s", read.name, name, org, got)
			}
		}
	}
	outcomes, err := s.Commit(t.Context(), other, []storage.Change{
		gates(gate("customer", "1", 1)), {Done: []string{c.Notes[0].ID}},
	})
	if err != nil || outcomes[0] != storage.Stale || outcomes[1] != storage.Stale {
		t.Errorf("another organization passes gates or does notes: %v %v", outcomes, err)
	}
	over := met()
	over.Commissions[0].Net, over.Payouts[0].Status, over.Counts[0].Clicks = 77, "paid", 77
	outcomes, err = s.Commit(t.Context(), other, []storage.Change{over})
	if err != nil || outcomes[0] != storage.Committed {
		t.Errorf("the keys of one organization are taken in another: %v %v", outcomes, err)
	}
	if after := dump(t, s); after != before {
		t.Errorf("writes of another organization changed\n%s\nto\n%s", before, after)
	}
}

func orgKeys(t T, s storage.Store) {
	write(t, s, met())
	for _, name := range []string{other, ""} {
		for _, want := range []storage.Outcome{storage.Committed, storage.Stale} {
			outcomes, err := s.Commit(t.Context(), name, []storage.Change{met()})
			if err != nil || outcomes[0] != want {
				t.Errorf("in organization %q: %v %v, want %v", name, outcomes, err, want)
			}
		}
	}
}
