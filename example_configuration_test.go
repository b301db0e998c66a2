package affiliate_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func ExampleNew() {
	clock := affiliatetest.NewClock(march(1))
	eng, err := affiliate.New(memory.New(), affiliate.Config{Organization: "acme", Now: clock.Now})
	fmt.Println(eng.Organization(), err)
	_, err = affiliate.New(nil, affiliate.Config{})
	fmt.Println(affiliate.ErrorCode(err))
	// Output:
	// acme <nil>
	// invalid_input
}

// Always dates what exists since for ever.
func ExampleAlways() {
	fmt.Println(affiliate.Always().Year())
	// Output: 1
}

func ExampleErrorCode() {
	d := newDemo()
	_, err := d.ApprovePartnership(d, "nobody", "main", time.Time{})
	fmt.Println(errors.Is(err, affiliate.ErrNotFound), affiliate.ErrorCode(err))
	// Output: true not_found
}

func ExampleProblems() {
	d := newDemo()
	_, err := d.CreateProgram(d, "new", program.SettingsChange{DestinationURL: home(), Rules: percentRule("101"), HoldbackDays: pointer(-1)}, time.Time{})
	for _, p := range affiliate.Problems(err) {
		fmt.Println(p.Field)
	}
	// Output:
	// holdbackDays
	// rules[0].value
}

func ExampleEngine_Organization() {
	fmt.Println(newDemo().Organization())
	// Output: default
}

func ExampleEngine_Now() {
	fmt.Println(newDemo().Now())
	// Output: 2026-03-01 09:00:00 +0000 UTC
}

// An Engine for a store that is bound to the host's transaction; here simply
// another store.
func ExampleEngine_Within() {
	d := newDemo()
	other := d.Within(memory.New())
	_, err := other.RecordConversion(d, affiliate.Conversion{ID: "in_1", Amount: 4900})
	must(err)
	_, err = d.Conversion(d, "in_1")
	fmt.Println(other.Organization(), affiliate.ErrorCode(err))
	// Output: default not_found
}

func ExampleEngine_Configuration() {
	d := newDemo()
	setup, err := d.Configuration(d)
	must(err)
	terms, _ := setup.Terms("ada", "main", march(1))
	fmt.Println(terms.Rules[0].Value, terms.Source, len(setup.CodesOf("ada")), len(setup.LinksOf("ada")))
	// Output: 20 approval 1 1
}

func ExampleEngine_CreateProgram() {
	d := newDemo()
	_, err := d.CreateProgram(d, "japan", program.SettingsChange{
		DestinationURL: home(),
		Rules:          percentRule("12.5"), Currency: pointer(yen), TimeZone: pointer("Asia/Tokyo"), Model: pointer(attribution.Linear),
	}, march(1))
	setup, _ := d.Configuration(d)
	japan, _ := setup.Program("japan")
	fmt.Println(err, japan.Currency, japan.Location, japan.LifecycleAt(march(1)))
	// Output: <nil> jpy Asia/Tokyo active
}

const yen money.Currency = "jpy"

// An edit of the terms reaches later approvals only.
func ExampleEngine_EditProgram() {
	d := newDemo()
	must(d.EditProgram(d, "main", program.SettingsChange{Rules: percentRule("30")}, march(2)))
	must(d.CreatePartner(d, "bob", program.Profile{}, march(3)))
	must(d.ApprovePartnership(d, "bob", "main", march(3)))
	setup, _ := d.Configuration(d)
	for _, partner := range []string{"ada", "bob"} {
		terms, _ := setup.Terms(partner, "main", march(4))
		fmt.Println(partner, terms.Rules[0].Value)
	}
	// Output:
	// ada 20
	// bob 30
}

func ExampleEngine_EndProgram() {
	d := newDemo()
	must(d.EndProgram(d, "main"))
	fmt.Println(affiliate.ErrorCode(errOf(d.AddLink(d, affiliate.Link{Key: "blog", Partner: "ada", Program: "main"}))))
	// Output: program_not_active
}

func ExampleEngine_SetDefaultProgram() {
	d := newDemo()
	must(d.CreateProgram(d, "shop", program.SettingsChange{DestinationURL: home(), Rules: percentRule("5")}, affiliate.Always()))
	must(d.ApprovePartnership(d, "ada", "shop", affiliate.Always()))
	must(d.SetDefaultProgram(d, "shop", affiliate.Always()))
	fmt.Println(d.sell("in_1").Credits[0].Program)
	// Output: shop
}

