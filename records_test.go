package affiliate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// An owner asks which sales nobody was paid for, and why.
func ExampleEngine_Conversions() {
	d := newDemo()
	d.sell("in_1")
	_, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_2", Customer: "cus_9", Amount: 4900, Currency: "usd"})
	must(err)
	list, err := d.Conversions(d, affiliate.ConversionFilter{Attributed: new(bool)}, storage.Mark{}, 0)
	must(err)
	for _, r := range list.Items {
		fmt.Println(r.Conversion.ID, r.Amount, r.Reason)
	}
	// Output: in_2 4900 no_touch
}

func ExampleEngine_ListCommissions() {
	d := newDemo()
	d.sell("in_1")
	list, err := d.ListCommissions(d, affiliate.CommissionFilter{Partner: "ada"}, storage.Mark{}, 0)
	must(err)
	for _, c := range list.Items {
		fmt.Println(c.Conversion, c.Partner, minor(c.Amount), c.Status)
	}
	// Output: in_1 ada 20.00 USD payable
}

func ExampleEngine_Customers() {
	d := newDemo()
	_, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 4900, Currency: "usd"})
	must(err)
	list, err := d.Customers(d, "", 0)
	must(err)
	for _, c := range list.Items {
		fmt.Println(c.ID, c.Conversions, c.LastSaleAt.Format(time.DateOnly))
	}
	// Output: cus_1 1 2026-03-01
}

func ExampleEngine_Customer() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main"})
	must(err)
	_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Click: "click_1", Amount: 4900, Currency: "usd"})
	must(err)
	c, err := d.Customer(d, "cus_1")
	must(err)
	fmt.Println(c.ID, c.Conversions)
	_, err = d.Customer(d, "nobody")
	fmt.Println(affiliate.ErrorCode(err))
	// Output:
	// cus_1 1
	// not_found
}

func ExampleEngine_CustomerClicks() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main"})
	must(err)
	_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Click: "click_1", Amount: 4900, Currency: "usd"})
	must(err)
	clicks, err := d.CustomerClicks(d, "cus_1")
	must(err)
	fmt.Println(len(clicks), clicks[0].ID, clicks[0].Partner)
	// Output: 1 click_1 ada
}

func ExampleEngine_Stats() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main"})
	must(err)
	_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Click: "click_1", Amount: 4900, Currency: "usd"})
	must(err)
	_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_2", Customer: "cus_2", Amount: 1000, Currency: "usd"})
	must(err)
	stats, err := d.Stats(d, affiliate.StatsQuery{By: affiliate.ByPartner})
	must(err)
	for _, row := range stats.Items {
		fmt.Printf("%q %d clicks, %d sales of %d, commission %d\n", row.Key, row.Clicks, row.Conversions, row.Revenue, row.Commission)
	}
	// Output:
	// "" 0 clicks, 1 sales of 1000, commission 0
	// "ada" 1 clicks, 1 sales of 4900, commission 980
}

var statsKeys = []affiliate.StatsKey{
	affiliate.ByDay, affiliate.ByWeek, affiliate.ByMonth, affiliate.ByProgram, affiliate.ByPartner, affiliate.ByLink, affiliate.ByCode,
	affiliate.ByCampaign, affiliate.ByReferrer, affiliate.ByCountry, affiliate.ByLanding, affiliate.ByTag("sub1"),
}

// addUp checks that all slicings come to the ledger and to the same revenue, and that
// lists have each row once, however they are paged.
func (d demo) addUp(t require.TestingT, partners []string) {
	owed := map[money.Currency]int64{}
	for _, p := range partners {
		balances, err := d.Balances(d, p, time.Time{})
		require.NoError(t, err)
		for _, b := range balances {
			owed[b.Currency] += b.Pending + b.Payable + b.InPayout + b.Paid
		}
	}
	records := d.all(t, 2)
	revenue, refunded := map[money.Currency]int64{}, map[money.Currency]int64{}
	for _, r := range records {
		revenue[r.Conversion.Currency] += r.Amount
		refunded[r.Conversion.Currency] += r.Refunded
	}
	for _, by := range statsKeys {
		stats, err := d.Stats(d, affiliate.StatsQuery{By: by})
		require.NoError(t, err)
		sums := map[string]map[money.Currency]int64{"owed": {}, "revenue": {}, "refunded": {}}
		for _, row := range stats.Items {
			sums["owed"][row.Currency] += row.Commission
			sums["revenue"][row.Currency] += row.Revenue
			sums["refunded"][row.Currency] += row.Refunded
		}
		for currency := range revenue {
			require.Equal(t, []int64{owed[currency], revenue[currency], refunded[currency]},
				[]int64{sums["owed"][currency], sums["revenue"][currency], sums["refunded"][currency]}, "by %s", by)
		}
	}
	earned := map[money.Currency]int64{}
	for after := (storage.Mark{}); ; {
		page, err := d.ListCommissions(d, affiliate.CommissionFilter{}, after, 1)
		require.NoError(t, err)
		for _, c := range page.Items {
			earned[c.Currency] += c.Amount
		}
		if after = page.Next; after == (storage.Mark{}) {
			break
		}
	}
	for currency := range earned {
		require.Equal(t, owed[currency], earned[currency])
	}
}

