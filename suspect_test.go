package affiliate_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// suspected records ada's click that is suspect, and says whose it is.
func (d demo) suspected(id, customer string, at time.Time) {
	_, err := d.RecordClick(d, affiliate.Click{ID: id, Partner: "ada", Program: "main", At: at, Suspect: "velocity"})
	must(err)
	_, err = d.Identify(d, affiliate.Identify{Customer: customer, Click: id, At: at})
	must(err)
}

// bought records 100.00 of a customer.
func (d demo) bought(id, customer string, at time.Time) affiliate.ConversionResult {
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: id, Customer: customer, Amount: 10_000, At: at})
	must(err)
	return res
}

func (d demo) balance() affiliate.Balance {
	balances, err := d.Balances(d, "ada", time.Time{})
	must(err)
	return balances[0]
}

// What a suspect click earns is pending until the owner releases it, and then
// payable from its own maturity.
func TestSuspectClickEarnsUnderReview(t *testing.T) {
	d := newDemo()
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{HoldbackDays: pointer(10)}, march(1)))
	d.clock.Set(march(5))
	d.suspected("k1", "c1", march(1))
	sold := d.bought("in_1", "c1", march(2))
	require.True(t, sold.Attributed)
	require.Equal(t, commission.StatusUnderReview, sold.Commissions[0].Status)
	require.Equal(t, "velocity", sold.Commissions[0].Suspect)

	d.clock.Set(march(40))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	require.Empty(t, issued)
	require.EqualValues(t, 2000, d.balance().Pending)
	x, err := d.Explain(d, "in_1")
	must(err)
	require.Equal(t, "velocity", x.How.Touches[0].Suspect)
	require.Equal(t, "velocity", x.Credits[0].Suspect)
	require.Equal(t, "velocity", x.Commissions[0].Suspect)

	_, err = d.ReleaseCommission(d, adasCommission("in_1"), time.Time{})
	must(err)
	stands := d.standing("in_1")
	require.Equal(t, []any{commission.StatusPayable, march(12), ""}, []any{stands.Status, stands.PayableAt, stands.Suspect})
	require.EqualValues(t, 2000, d.balance().Payable)
	clicks, err := d.Click(d, "k1")
	must(err)
	require.Equal(t, "velocity", clicks.Suspect, "it is stored")
}

// Releasing one commission releases what the same customer brought later, in one
// commit, and holding it again puts that back.
func TestReleaseVouchesForTheCustomersLaterSales(t *testing.T) {
	d := newDemo()
	d.clock.Set(march(30))
	d.suspected("k1", "c1", march(1))
	for day, id := range []string{"in_1", "in_2", "in_3"} {
		d.bought(id, "c1", march(day+2))
	}
	statuses := func() (list []commission.Status) {
		for _, id := range []string{"in_1", "in_2", "in_3"} {
			list = append(list, d.standing(id).Status)
		}
		return list
	}
	wait, free := commission.StatusUnderReview, commission.StatusPayable
	require.Equal(t, []commission.Status{wait, wait, wait}, statuses())
	review := func(do func() (affiliate.FactResult, error)) {
		_, err := do()
		must(err)
		d.clock.Advance(time.Second)
	}
	review(func() (affiliate.FactResult, error) {
		return d.ReleaseCommission(d, adasCommission("in_2"), time.Time{})
	})
	require.Equal(t, []commission.Status{wait, free, free}, statuses())
	review(func() (affiliate.FactResult, error) {
		return d.HoldCommission(d, adasCommission("in_2"), "to check", time.Time{})
	})
	require.Equal(t, []commission.Status{wait, wait, wait}, statuses())
	review(func() (affiliate.FactResult, error) {
		return d.ReleaseCommission(d, adasCommission("in_1"), time.Time{})
	})
	require.Equal(t, []commission.Status{free, wait, free}, statuses(), "that one is held by hand")
	require.Equal(t, commission.StatusPayable, d.bought("in_4", "c1", march(10)).Commissions[0].Status)
	_, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_3", All: true})
	must(err)
	require.EqualValues(t, 6000, d.balance().Payable+d.balance().Pending)
}

