package affiliate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
)

// Many clicks at a time: requests that wait for one commit together, a queue, an
// import.
func ExampleEngine_RecordClicks() {
	d := newDemo()
	results, err := d.RecordClicks(d, []affiliate.Click{
		{Partner: "ada", Program: "main", Visitor: "visitor_1", NewVisitor: true},
		{ID: "click_2", Partner: "ada", Program: "main"},
		{ID: "click_2", Partner: "ada", Program: "main"},
	})
	fmt.Println(len(results), results[1].ClickID, results[2].Duplicate, err)
	click, err := d.Click(d, results[0].ClickID)
	fmt.Println(click.Partner, click.Visitor, err)
	// Output:
	// 3 click_2 true <nil>
	// ada visitor_1 <nil>
}

// Clicks that are recorded together have the same effects as one by one: on those
// who were identified before them, on counts, and on those who are after them.
func TestClicksTogetherAreClicksOneByOne(t *testing.T) {
	at := func(day int) time.Time { return time.Date(2026, time.January, day, 12, 0, 0, 0, time.UTC) }
	clicks := []affiliate.Click{
		{ID: "k1", At: at(5), Partner: "ada", Program: "main", Visitor: "known"},
		{ID: "k2", At: at(5), Partner: "ada", Program: "main"}, // named before it came
		{ID: "k3", At: at(6), Partner: "ada", Program: "main", Visitor: "new", NewVisitor: true},
		{ID: "k4", At: at(6), Visitor: "new", CampaignID: "c"},
		{ID: "k1", At: at(5), Partner: "ada", Program: "main", Visitor: "known"},
	}
	run := func(record func(d demo)) []string {
		d := newDemo()
		for customer, in := range map[string]affiliate.Identify{
			"c1": {Visitor: "known"}, "c2": {Click: "k2"},
		} {
			in.Customer, in.At = customer, at(4)
			_, err := d.Identify(d, in)
			require.NoError(t, err)
			_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_" + customer, Customer: customer, Amount: 1000, At: at(7)})
			require.NoError(t, err)
		}
		record(d)
		_, err := d.Identify(d, affiliate.Identify{Customer: "c3", Visitor: "new", At: at(7)})
		require.NoError(t, err)
		_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_c3", Customer: "c3", Amount: 1000, At: at(8)})
		require.NoError(t, err)
		var list []string
		for _, id := range []string{"in_c1", "in_c2", "in_c3"} {
			result, err := d.Conversion(d, id)
			require.NoError(t, err)
			list = append(list, fmt.Sprint(id, result.Attributed, result.Credits))
		}
		counts, err := d.ClickCounts(d, "ada")
		require.NoError(t, err)
		return append(list, fmt.Sprint(counts))
	}
	one := run(func(d demo) {
		for _, c := range clicks {
			_, err := d.RecordClick(d, c)
			require.NoError(t, err)
		}
	})
	all := run(func(d demo) {
		results, err := d.RecordClicks(d, clicks)
		require.NoError(t, err)
		for i, r := range results {
			require.Equal(t, affiliate.ClickResult{ClickID: clicks[i].ID, Duplicate: i == 4}, r)
		}
	})
	require.Equal(t, one, all)
	for _, line := range all[:3] {
		require.Contains(t, line, "true")
	}
}

func TestClicksTogetherAreAllOrNone(t *testing.T) {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "k1", Partner: "ada", Program: "main"})
	require.NoError(t, err)
	before := d.dump(t)
	good := affiliate.Click{Partner: "ada", Program: "main", Visitor: "v"}
	for want, bad := range map[error]affiliate.Click{
		affiliate.ErrInvalidInput: {Partner: "ada"},
		affiliate.ErrNotFound:     {Link: "nobody"},
		affiliate.ErrConflict:     {ID: "k1", Partner: "ada", Program: "main", Visitor: "other"},
	} {
		_, err := d.RecordClicks(d, []affiliate.Click{good, bad, good})
		require.ErrorIs(t, err, want)
		require.Equal(t, before, d.dump(t))
	}
	_, err = d.RecordClicks(d, []affiliate.Click{{ID: "k2", Visitor: "a"}, {ID: "k2", Visitor: "b"}})
	require.ErrorIs(t, err, affiliate.ErrConflict)
	results, err := d.RecordClicks(d, nil)
	require.NoError(t, err)
	require.Empty(t, results)
	_, err = d.Click(d, "nobody")
	require.ErrorIs(t, err, affiliate.ErrNotFound)
	require.Equal(t, before, d.dump(t))
}

// A click whose fate was not known is recorded once, under the id that it has.
func TestLateClickIsRecordedOnce(t *testing.T) {
	d := newDemo()
	must(d.AddLink(d, affiliate.Link{Key: "ada-blog", Partner: "ada", Program: "main"}))
	made := march(1).Add(300 * time.Millisecond)
	first, err := d.RecordClick(d, affiliate.Click{At: made, Link: "ada-blog", Visitor: "v1", Sub: map[string]string{"sub1": "x"}})
	must(err)
	_, err = d.RecordClick(d, affiliate.Click{At: made, Link: "ada-blog", Visitor: "v2", Flag: "embedded"})
	must(err)
	d.clock.Set(march(2))
	late := func(id, visitor string, at time.Time) affiliate.ClickResult {
		result, err := d.RecordLateClick(d, affiliate.Click{ID: id, At: at, Link: "ada-blog", Visitor: visitor})
		require.NoError(t, err)
		return result
	}
	require.Equal(t, affiliate.ClickResult{ClickID: first.ClickID, Duplicate: true}, late("k1", "v1", march(1)), "it was recorded after all")
	require.Equal(t, affiliate.ClickResult{ClickID: "k2"}, late("k2", "v1", march(1).Add(time.Second)), "another click")
	require.Equal(t, affiliate.ClickResult{ClickID: "k2", Duplicate: true}, late("k2", "v1", march(1).Add(time.Second)))
	require.Equal(t, affiliate.ClickResult{ClickID: "k3"}, late("k3", "v2", march(1)), "nobody clicked the other")
	require.Equal(t, affiliate.ClickResult{ClickID: "k4"}, late("k4", "", march(1)))
	require.Equal(t, affiliate.ClickResult{ClickID: "k4", Duplicate: true}, late("k4", "", march(1)))
	_, err = d.RecordLateClick(d, affiliate.Click{ID: "k5", At: march(1), Link: "nobody", Visitor: "v1"})
	require.ErrorIs(t, err, affiliate.ErrNotFound)
	clicks, err := d.ClickCounts(d, "ada")
	must(err)
	require.EqualValues(t, 5, clicks[0].Clicks)
}
