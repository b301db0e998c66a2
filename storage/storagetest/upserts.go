package storagetest

import (
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

func upsertCases() []check {
	return []check{
		{"a commission is written over the one with its key", commissionOver},
		{"commissions of other keys stay", commissionKeys},
		{"a payout is written over the one with its id", payoutOver},
		{"click counts add up", countsAdd},
		{"click counts of other keys stay", countKeys},
	}
}

func commissionOver(t T, s storage.Store) {
	before, after := row[storage.Commission](1, false), row[storage.Commission](2, false)
	after.Partner, after.Program, after.Rule = before.Partner, before.Program, before.Rule
	after.Conversion, after.Currency = before.Conversion, before.Currency
	write(t, s, storage.Change{Commissions: []storage.Commission{before}})
	write(t, s, storage.Change{Commissions: []storage.Commission{after}})
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if diff := difference([]storage.Commission{after}, rows.Commissions); diff != "" {
		t.Errorf("after it was written over:\n%s", diff)
	}
}

func commissionKeys(t T, s storage.Store) {
	one := row[storage.Commission](1, false)
	list := []storage.Commission{one, one, one, one, one, one}
	list[1].Partner, list[2].Program, list[3].Rule, list[4].Conversion, list[5].Currency = "x", "x", "x", "x", "x"
	for i := range list {
		write(t, s, storage.Change{Commissions: list[i : i+1]})
	}
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if diff := difference(list, rows.Commissions); diff != "" {
		t.Errorf("keys that differ in one part:\n%s", diff)
	}
}

func payoutOver(t T, s storage.Store) {
	p, o := row[payout.Payout](1, false), row[payout.Payout](2, false)
	write(t, s, payouts(p, o))
	p.Status, p.Returned, p.Moves = payout.Paid, 77, append(p.Moves, payout.Move{Status: payout.Paid, At: at(9)})
	write(t, s, payouts(p))
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if diff := difference([]payout.Payout{p, o}, rows.Payouts); diff != "" {
		t.Errorf("after it was written over:\n%s", diff)
	}
	p.Status, p.Returned, p.Moves = payout.Issued, 0, nil
	write(t, s, payouts(p))
	found, _ := ok2[payout.Payout, bool](t)(s.Payout(t.Context(), org, p.ID))
	if diff := difference([]payout.Payout{p}, []payout.Payout{found}); diff != "" {
		t.Errorf("after it was written over with less:\n%s", diff)
	}
}

func counts(list ...storage.ClickCount) storage.Change { return storage.Change{Counts: list} }

func countsAdd(t T, s storage.Store) {
	count := storage.ClickCount{Partner: "p", Program: "m", Link: "l", Day: at(1), Clicks: 3}
	write(t, s, counts(count))
	count.Clicks = 5
	write(t, s, counts(count))
	count.Clicks = -1
	commitAll(t, s, counts(count), counts(count))
	count.Clicks = 6
	found := ok[[]storage.ClickCount](t)(s.ClickCounts(t.Context(), org, "p"))
	if diff := difference([]storage.ClickCount{count}, found); diff != "" {
		t.Errorf("3 + 5 - 1 - 1:\n%s", diff)
	}
}

func countKeys(t T, s storage.Store) {
	one := storage.ClickCount{Partner: "p", Program: "m", Link: "l", Day: at(1), Clicks: 1}
	list := []storage.ClickCount{one, one, one, one}
	list[1].Program, list[2].Link, list[3].Day = "M", "", at(2)
	write(t, s, counts(list...))
	foreign := one
	foreign.Partner = "q"
	write(t, s, counts(foreign))
	found := ok[[]storage.ClickCount](t)(s.ClickCounts(t.Context(), org, "p"))
	if diff := difference(list, found); diff != "" {
		t.Errorf("keys that differ in one part:\n%s", diff)
	}
}