// all lists all conversions, in pages of a size.
func (d demo) all(t require.TestingT, limit int) (records []affiliate.ConversionRecord) {
	seen := map[string]bool{}
	for after := (storage.Mark{}); ; {
		page, err := d.Conversions(d, affiliate.ConversionFilter{}, after, limit)
		require.NoError(t, err)
		for _, r := range page.Items {
			require.False(t, seen[r.Conversion.ID], "twice: %s", r.Conversion.ID)
			seen[r.Conversion.ID] = true
		}
		records = append(records, page.Items...)
		if after = page.Next; after == (storage.Mark{}) {
			return records
		}
	}
}

func TestConversionFilters(t *testing.T) {
	d := newDemo()
	d.clock.Set(march(20))
	for i, in := range []affiliate.Conversion{
		{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 100, At: march(1)},
		{ID: "in_2", Customer: "cus_1", Amount: 100, At: march(2), PromoCode: "nothing"},
		{ID: "in_3", Customer: "cus_2", Amount: 100, At: march(3), Type: attribution.Signup},
		{ID: "other_4", Customer: "Kim", Partner: "ada", Amount: 100, At: march(4)},
	} {
		_, err := d.RecordConversion(d, in)
		require.NoError(t, err, i)
	}
	_, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 40})
	require.NoError(t, err)
	yes, no := true, false
	for want, filter := range map[string]affiliate.ConversionFilter{
		"[other_4 in_3 in_2 in_1]": {},
		"[other_4 in_2 in_1]":      {Partner: "ada", Attributed: &yes},
		"[in_3]":                   {Type: attribution.Signup},
		"[in_2]":                   {Code: "NOTHING"},
		"[in_2 in_1]":              {Customer: "cus_1"},
		"[in_1]":                   {Customer: "cus_1", To: march(2)},
		"[in_3 in_2]":              {From: march(2), To: march(4)},
		"[other_4]":                {Text: "kIM"},
		"[]":                       {Customer: "nobody"},
		"[in_3 in_2 in_1]":         {Text: "IN_"},
	} {
		list, err := d.Conversions(d, filter, storage.Mark{}, 0)
		require.NoError(t, err)
		ids := []string{}
		for _, r := range list.Items {
			ids = append(ids, r.Conversion.ID)
		}
		require.Equal(t, want, fmt.Sprint(ids), "%+v", filter)
		require.Zero(t, list.Next)
	}
	list, err := d.Conversions(d, affiliate.ConversionFilter{Attributed: &no}, storage.Mark{}, 1)
	require.NoError(t, err)
	for _, r := range list.Items {
		require.NotEmpty(t, r.Reason)
	}
	require.Equal(t, int64(40), d.all(t, 3)[3].Refunded)
	d.addUp(t, []string{"ada"})
	_, err = d.Stats(d, affiliate.StatsQuery{By: "nothing"})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
}

// Weeks begin on Monday where the owner is.
func TestStatsByWeek(t *testing.T) {
	d := newDemo()
	d.clock.Set(march(20))
	sunday := time.Date(2026, 3, 8, 23, 30, 0, 0, time.UTC)
	_, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Partner: "ada", Amount: 100, At: sunday})
	require.NoError(t, err)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for want, where := range map[string]*time.Location{"2026-03-02": nil, "2026-03-09": berlin} {
		stats, err := d.Stats(d, affiliate.StatsQuery{By: affiliate.ByWeek, Location: where})
		require.NoError(t, err)
		require.Len(t, stats.Items, 1)
		require.Equal(t, want, stats.Items[0].Key)
	}
}
