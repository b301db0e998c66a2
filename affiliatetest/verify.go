package affiliatetest

import (
	"context"
	"fmt"
	"math/big"
	"slices"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// Verify checks the invariants of a settled store, whatever it went through:
// every entry is in exactly one ledger line with the same amount, positions have
// no gaps, each payout's amount is the sum of what it covers and nothing is
// covered twice, what commissions stand at is the sum of their entries, and the
// balance of every partner is the sum of its entries. It returns what is wrong.
func Verify(ctx context.Context, store storage.Store, org string) ([]string, error) {
	rows, err := store.Rows(ctx, org)
	if err != nil {
		return nil, err
	}
	v := verifier{rows: rows, accounts: map[account]*book{}}
	v.entries()
	v.ledgers()
	v.commissions()
	slices.Sort(v.problems)
	return v.problems, nil
}

type account struct {
	partner  string
	currency money.Currency
}

// book is one partner's ledger in one currency.
type book struct {
	lines   []payout.Line
	payouts []payout.Payout
	entries *big.Int
}

type verifier struct {
	rows     storage.Rows
	accounts map[account]*book
	problems []string
}

func (v *verifier) wrong(format string, args ...any) {
	v.problems = append(v.problems, "invariant: "+fmt.Sprintf(format, args...))
}

func (v *verifier) book(partner string, currency money.Currency) *book {
	key := account{partner, currency}
	if v.accounts[key] == nil {
		v.accounts[key] = &book{entries: new(big.Int)}
	}
	return v.accounts[key]
}

// entries checks that each entry has its line.
func (v *verifier) entries() {
	lines := map[string]storage.LedgerLine{}
	for _, l := range v.rows.Lines {
		if _, twice := lines[l.EntryID]; twice {
			v.wrong("entry %s has two ledger lines", l.EntryID)
		}
		lines[l.EntryID] = l
		b := v.book(l.Partner, l.Currency)
		b.lines = append(b.lines, l.Line)
	}
	for _, e := range v.rows.Entries {
		l, ok := lines[e.ID]
		if !ok {
			v.wrong("entry %s (%s %s) has no ledger line", e.ID, e.Conversion, e.Component)
			continue
		}
		if l.Amount != e.Amount || l.Partner != e.Partner || l.Currency != e.Currency || !l.MaturesAt.Equal(e.MaturesAt) {
			v.wrong("entry %s and its ledger line differ", e.ID)
		}
		sum := v.book(e.Partner, e.Currency).entries
		sum.Add(sum, big.NewInt(e.Amount))
	}
	if len(v.rows.Lines) != len(v.rows.Entries) {
		v.wrong("%d ledger lines for %d entries", len(v.rows.Lines), len(v.rows.Entries))
	}
	for _, p := range v.rows.Payouts {
		b := v.book(p.Partner, p.Currency)
		b.payouts = append(b.payouts, p)
	}
}

// ledgers checks positions, payouts and balances.
func (v *verifier) ledgers() {
	for key, b := range v.accounts {
		slices.SortFunc(b.lines, func(x, y payout.Line) int { return int(x.Position - y.Position) })
		slices.SortFunc(b.payouts, func(x, y payout.Payout) int { return int(x.Through - y.Through) })
		owed := new(big.Int)
		for i, l := range b.lines {
			owed.Add(owed, big.NewInt(l.Amount))
			if l.Position != int64(i+1) {
				v.wrong("ledger of %s in %s: position %d at place %d", key.partner, key.currency, l.Position, i+1)
			}
		}
		if owed.Cmp(b.entries) != 0 {
			v.wrong("balance of %s in %s is %s, its entries add up to %s", key.partner, key.currency, owed, b.entries)
		}
		v.payouts(key, b)
	}
}

// payouts checks that each payout is the sum of the lines it covers, none of
// which an earlier one covers.
func (v *verifier) payouts(key account, b *book) {
	var last *payout.Payout
	for i, p := range b.payouts {
		if last != nil && !p.Cutoff.After(last.Cutoff) {
			v.wrong("payout %s of %s is not after the one before", p.ID, key.partner)
		}
		sum := new(big.Int)
		for _, l := range b.lines {
			inside := l.Position <= p.Through && !l.MaturesAt.After(p.Cutoff)
			before := last != nil && l.Position <= last.Through && !l.MaturesAt.After(last.Cutoff)
			if inside && !before && l.Position != p.Through {
				sum.Add(sum, big.NewInt(l.Amount))
			}
		}
		if sum.Cmp(big.NewInt(p.Amount)) != 0 {
			v.wrong("payout %s of %s is %d, its lines add up to %s", p.ID, key.partner, p.Amount, sum)
		}
		last = &b.payouts[i]
	}
}

// commissions checks that what each commission stands at is the sum of its
// entries.
func (v *verifier) commissions() {
	type id struct {
		key      string
		currency money.Currency
	}
	sums := map[id]*big.Int{}
	for _, e := range v.rows.Entries {
		if e.Conversion == "" {
			continue
		}
		k := id{e.Conversion + ":" + e.Partner + ":" + e.Program + ":" + e.Rule, e.Currency}
		if sums[k] == nil {
			sums[k] = new(big.Int)
		}
		sums[k].Add(sums[k], big.NewInt(e.Amount))
	}
	for _, c := range v.rows.Commissions {
		k := id{c.Key(), c.Currency}
		sum := sums[k]
		if sum == nil {
			sum = new(big.Int)
		}
		if sum.Cmp(big.NewInt(c.Net)) != 0 {
			v.wrong("commission %s stands at %d, its entries add up to %s", k.key, c.Net, sum)
		}
		delete(sums, k)
	}
	for k := range sums {
		if sums[k].Sign() != 0 {
			v.wrong("entries of %s add up to %s without a commission", k.key, sums[k])
		}
	}
}

// Settle settles until nothing is left to do, so that a test can look at what is
// stored.
func Settle(ctx context.Context, eng *affiliate.Engine) error {
	for {
		result, err := eng.Settle(ctx, 0)
		if err != nil || result.Commits == 0 {
			return err
		}
	}
}
