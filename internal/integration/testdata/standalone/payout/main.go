package main

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/payout"
)

func main() {
	var ledgers payout.Memory
	ada, now := payout.Ledger{Partner: "ada", Currency: "usd"}, time.Now()
	ledgers.Post(ada, payout.Line{Amount: 2000, MaturesAt: now}, payout.Line{Amount: 900, MaturesAt: now.Add(time.Hour)})
	p, due, err := payout.Plan(&ledgers, ada, payout.Cutoff{At: now, Minimum: 500})
	if due {
		p, err = payout.Issue(&ledgers, p, "po_1", now)
	}
	balance, _ := payout.BalanceOf(&ledgers, ada, now)
	fmt.Println(p.Amount, err, balance) // Output: 2000 <nil> {900 0 2000 0}
}
