package affiliate_test

import (
	"fmt"

	"github.com/goaffiliate/affiliate"
)

// A browser can claim any customer key, so a claim earns nothing by itself. Here
// the server confirms it by the same e-mail address.
func ExampleEngine_RecordClaim() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main", Visitor: "visitor_1"})
	must(err)
	status, err := d.RecordClaim(d, affiliate.Claim{Customer: "user_8", Click: "click_1", Visitor: "visitor_1", Email: "ann@example.com"})
	fmt.Println(status, err)

	_, err = d.Identify(d, affiliate.Identify{Customer: "user_8", Email: "ann@example.com"})
	must(err)
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "user_8", Amount: 4900})
	fmt.Println(res.Credits[0].Partner, err)
	// Output:
	// pending <nil>
	// ada <nil>
}

// The server names nothing that only the honest browser shares with it, so the
// sale waits for the owner.
func ExampleEngine_AcceptClaim() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main"})
	must(err)
	_, err = d.RecordClaim(d, affiliate.Claim{Customer: "user_8", Click: "click_1"})
	must(err)
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "user_8", Amount: 4900})
	fmt.Println(res.Reason, err)
	res, err = d.AcceptClaim(d, "in_1", "")
	fmt.Println(res.Credits[0].Partner, err)
	// Output:
	// claim_unconfirmed <nil>
	// ada <nil>
}

// A sign-up that the server tells of is recorded once for each customer.
func ExampleEngine_RecordLead() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main"})
	must(err)
	for range 2 {
		res, err := d.RecordLead(d, affiliate.Lead{Customer: "user_8", Click: "click_1", Email: "ann@example.com"})
		fmt.Println(res.ConversionID, res.Duplicate, res.Credits[0].Partner, err)
	}
	// Output:
	// signup:user_8 false ada <nil>
	// signup:user_8 true ada <nil>
}
