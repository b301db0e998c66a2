package main

import (
	"fmt"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

func main() {
	var history commission.History
	rules := []commission.Rule{{ID: "share", Trigger: commission.Subsequent, Type: commission.Percent, Value: "12.5"}}
	offer := commission.Offer{Program: "main", Snapshot: commission.Snapshot{Terms: commission.Terms{Rules: rules}}}
	ada := []attribution.Credit{{Partner: "ada", Program: "main", Share: money.WholeShare()}}
	for _, id := range []string{"in_1", "in_2"} {
		earned, notes, err := history.Earn(commission.Sale{Conversion: attribution.Conversion{ID: id, Amount: 4900, Currency: "usd"}}, ada, offer)
		fmt.Println(len(earned), notes[0].Why, err)
	} // Output: 0 first <nil>; 1  <nil>
}
