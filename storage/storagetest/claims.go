package storagetest

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

func claimCases() []check {
	cases := []check{
		{"a cut-off is paid once", cutoffOnce},
		{"a dispute has a fact per status", disputes},
		{"a ledger position is claimed per partner and currency", positions},
	}
	for _, k := range kinds() {
		if !k.claim {
			continue
		}
		cases = append(cases,
			check{"a second " + k.name, func(t T, s storage.Store) { secondRow(t, s, k) }},
			check{"the same " + k.name + " twice in a change", func(t T, s storage.Store) {
				c := everything(1)
				k.last(&c)
				refuse(t, s, "twice in a change", c)
			}},
		)
	}
	return cases
}

// secondRow writes a row, then the same one among new ones.
func secondRow(t T, s storage.Store, k kind) {
	var c storage.Change
	k.add(&c, 1, false)
	write(t, s, c)
	refuse(t, s, "alone", c)
	c = everything(2)
	k.add(&c, 3, false)
	k.add(&c, 1, false)
	k.add(&c, 4, false)
	refuse(t, s, "among others", c)
	write(t, s, everything(2))
}

var noon = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// at is noon of a day, n microseconds later.
func at(day int, n ...int) time.Time {
	moment := noon.AddDate(0, 0, day)
	for _, micros := range n {
		moment = moment.Add(time.Duration(micros) * time.Microsecond)
	}
	return moment
}

func payoutOf(id, partner string, cutoff, through int64) payout.Payout {
	var p payout.Payout
	p.ID, p.Partner, p.Currency, p.Through, p.Amount, p.Status = id, partner, "usd", through, 100*through, "issued"
	p.Cutoff, p.IssuedAt = at(int(cutoff)), at(int(cutoff)+1)
	return p
}

func payouts(list ...payout.Payout) storage.Change { return storage.Change{Payouts: list} }

func cutoffOnce(t T, s storage.Store) {
	write(t, s, payouts(payoutOf("1", "p", 1, 5)))
	refuse(t, s, "another payout of the cut-off", payouts(payoutOf("2", "p", 1, 6)))
	refuse(t, s, "two payouts of a cut-off", payouts(payoutOf("3", "p", 2, 6), payoutOf("4", "p", 2, 7)))
	euro := payoutOf("5", "p", 1, 5)
	euro.Currency = "eur"
	write(t, s, payouts(payoutOf("6", "p", 2, 6), payoutOf("7", "q", 1, 5), euro))
}

func disputes(t T, s storage.Store) {
	open := commission.Fact{Kind: commission.Dispute, ID: "d", Conversion: "c", At: at(1), Status: commission.DisputeOpen}
	lost, later := open, open
	lost.Status, later.At = commission.DisputeLost, at(2)
	write(t, s, storage.Change{Facts: []commission.Fact{open, lost}})
	refuse(t, s, "the same status again", storage.Change{Facts: []commission.Fact{later}})
}

func positions(t T, s storage.Store) {
	line := func(partner string, currency string, position int64) storage.Change {
		var l storage.LedgerLine
		l.Partner, l.Position, l.EntryID = partner, position, fmt.Sprint(partner, currency, position)
		if currency != "" {
			l.Currency = "eur"
		}
		return storage.Change{Lines: []storage.LedgerLine{l}}
	}
	write(t, s, line("p", "", 1))
	write(t, s, line("p", "", 2))
	write(t, s, line("p", "eur", 1))
	write(t, s, line("q", "", 1))
	refuse(t, s, "a taken position", line("p", "", 2))
}

// aClick is a change that writes a click and nothing else.
func aClick(id string) storage.Change {
	return storage.Change{Clicks: []attribution.Click{{ID: id}}}
}
