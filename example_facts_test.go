package affiliate_test

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
)

func ExampleEngine_RecordClick() {
	d := newDemo()
	in := affiliate.Click{ID: "click_1", Partner: "ada", Program: "main", Visitor: "v1", CampaignID: "spring", Sub: map[string]string{"sub1": "x"}}
	for range 2 {
		res, err := d.RecordClick(d, in)
		fmt.Println(res.ClickID, res.Duplicate, err)
	}
	in.Visitor = "v2"
	_, err := d.RecordClick(d, in)
	fmt.Println(affiliate.ErrorCode(err))
	// Output:
	// click_1 false <nil>
	// click_1 true <nil>
	// duplicate_conflict
}

// An identify that comes after the sale still counts.
func ExampleEngine_Identify() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{Partner: "ada", Program: "main", Visitor: "v1"})
	must(err)
	d.clock.Advance(time.Hour)
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Amount: 4900})
	must(err)
	fmt.Println(res.Reason)
	_, err = d.Identify(d, affiliate.Identify{Customer: "cus_1", Visitor: "v1"})
	must(err)
	res, err = d.Conversion(d, "in_1")
	fmt.Println(res.Credits[0].Partner, minor(res.Commissions[0].Amount), err)
	// Output:
	// no_touch
	// ada 9.80 USD <nil>
}

// An alias makes two ids one customer, whatever came first.
func ExampleEngine_Identify_alias() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main"})
	must(err)
	_, err = d.Identify(d, affiliate.Identify{Customer: "user_1", Click: "click_1"})
	must(err)
	_, err = d.Identify(d, affiliate.Identify{Customer: "user_1", Alias: "cus_1"})
	must(err)
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Amount: 4900})
	fmt.Println(res.Attributed, err)
	// Output: true <nil>
}

// The same conversion again is a duplicate, with other content a conflict.
func ExampleEngine_RecordConversion() {
	d := newDemo()
	in := affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 4900}
	for range 2 {
		res, err := d.RecordConversion(d, in)
		must(err)
		c := res.Commissions[0]
		fmt.Println(c.ID, minor(c.Amount), c.Status, res.Duplicate)
	}
	in.Amount = 5900
	_, err := d.RecordConversion(d, in)
	fmt.Println(affiliate.ErrorCode(err))
	// Output:
	// in_1:ada:main:rev 9.80 USD payable false
	// in_1:ada:main:rev 9.80 USD payable true
	// duplicate_conflict
}

func ExampleEngine_Conversion() {
	d := newDemo()
	d.sell("in_1")
	res, err := d.Conversion(d, "in_1")
	must(err)
	credit := res.Credits[0]
	fmt.Println(credit.Partner, credit.Share, credit.Method)
	// Output: ada 1 manual
}

// A refund may come before its conversion: it waits for it.
func ExampleEngine_RecordRefund() {
	d := newDemo()
	res, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 2500})
	must(err)
	fmt.Println(res.Waiting)
	fmt.Println(minor(d.sell("in_1").Commissions[0].Amount))
	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re_2", Conversion: "in_1", Amount: 7501})
	fmt.Println(affiliate.ErrorCode(err))
	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re_3", Conversion: "in_1", All: true})
	must(err)
	c := d.standing("in_1")
	fmt.Println(minor(c.Amount), c.Status)
	// Output:
	// true
	// 15.00 USD
	// over_refund
	// 0.00 USD reversed
}

func ExampleEngine_FailRefund() {
	d := newDemo()
	d.sell("in_1")
	_, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", All: true})
	must(err)
	d.clock.Advance(time.Hour)
	_, err = d.FailRefund(d, "re_1", "in_1", time.Time{})
	must(err)
	fmt.Println(minor(d.standing("in_1").Amount))
	// Output: 20.00 USD
}

func ExampleEngine_RecordDispute() {
	d := newDemo()
	d.sell("in_1")
	for day, status := range []commission.DisputeStatus{commission.DisputeOpen, commission.DisputeWon} {
		d.clock.Set(march(day + 2))
		_, err := d.RecordDispute(d, affiliate.Dispute{ID: "dp_1", Conversion: "in_1", Amount: 5000, Status: status})
		must(err)
		fmt.Println(status, minor(d.standing("in_1").Amount))
	}
	// Output:
	// open 10.00 USD
	// won 20.00 USD
}

func ExampleEngine_AmendConversion() {
	d := newDemo()
	d.sell("in_1")
	_, err := d.AmendConversion(d, "in_1", 9000, march(1))
	must(err)
	fmt.Println(minor(d.standing("in_1").Amount))
	// Output: 18.00 USD
}

func ExampleEngine_RejectCommission() {
	d := newDemo()
	d.sell("in_1")
	_, err := d.RejectCommission(d, adasCommission("in_1"), "brand bidding", march(1))
	must(err)
	c := d.standing("in_1")
	fmt.Println(minor(c.Amount), c.Status)
	// Output: 0.00 USD rejected
}

// A commission that is held is not payable.
func ExampleEngine_HoldCommission() {
	d := newDemo()
	d.sell("in_1")
	_, err := d.HoldCommission(d, adasCommission("in_1"), "to check", march(1))
	must(err)
	balances, err := d.Balances(d, "ada", time.Time{})
	must(err)
	fmt.Println(d.standing("in_1").Status, minor(balances[0].Payable), minor(balances[0].Pending))
	// Output: under_review 0.00 USD 20.00 USD
}

func ExampleEngine_ReleaseCommission() {
	d := newDemo()
	d.sell("in_1")
	_, err := d.HoldCommission(d, adasCommission("in_1"), "to check", march(1))
	must(err)
	d.clock.Advance(time.Hour)
	_, err = d.ReleaseCommission(d, adasCommission("in_1"), time.Time{})
	must(err)
	fmt.Println(d.standing("in_1").Status)
	// Output: payable
}
