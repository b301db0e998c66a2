package affiliate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// Between a cut-off and its run, what is due and what comes next are two payouts.
func ExampleEngine_UpcomingPayouts() {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(time.Date(2026, 4, 1, 6, 0, 0, 0, time.UTC))
	d.sell("in_2")
	d.sell("in_3")
	list, err := d.UpcomingPayouts(d, "ada")
	must(err)
	for _, p := range list {
		fmt.Println("being prepared:", minor(p.Due), "cut-off", p.Cutoff.Format(time.DateOnly))
		fmt.Println("next:", minor(p.Next), "cut-off", p.NextCutoff.Format(time.DateOnly))
	}
	// Output:
	// being prepared: 20.00 USD cut-off 2026-04-01
	// next: 40.00 USD cut-off 2026-05-01
}

// sellIn records an amount in a currency that ada is credited with.
func (d demo) sellIn(id string, c money.Currency, amount int64) {
	_, err := d.RecordConversion(d, affiliate.Conversion{ID: id, Customer: "cus_" + id, Partner: "ada", Amount: amount, Currency: c})
	must(err)
}

// upcoming is what is due and what comes next, by currency.
func (d demo) upcoming() map[money.Currency][2]int64 {
	list, err := d.UpcomingPayouts(d, "ada")
	must(err)
	amounts := map[money.Currency][2]int64{}
	for _, p := range list {
		amounts[p.Currency] = [2]int64{p.Due, p.Next}
	}
	return amounts
}

func TestWhatIsBeingPreparedIsWhatARunIssues(t *testing.T) {
	d := newDemo()
	none, err := d.UpcomingPayouts(d, "ada")
	must(err)
	require.Empty(t, none)
	d.sell("in_1")
	d.sellIn("in_2", "eur", 5_000)
	require.Equal(t, map[money.Currency][2]int64{"usd": {0, 2000}, "eur": {0, 1000}}, d.upcoming())

	d.clock.Set(march(32))
	d.sell("in_3")
	require.Equal(t, map[money.Currency][2]int64{"usd": {2000, 2000}, "eur": {1000, 0}}, d.upcoming())
	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 2_500})
	must(err)
	before := d.upcoming()
	require.Equal(t, [2]int64{1500, 2000}, before["usd"], "a refund before the run comes off what is due")
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	require.Len(t, issued, 2)
	for _, p := range issued {
		require.Equal(t, before[p.Currency][0], p.Amount)
	}
	require.Equal(t, map[money.Currency][2]int64{"usd": {0, 2000}, "eur": {0, 0}}, d.upcoming(), "what comes next is as it was")

	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re_2", Conversion: "in_1", All: true})
	must(err)
	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re_3", Conversion: "in_2", All: true})
	must(err)
	require.Equal(t, map[money.Currency][2]int64{"usd": {0, 500}, "eur": {0, -1000}}, d.upcoming(), "new earnings fill up what was paid too much")
}

func TestBelowTheMinimumNothingIsBeingPrepared(t *testing.T) {
	d := newDemo()
	must(d.EditPartner(d, "ada", program.Profile{Payout: payout.Schedule{Minimum: map[money.Currency]int64{"usd": 5000}}.Change()}, time.Time{}))
	d.sell("in_1")
	d.clock.Set(march(32))
	require.Equal(t, [2]int64{0, 2000}, d.upcoming()["usd"], "it carries over")
	d.sell("in_2")
	d.sell("in_3")
	list, err := d.UpcomingPayouts(d, "ada")
	must(err)
	require.Equal(t, [2]int64{0, 6000}, [2]int64{list[0].Due, list[0].Next})
	require.True(t, list[0].NextIssuable())
}

// The cut-off is that of the partner's zone.
func TestUpcomingPayoutsKeepThePartnersCutoff(t *testing.T) {
	d := newDemo()
	must(d.EditPartner(d, "ada", program.Profile{Payout: payout.Schedule{TimeZone: "America/New_York"}.Change()}, time.Time{}))
	d.sell("in_1")
	midnight := time.Date(2026, 4, 1, 4, 0, 0, 0, time.UTC) // in New York
	for at, due := range map[time.Time]int64{midnight.Add(-time.Second): 0, midnight: 2000, midnight.Add(time.Hour): 2000} {
		d.clock.Set(at)
		list, err := d.UpcomingPayouts(d, "ada")
		must(err)
		require.Equal(t, due, list[0].Due, at)
		require.Equal(t, 2000-due, list[0].Next, at)
		if due > 0 {
			require.Equal(t, midnight, list[0].Cutoff)
		} else {
			require.Equal(t, midnight, list[0].NextCutoff)
		}
	}
}
