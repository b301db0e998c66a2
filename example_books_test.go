package affiliate_test

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// Tiers cross customers: settlement posts them.
func ExampleEngine_Settle() {
	d := newDemo()
	tiered := percentRule("20")
	tiered[0].Tiers = &commission.Tiers{
		Metric: commission.Conversions, Period: commission.PerMonth, Thresholds: []commission.Threshold{{At: 2, Value: "25"}},
	}
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{Rules: tiered}, march(1)))
	d.sell("in_1")
	d.sell("in_2")
	res, err := d.Settle(d, 0)
	must(err)
	fmt.Println(res.Left, minor(d.standing("in_1").Amount))
	// Output: 0 25.00 USD
}

func ExampleEngine_NotifyEnding() {
	d := newDemo()
	must(d.EditProgram(d, "main", program.SettingsChange{EndsAt: pointer(march(20))}, march(1)))
	for _, day := range []int{12, 13, 14} {
		d.clock.Set(march(day))
		announced, err := d.NotifyEnding(d)
		fmt.Println(day, announced, err)
	}
	// Output:
	// 12 0 <nil>
	// 13 1 <nil>
	// 14 0 <nil>
}

func ExampleEngine_Explain() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main", Flag: "bot"})
	must(err)
	_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Amount: 4900, Click: "click_1"})
	must(err)
	x, err := d.Explain(d, "in_1")
	must(err)
	fmt.Println(x.Attributed, x.Reason, x.Customer)
	for _, touch := range x.How.Touches {
		fmt.Println(touch.Click, touch.Partner, touch.LeftOut)
	}
	d.sell("in_2")
	x, err = d.Explain(d, "in_2")
	must(err)
	line := x.Commissions[0].Line
	fmt.Println(line.Rule, line.Value, line.Share, line.Exact, line.Accrued, line.Source)
	// Output:
	// false flagged [cus_1]
	// click_1 ada flagged
	// rev 20 1 2000 2000 approval
}

func ExampleEngine_Commissions() {
	d := newDemo()
	for i := range 3 {
		d.clock.Set(march(i + 1))
		d.sell(fmt.Sprint("in_", i+1))
	}
	for after, more := "", true; more; {
		page, err := d.Commissions(d, "ada", after, 2)
		must(err)
		for _, c := range page.Commissions {
			fmt.Println(c.Conversion, minor(c.Amount))
		}
		after, more = page.Next, page.Next != ""
	}
	// Output:
	// in_3 20.00 USD
	// in_2 20.00 USD
	// in_1 20.00 USD
}

func ExampleEngine_ClickCounts() {
	d := newDemo()
	for range 3 {
		_, err := d.RecordClick(d, affiliate.Click{Partner: "ada", Program: "main"})
		must(err)
	}
	counts, err := d.ClickCounts(d, "ada")
	must(err)
	fmt.Println(counts[0].Day.Format(time.DateOnly), counts[0].Program, counts[0].Clicks)
	// Output: 2026-03-01 main 3
}

func ExampleEngine_NextPayout() {
	d := newDemo()
	next, err := d.NextPayout(d, "ada")
	fmt.Println(next, err)
	// Output: 2026-04-01 00:00:00 +0000 UTC <nil>
}

// The same run again issues nothing twice.
func ExampleEngine_RunPayouts() {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	for _, dry := range []bool{true, false, false} {
		issued, err := d.RunPayouts(d, affiliate.PayoutRun{DryRun: dry})
		must(err)
		for _, p := range issued {
			fmt.Println(p.Partner, minor(p.Amount), p.Cutoff.Format(time.DateOnly), dry)
		}
	}
	// Output:
	// ada 20.00 USD 2026-04-01 true
	// ada 20.00 USD 2026-04-01 false
}

// The amount of a failed payout is payable again.
func ExampleEngine_MovePayout() {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(march(40))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	for _, to := range []payout.Status{payout.Processing, payout.Failed, payout.Paid} {
		p, err := d.MovePayout(d, issued[0].ID, to, time.Time{})
		fmt.Println(p.Status, err == nil)
	}
	balances, err := d.Balances(d, "ada", time.Time{})
	must(err)
	fmt.Println(minor(balances[0].Payable))
	// Output:
	// processing true
	// failed true
	// failed false
	// 20.00 USD
}

func ExampleEngine_Payouts() {
	d := newDemo()
	d.sell("in_1")
	_, err := d.RunPayouts(d, affiliate.PayoutRun{At: march(40)})
	must(err)
	list, err := d.Payouts(d, "ada")
	must(err)
	for _, p := range list {
		fmt.Println(p.Partner, minor(p.Amount), p.Status)
	}
	// Output: ada 20.00 USD issued
}

func ExampleEngine_Payout() {
	d := newDemo()
	d.sell("in_1")
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{At: march(40)})
	must(err)
	p, err := d.Payout(d, issued[0].ID)
	must(err)
	fmt.Println(p.Partner, minor(p.Amount), p.Status)
	_, err = d.Payout(d, "po_9")
	fmt.Println(err)
	// Output:
	// ada 20.00 USD issued
	// affiliate: payout "po_9" not found
}

func ExampleEngine_Balances() {
	d := newDemo()
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{HoldbackDays: pointer(30)}, march(1)))
	d.sell("in_1")
	for _, asOf := range []time.Time{march(1), march(31)} {
		balances, err := d.Balances(d, "ada", asOf)
		must(err)
		b := balances[0]
		fmt.Println(b.Currency, minor(b.Pending), minor(b.Payable), minor(b.InPayout), minor(b.Paid))
	}
	// Output:
	// usd 20.00 USD 0.00 USD 0.00 USD 0.00 USD
	// usd 0.00 USD 20.00 USD 0.00 USD 0.00 USD
}

func ExampleEngine_Statement() {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(march(40))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	s, err := d.Statement(d, issued[0].ID)
	must(err)
	fmt.Println(s.Opening, s.Posted, s.Amount, s.Closing)
	for _, line := range s.Lines {
		fmt.Println(line.Kind, line.Conversion, line.Amount)
	}
	// Output:
	// 0 2000 2000 0
	// accrual in_1 2000
}
