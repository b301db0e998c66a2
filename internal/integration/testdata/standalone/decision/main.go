package main

import (
	"fmt"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/program"
)

func main() {
	home, offer := "https://shop.example/", []commission.Rule{{ID: "share", Trigger: commission.Every, Type: commission.Percent, Value: "20"}}
	terms, _ := program.Empty().Apply(
		program.Change{Kind: program.CreateProgram, Program: "main", Settings: &program.SettingsChange{DestinationURL: &home, Rules: offer}},
		program.Change{Kind: program.CreatePartner, Partner: "ada"}, program.Change{Kind: program.Approve, Partner: "ada", Program: "main"})
	sale := attribution.Conversion{ID: "in_1", Partner: "ada", Amount: 4900, Currency: "usd"}
	outcomes, _, err := decision.Decide(terms, decision.Customer{Sales: []commission.Sale{{Conversion: sale}}})
	fmt.Println(outcomes[0].Lines[0].Accrued, err) // Output: 980 <nil>
}
