package affiliate_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

func ExampleEngine_PurgeClicks() {
	d := newDemo()
	d.clock.Set(march(3))
	for _, visitor := range []string{"known", "nobody"} {
		_, err := d.RecordClick(d, affiliate.Click{Partner: "ada", Program: "main", Visitor: visitor, At: march(1)})
		must(err)
	}
	_, err := d.Identify(d, affiliate.Identify{Customer: "cus_1", Visitor: "known", At: march(2)})
	must(err)

	d.clock.Set(march(1).AddDate(0, 6, 0))
	result, err := d.PurgeClicks(d, affiliate.Purge{})
	must(err)
	fmt.Println("purged", result.Purged, "kept", result.Kept)
	// Output: purged 1 kept 1
}

// TestPurge purges page by page among clicks that belong to customers, and
// compares every amount, every explanation and the counts of clicks.
func TestPurge(t *testing.T) {
	d := newDemo()
	d.clock.Set(march(26))
	for i := range 700 {
		visitor := fmt.Sprint("v", i)
		if i%7 == 3 {
			visitor = ""
		}
		_, err := d.RecordClick(d, affiliate.Click{ID: fmt.Sprint("k", i), Partner: "ada", Program: "main", Visitor: visitor, At: march(1 + i%20)})
		require.NoError(t, err)
	}
	for i := range 30 {
		who := affiliate.Identify{Customer: fmt.Sprint("cus", i), Visitor: fmt.Sprint("v", 20*i), At: march(25)}
		if (20*i)%7 == 3 {
			who.Visitor, who.Click = "", fmt.Sprint("k", 20*i)
		}
		_, err := d.Identify(d, who)
		require.NoError(t, err)
		_, err = d.RecordConversion(d, affiliate.Conversion{ID: fmt.Sprint("in", i), Customer: fmt.Sprint("cus", i), Amount: 1000, At: march(26)})
		require.NoError(t, err)
	}
	_, err := d.PurgeClicks(d, affiliate.Purge{Before: march(20)})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput, "still in a window")

	d.clock.Set(march(1).AddDate(1, 0, 0))
	state := func() (said []any) {
		balance, err := d.Balances(d, "ada", d.clock.Now())
		require.NoError(t, err)
		counts, err := d.ClickCounts(d, "ada")
		require.NoError(t, err)
		said = append(said, balance, counts)
		for i := range 30 {
			why, err := d.Explain(d, fmt.Sprint("in", i))
			require.NoError(t, err)
			said = append(said, why)
		}
		return said
	}
	before := state()
	var all affiliate.PurgeResult
	for in := (affiliate.Purge{Limit: 333}); ; in.From = all.Next {
		result, err := d.PurgeClicks(d, in)
		require.NoError(t, err)
		all.Purged, all.Kept, all.Next = all.Purged+result.Purged, all.Kept+result.Kept, result.Next
		if result.Next == (storage.Mark{}) {
			break
		}
	}
	require.Equal(t, affiliate.PurgeResult{Purged: 670, Kept: 30}, all)
	require.Equal(t, before, state())
	again, err := d.PurgeClicks(d, affiliate.Purge{})
	require.NoError(t, err)
	require.Equal(t, affiliate.PurgeResult{Kept: 30}, again)
}

// A visitor who is identified while the clicks are purged keeps them, or was too
// late: never half of it.
func TestPurgeMeetsIdentify(t *testing.T) {
	for i := range 100 {
		d := newDemo()
		for k := range 3 {
			_, err := d.RecordClick(d, affiliate.Click{ID: fmt.Sprint("k", k), Partner: "ada", Program: "main", Visitor: "v", At: march(1)})
			require.NoError(t, err)
		}
		d.clock.Set(march(1).AddDate(0, 6, 0))
		var wait sync.WaitGroup
		wait.Go(func() {
			_, err := d.Identify(context.Background(), affiliate.Identify{Customer: "cus", Visitor: "v", At: march(2)})
			must(err)
			_, err = d.RecordConversion(context.Background(), affiliate.Conversion{ID: "in", Customer: "cus", Amount: 1000, At: march(3)})
			must(err)
		})
		for range 2 {
			wait.Go(func() {
				_, err := d.PurgeClicks(context.Background(), affiliate.Purge{})
				must(err)
			})
		}
		wait.Wait()
		left, err := d.store.ClicksBefore(d, d.Organization(), d.clock.Now(), storage.Mark{}, 10)
		require.NoError(t, err)
		why, err := d.Conversion(d, "in")
		require.NoError(t, err)
		require.Contains(t, []int{0, 3}, len(left))
		require.Equal(t, len(left) == 3, why.Attributed, i)
		require.Equal(t, why.Attributed, why.Reason == attribution.Reason(""))
	}
}
