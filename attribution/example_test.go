package attribution_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
)

// Four clicks of one customer, as they come from a database, shared by each of
// the four models. The oldest is outside the window of 30 days.
func ExampleAttribute() {
	sold := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	clicks := []attribution.Click{
		{ID: "c4", Partner: "cleo", Program: "main", At: sold.AddDate(0, 0, -1)},
		{ID: "c1", Partner: "zoe", Program: "main", At: sold.AddDate(0, 0, -45)},
		{ID: "c3", Partner: "bob", Program: "main", At: sold.AddDate(0, 0, -5)},
		{ID: "c2", Partner: "ada", Program: "main", At: sold.AddDate(0, 0, -20)},
	}
	for _, model := range []attribution.Model{
		attribution.LastClick, attribution.FirstClick, attribution.Linear, attribution.Position,
	} {
		credits, err := attribution.Attribute(clicks, sold, model, 30*24*time.Hour)
		if err != nil {
			panic(err)
		}
		fmt.Print(model, ":")
		for _, c := range credits {
			fmt.Print(" ", c.Partner, " ", c.Share)
		}
		fmt.Println()
	}
	_, err := attribution.Attribute(clicks, sold, "last", 30*24*time.Hour)
	fmt.Println(err)
	// Output:
	// last_click: cleo 1
	// first_click: ada 1
	// linear: ada 1/3 bob 1/3 cleo 1/3
	// position: ada 2/5 bob 1/5 cleo 2/5
	// unknown attribution model "last"
}

// Traffic is tagged by a campaign, and the first partner in the owner's order
// whose condition holds is credited.
func ExampleFirstMatch() {
	partners := []attribution.Matcher{
		{Partner: "zoe", Conditions: []attribution.Condition{{Field: "campaignId", Op: attribution.StartsWith, Value: "spring"}}},
		{Partner: "ada", Conditions: []attribution.Condition{{Field: "sub1", Op: attribution.Equals, Value: "ada"}}},
	}
	suspended := func(partner string) attribution.Reason {
		if partner == "zoe" {
			return attribution.PartnerSuspended
		}
		return ""
	}
	conversion := attribution.Tags{CampaignID: "spring-2026"}
	click := attribution.Tags{Sub: map[string]string{"sub1": "ada"}}
	m := attribution.FirstMatch(slices.Values(partners), conversion, click, suspended)
	fmt.Println(m.Partner, "by the click:", m.ByClick)
	fmt.Println("passed over:", m.Passed[0].Partner, m.Passed[0].Reason)
	// Output:
	// ada by the click: true
	// passed over: zoe partner_suspended
}