func ExampleEngine_CreatePartner() {
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{
		Name: pointer("Bob"), Email: pointer("bob@example.com"),
		Payout: payout.Schedule{Cadence: payout.Weekly, Weekday: time.Friday, TimeZone: "Europe/Berlin"}.Change(),
	}, time.Time{}))
	next, err := d.NextPayout(d, "bob")
	fmt.Println(next, err)
	// Output: 2026-03-05 23:00:00 +0000 UTC <nil>
}

// Traffic that is tagged with ada's campaigns is ada's.
func ExampleEngine_EditPartner() {
	d := newDemo()
	must(d.EditPartner(d, "ada", program.Profile{Match: &[]attribution.Condition{
		{Field: "campaignId", Op: attribution.StartsWith, Value: "ada-"},
	}}, march(1)))
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Amount: 4900, CampaignID: "ada-spring"})
	must(err)
	fmt.Println(res.Credits[0].Partner, res.Credits[0].Method)
	// Output: ada match
}

func ExampleEngine_ApprovePartnership() {
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{Name: pointer("Bob")}, time.Time{}))
	must(d.ApprovePartnership(d, "bob", "main", time.Time{}))
	setup, _ := d.Configuration(d)
	code := setup.CodesOf("bob")[0]
	fmt.Println(code.Code[:3], code.Generated, len(setup.LinksOf("bob")))
	// Output: BOB true 1
}

func ExampleEngine_SuspendPartner() {
	d := newDemo()
	must(d.SuspendPartner(d, "ada", march(1)))
	res := d.sell("in_1")
	fmt.Println(res.Attributed, res.Reason)
	// Output: false partner_suspended
}

func ExampleEngine_ReinstatePartner() {
	d := newDemo()
	must(d.SuspendPartner(d, "ada", march(1).Add(-time.Hour)))
	must(d.ReinstatePartner(d, "ada", march(1)))
	fmt.Println(d.sell("in_1").Attributed)
	// Output: true
}

// An override keeps what it leaves out.
func ExampleEngine_OverrideTerms() {
	d := newDemo()
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{Rules: percentRule("30")}, march(1)))
	fmt.Println(minor(d.sell("in_1").Commissions[0].Amount))
	// Output: 30.00 USD
}

// From then on the partnership follows the program's live terms.
func ExampleEngine_ClearOverride() {
	d := newDemo()
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{Rules: percentRule("30")}, march(1)))
	must(d.EditProgram(d, "main", program.SettingsChange{Rules: percentRule("25")}, march(2)))
	must(d.ClearOverride(d, "ada", "main", march(3)))
	d.clock.Set(march(3))
	fmt.Println(minor(d.sell("in_1").Commissions[0].Amount))
	// Output: 25.00 USD
}

func ExampleEngine_AddCode() {
	d := newDemo()
	must(d.AddCode(d, affiliate.Code{Code: "ada-10", Partner: "ada"}))
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Amount: 4900, PromoCode: " Ada-10 "})
	must(err)
	fmt.Println(res.Credits[0].Partner, res.Credits[0].Method)
	fmt.Println(affiliate.ErrorCode(errOf(d.AddCode(d, affiliate.Code{Code: "ADA-11", Partner: "ada", ByPartner: true}))))
	// Output:
	// ada promo
	// code_limit
}

// A retired code stays with its partner for ever.
func ExampleEngine_RetireCode() {
	d := newDemo()
	must(d.AddCode(d, affiliate.Code{Code: "ADA10", Partner: "ada"}))
	d.clock.Advance(time.Hour)
	must(d.RetireCode(d, "ada10", time.Time{}))
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Amount: 4900, PromoCode: "ADA10"})
	must(err)
	fmt.Println(res.Reason)
	// Output: code_retired
}

func ExampleEngine_AddLink() {
	d := newDemo()
	must(d.AddLink(d, affiliate.Link{Key: "ada-blog", Partner: "ada", Program: "main", URL: "https://acme.test/pricing"}))
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Amount: 4900, Referral: "ada-blog"})
	must(err)
	fmt.Println(res.Credits[0].Partner, res.Credits[0].Method)
	// Output: ada click
}
