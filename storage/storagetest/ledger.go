package storagetest

import (
	"fmt"
	"math"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

func ledgerCases() []check {
	return []check{
		{"Sum of matured and pending lines", sums},
		{"Sum outside a range", sumsOutside},
		{"Sum keeps partners and currencies apart", sumsApart},
		{"Sum up to the limits of int64, and not beyond", sumsOverflow},
		{"Lines in order of position", lines},
	}
}

func line(partner string, currency money.Currency, position, amount int64, matures time.Time) storage.LedgerLine {
	var l storage.LedgerLine
	l.Partner, l.Currency, l.Position, l.Amount, l.MaturesAt, l.At = partner, currency, position, amount, matures, at(0)
	l.EntryID = fmt.Sprint(partner, currency, position)
	return l
}

// sumIs checks Sum for partner p in usd.
func sumIs(t T, s storage.Store, outside payout.Range, moment time.Time, wantMatured, wantPending int64) {
	t.Helper()
	matured, pending := ok2[int64, int64](t)(s.Sum(t.Context(), org, "p", "usd", outside, moment))
	if matured != wantMatured || pending != wantPending {
		t.Errorf("Sum outside %+v at %v: %d and %d, want %d and %d", outside, moment, matured, pending, wantMatured, wantPending)
	}
}

func sums(t T, s storage.Store) {
	sumIs(t, s, payout.Range{}, at(9), 0, 0)
	write(t, s, storage.Change{Lines: []storage.LedgerLine{
		line("p", "usd", 1, 1, at(1)), line("p", "usd", 2, 20, at(2)), line("p", "usd", 3, -300, at(1)),
		line("p", "usd", 4, 4000, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)), line("p", "usd", 5, 50000, time.Time{}),
	}})
	sumIs(t, s, payout.Range{}, at(0), 50000, 3721)
	sumIs(t, s, payout.Range{}, at(1, -1), 50000, 3721)
	sumIs(t, s, payout.Range{}, at(1), 49701, 4020)
	sumIs(t, s, payout.Range{}, at(2, -1), 49701, 4020)
	sumIs(t, s, payout.Range{}, at(2), 49721, 4000)
	sumIs(t, s, payout.Range{}, at(2).In(time.FixedZone("", -3600)), 49721, 4000)
}

func sumsOutside(t T, s storage.Store) {
	write(t, s, storage.Change{Lines: []storage.LedgerLine{
		line("p", "usd", 1, 1, at(1)), line("p", "usd", 2, 20, at(4)), line("p", "usd", 3, 300, at(2)),
		line("p", "usd", 4, 4000, at(1)), line("p", "usd", 5, 50000, at(3)), line("p", "usd", 6, 600000, at(9)),
	}})
	for _, x := range []struct {
		through int64
		cutoff  time.Time
		want    [2]int64 // at day 3
	}{
		{0, time.Time{}, [2]int64{54301, 600020}},
		{0, at(99), [2]int64{54301, 600020}},
		{99, time.Time{}, [2]int64{54301, 600020}},
		{3, at(2), [2]int64{54000, 600020}},
		{3, at(2, -1), [2]int64{54300, 600020}},
		{4, at(2), [2]int64{50000, 600020}},
		{3, at(4), [2]int64{54000, 600000}},
		{6, at(1), [2]int64{50300, 600020}},
		{6, at(9), [2]int64{0, 0}},
		{5, at(9), [2]int64{0, 600000}},
	} {
		sumIs(t, s, payout.Range{Through: x.through, Cutoff: x.cutoff}, at(3), x.want[0], x.want[1])
	}
}

func sumsApart(t T, s storage.Store) {
	write(t, s, storage.Change{Lines: []storage.LedgerLine{
		line("p", "usd", 1, 1, at(1)), line("p", "eur", 1, 20, at(1)), line("P", "usd", 1, 300, at(1)), line("q", "usd", 1, 4000, at(1)),
	}})
	sumIs(t, s, payout.Range{}, at(1), 1, 0)
	sumIs(t, s, payout.Range{Through: 1, Cutoff: at(0)}, at(1), 1, 0)
	sumIs(t, s, payout.Range{Through: 1, Cutoff: at(1)}, at(1), 0, 0)
}

func sumsOverflow(t T, s storage.Store) {
	write(t, s, storage.Change{Lines: []storage.LedgerLine{
		line("p", "usd", 1, math.MaxInt64-1, at(1)), line("p", "usd", 2, 1, at(1)), line("p", "usd", 3, math.MinInt64, at(2)),
	}})
	sumIs(t, s, payout.Range{}, at(1), math.MaxInt64, math.MinInt64)
	write(t, s, storage.Change{Lines: []storage.LedgerLine{line("p", "usd", 4, 1, at(1))}})
	if matured, _, err := s.Sum(t.Context(), org, "p", "usd", payout.Range{}, at(1)); err == nil {
		t.Errorf("a sum beyond int64 is %d and no error", matured)
	}
}

func lines(t T, s storage.Store) {
	write(t, s, storage.Change{Lines: []storage.LedgerLine{
		line("p", "usd", 10, 1, at(1)), line("p", "usd", 2, 1, at(1)), line("p", "usd", 1, 1, at(5)),
		line("p", "eur", 1, 1, at(1)), line("q", "usd", 1, 1, at(1)),
	}})
	write(t, s, storage.Change{Lines: []storage.LedgerLine{line("p", "usd", 3, 1, at(1))}})
	read := func(through int64) []string {
		var list []string
		for _, l := range ok[[]storage.LedgerLine](t)(s.Lines(t.Context(), org, "p", "usd", through)) {
			list = append(list, l.EntryID)
		}
		return list
	}
	inOrder(t, "all", read(math.MaxInt64), []string{"pusd1", "pusd2", "pusd3", "pusd10"})
	inOrder(t, "through 3", read(3), []string{"pusd1", "pusd2", "pusd3"})
	inOrder(t, "through 0", read(0), nil)
}
