package storagetest

import (
	"fmt"
	"sync"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

func concurrencyCases() []check {
	return []check{
		{"of many that pass a gate at once one wins", oneWinner},
		{"increments behind a gate are not lost", increments},
		{"counts are not lost", countsAtOnce},
		{"a claim has one owner", oneOwner},
		{"a change is seen whole", seenWhole},
	}
}

const crowd = 64

// atOnce runs f in many goroutines; n counts them.
func atOnce(t T, many int, f func(n int) error) {
	t.Helper()
	var wait sync.WaitGroup
	errs := make([]error, many)
	start := make(chan struct{})
	for n := range many {
		wait.Go(func() {
			<-start
			errs[n] = f(n)
		})
	}
	close(start)
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatalf("%v", err)
		}
	}
}

func oneWinner(t T, s storage.Store) {
	for version := range int64(2) {
		var mu sync.Mutex
		won := 0
		atOnce(t, crowd, func(n int) error {
			c := gates(gate("click", "x", version))
			c.Clicks = []attribution.Click{{ID: fmt.Sprint(version, "-", n)}}
			outcomes, err := s.Commit(t.Context(), org, []storage.Change{c})
			mu.Lock()
			defer mu.Unlock()
			if err == nil && outcomes[0] == storage.Committed {
				won++
			}
			return err
		})
		if won != 1 {
			t.Errorf("%d of %d pass a gate at version %d", won, crowd, version)
		}
	}
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if len(rows.Clicks) != 2 {
		t.Errorf("%d clicks are stored, want those of the two winners", len(rows.Clicks))
	}
	loads(t, s, []storage.Ref{ref("click", "x")}, "click x 2  ")
}

func increments(t T, s storage.Store) {
	const each = 4
	add := func(n int) (done bool, err error) {
		anchors, err := s.Load(t.Context(), org, []storage.Ref{ref("click", "x")})
		if err != nil {
			return false, err
		}
		g, sum := gate("click", "x", 0), 0
		if len(anchors) > 0 {
			g.Version = anchors[0].Version
			if _, err := fmt.Sscan(string(anchors[0].Data), &sum); err != nil {
				return false, err
			}
		}
		g.Data = fmt.Append(nil, sum+n)
		outcomes, err := s.Commit(t.Context(), org, []storage.Change{gates(g)})
		return err == nil && outcomes[0] == storage.Committed, err
	}
	atOnce(t, crowd/8, func(n int) error {
		for range each {
			for done := false; !done; {
				var err error
				if done, err = add(n); err != nil {
					return err
				}
			}
		}
		return nil
	})
	const many = crowd / 8
	loads(t, s, []storage.Ref{ref("click", "x")}, fmt.Sprintf("click x %d  %d", many*each, each*many*(many-1)/2))
}

func countsAtOnce(t T, s storage.Store) {
	atOnce(t, crowd/4, func(n int) error {
		count := storage.ClickCount{Partner: "p", Day: at(n % 2), Clicks: 1}
		_, err := s.Commit(t.Context(), org, []storage.Change{counts(count), counts(count)})
		return err
	})
	want := []storage.ClickCount{{Partner: "p", Day: at(0), Clicks: crowd / 4}, {Partner: "p", Day: at(1), Clicks: crowd / 4}}
	found := ok[[]storage.ClickCount](t)(s.ClickCounts(t.Context(), org, "p"))
	if diff := difference(want, found); diff != "" {
		t.Errorf("%d goroutines added 2 each:\n%s", crowd/4, diff)
	}
}

func oneOwner(t T, s storage.Store) {
	write(t, s, notes("n"))
	var mu sync.Mutex
	owners := map[string]int{}
	atOnce(t, crowd/4, func(n int) error {
		p := payoutOf(fmt.Sprint(n), "p", 1, 5)
		outcomes, err := s.Commit(t.Context(), org, []storage.Change{
			aClick("x"),
			{Events: []storage.Event{{ID: "x"}}},
			{Lines: []storage.LedgerLine{line("p", "usd", 1, int64(n), at(1))}},
			payouts(p),
			{Done: []string{"n"}},
		})
		mu.Lock()
		defer mu.Unlock()
		for i, outcome := range outcomes {
			if outcome == storage.Committed {
				owners[[]string{"click", "event", "position", "cut-off", "note"}[i]]++
			}
		}
		return err
	})
	for what, n := range owners {
		if n != 1 {
			t.Errorf("a %s has %d owners", what, n)
		}
	}
	if len(owners) != 5 {
		t.Errorf("only these have an owner: %v", owners)
	}
}

// seenWhole reads while others write a click and an event in every change.
func seenWhole(t T, s storage.Store) {
	atOnce(t, crowd/4, func(n int) error {
		if n%2 == 0 {
			id := fmt.Sprint(n)
			c := aClick(id)
			c.Events = []storage.Event{{ID: id}}
			_, err := s.Commit(t.Context(), org, []storage.Change{c})
			return err
		}
		rows, err := s.Rows(t.Context(), org)
		if err == nil && len(rows.Clicks) != len(rows.Events) {
			err = fmt.Errorf("Rows has %d clicks and %d events of changes with one each", len(rows.Clicks), len(rows.Events))
		}
		return err
	})
}