// A suspect click that is told of late takes nothing back that was paid out, also
// by a payout that failed.
func TestLateSuspectClickLeavesWhatWasPaidOut(t *testing.T) {
	for _, status := range []payout.Status{payout.Paid, payout.Failed} {
		d := newDemo()
		d.clock.Set(march(10))
		d.clicked("k1", "c1", march(1))
		d.bought("in_1", "c1", march(5))
		d.bought("in_2", "c1", march(6))
		d.clock.Set(march(32))
		issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
		must(err)
		require.EqualValues(t, 4000, issued[0].Amount)
		_, err = d.MovePayout(d, issued[0].ID, status, time.Time{})
		must(err)
		before := d.balance()
		d.suspected("k2", "c1", march(2))
		require.Equal(t, before, d.balance(), status)
		require.NotEqual(t, commission.StatusUnderReview, d.standing("in_1").Status)
	}
}

// The same clicks, sales and reviews end the same, in whatever order they come.
func TestSuspectClicksInAnyOrderEndTheSame(t *testing.T) {
	type step struct {
		name string
		tell func(d demo)
	}
	steps := []step{
		{"click", func(d demo) {
			_, err := d.RecordClick(d, affiliate.Click{ID: "k1", Partner: "ada", Program: "main", At: march(1), Visitor: "v", Suspect: "velocity"})
			must(err)
		}},
		{"identify", func(d demo) {
			_, err := d.Identify(d, affiliate.Identify{Customer: "c1", Visitor: "v", At: march(2)})
			must(err)
		}},
		{"first", func(d demo) { d.bought("in_1", "c1", march(3)) }},
		{"second", func(d demo) { d.bought("in_2", "c1", march(4)) }},
		{"clean click", func(d demo) { d.clicked("k2", "c1", march(5)) }},
	}
	var want []affiliate.Commission
	permute(len(steps), func(order []int) {
		d := newDemo()
		d.clock.Set(march(20))
		for _, i := range order {
			steps[i].tell(d)
		}
		_, err := d.Settle(d, 0)
		must(err)
		_, err = d.ReleaseCommission(d, adasCommission("in_2"), march(20))
		must(err)
		got := []affiliate.Commission{d.standing("in_1"), d.standing("in_2")}
		if want == nil {
			want = got
			require.Equal(t, commission.StatusUnderReview, got[0].Status)
			require.Equal(t, commission.StatusPayable, got[1].Status)
		}
		require.Equal(t, want, got, order)
	})
}

// permute calls do with every order of n things.
func permute(n int, do func(order []int)) {
	order := make([]int, 0, n)
	var next func()
	next = func() {
		if len(order) == n {
			do(order)
			return
		}
		for i := range n {
			if !slices.Contains(order, i) {
				order = append(order, i)
				next()
				order = order[:len(order)-1]
			}
		}
	}
	next()
}

// Three hundred visitors of one network within a minute: those beyond what is
// plausible wait for the owner, and none earns nothing.
func TestManyVisitorsOfOneAddressAllEarn(t *testing.T) {
	d := newDemo()
	for i := range 300 {
		id := string(rune('a'+i%26)) + time.Duration(i).String()
		click := affiliate.Click{ID: "k" + id, Partner: "ada", Program: "main"}
		if i >= 60 {
			click.Suspect = "velocity"
		}
		_, err := d.RecordClick(d, click)
		must(err)
		_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in" + id, Click: click.ID, Amount: 100})
		must(err)
	}
	balance := d.balance()
	require.EqualValues(t, 60*20, balance.Payable)
	require.EqualValues(t, 240*20, balance.Pending)
	must(d.eachConversion(func(c affiliate.ConversionResult) {
		require.True(t, c.Attributed)
		require.NotEqual(t, attribution.Flagged, c.Reason)
	}))
}

func (d demo) eachConversion(do func(affiliate.ConversionResult)) error {
	rows, err := d.store.Rows(d, d.Organization())
	if err != nil {
		return err
	}
	for _, c := range rows.Conversions {
		result, err := d.Conversion(d, c.ID)
		if err != nil {
			return err
		}
		do(result)
	}
	return nil
}
