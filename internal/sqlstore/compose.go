package sqlstore

import (
	"cmp"
	"database/sql/driver"
	"slices"
	"strconv"
	"strings"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// maxParameters is how many a statement has at most. Postgres takes 65,535.
const maxParameters = 30_000

// overtaken starts the error that a composed statement ends in if it is stale. It
// tells whoever reads the server's log what that is about.
const overtaken = "affiliate: overtaken by another transaction, will look again: "

// Statement is one composed of writes: it does all of them, or fails with an
// error that Overtaken knows.
type Statement struct {
	Text string
	Args []any
}

// Compose returns a change as one statement, or several if it is huge, which
// then need a transaction.
func (s *Store) Compose(org string, change storage.Change) ([]Statement, error) {
	var list []Statement
	writes := s.Writes(org, compact(change))
	for len(writes) > 0 {
		n, parameters := 1, len(writes[0].Args)
		for n < len(writes) && parameters+len(writes[n].Args) <= maxParameters {
			parameters += len(writes[n].Args)
			n++
		}
		args := make([]any, 0, parameters)
		for _, w := range writes[:n] {
			for _, arg := range w.Args {
				value, err := plain(arg)
				if err != nil {
					return nil, err
				}
				args = append(args, value)
			}
		}
		list = append(list, Statement{compose(writes[:n]), args})
		writes = writes[n:]
	}
	return list, nil
}

// compose makes one statement of several. They run in their order, each when its
// rows are counted, and none after one that affected too few.
func compose(writes []Write) string {
	var with, check strings.Builder
	for i, w := range writes {
		name := "w" + strconv.Itoa(i)
		with.WriteString(", " + name + " AS (" + w.SQL)
		if !w.reads {
			with.WriteString(" RETURNING 1")
		}
		with.WriteString(")")
		check.WriteString(" WHEN (SELECT count(*) FROM " + name + ") <> " + strconv.FormatInt(w.Rows, 10) +
			" THEN CAST('" + overtaken + name + "' || (SELECT count(*) FROM " + name + ") AS integer)")
	}
	return "WITH " + strings.TrimPrefix(with.String(), ", ") + " SELECT CASE" + check.String() + " ELSE 0 END"
}

// Overtaken reports whether a composed statement failed because its change is
// stale. A second unique key, which it cannot name, is a claim, too.
func Overtaken(err error) bool {
	switch sqlState(err) {
	case "22P02":
		return strings.Contains(err.Error(), overtaken)
	case "23505":
		return true
	}
	return false
}

// plain returns an argument as a driver takes it.
func plain(arg any) (any, error) {
	switch arg := arg.(type) {
	case string, int64:
		return arg, nil
	case *string:
		return *arg, nil
	case *int64:
		return *arg, nil
	case []byte:
		return bytesOrNull(arg), nil
	case *[]byte:
		return bytesOrNull(*arg), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(arg)
}

func bytesOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// compact returns a change in which no row is written twice: the last commission
// or payout stays, counts are added up.
func compact(c storage.Change) storage.Change {
	if len(c.Commissions) > 1 {
		type key struct {
			partner, program, rule, conversion string
			currency                           money.Currency
		}
		c.Commissions = last(c.Commissions, func(r storage.Commission) key {
			return key{r.Partner, r.Program, r.Rule, r.Conversion, r.Currency}
		})
	}
	if len(c.Payouts) > 1 {
		c.Payouts = last(c.Payouts, func(p payout.Payout) string { return p.ID })
	}
	if len(c.Counts) > 1 {
		c.Counts = added(c.Counts)
	}
	return c
}

// last returns the last row of each key.
func last[R any, K comparable](rows []R, key func(R) K) []R {
	rows = slices.Clone(rows)
	slices.Reverse(rows)
	rows = unique(rows, key)
	slices.Reverse(rows)
	return rows
}

// added returns one count per key, in order of keys.
func added(counts []storage.ClickCount) []storage.ClickCount {
	counts = slices.Clone(counts)
	same := func(a, b storage.ClickCount) int {
		return cmp.Or(cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Program, b.Program), cmp.Compare(a.Link, b.Link), a.Day.Compare(b.Day))
	}
	slices.SortStableFunc(counts, same)
	sums := counts[:0]
	for _, c := range counts {
		if n := len(sums); n > 0 && same(sums[n-1], c) == 0 {
			sums[n-1].Clicks += c.Clicks
			continue
		}
		sums = append(sums, c)
	}
	return sums
}

// CommitEach commits changes by a function that commits one. Several are first
// tried as if they were one, which is far cheaper; if that is stale, one of them
// is, and they are committed one by one.
func CommitEach(changes []storage.Change, commit func(storage.Change) (storage.Outcome, error)) ([]storage.Outcome, error) {
	outcomes := make([]storage.Outcome, len(changes))
	if len(changes) > 1 {
		if one, ok := Merge(changes); ok {
			outcome, err := commit(one)
			if err != nil || outcome == storage.Committed {
				return outcomes, err
			}
		}
	}
	for i, change := range changes {
		outcome, err := commit(change)
		if err != nil {
			return nil, err
		}
		outcomes[i] = outcome
	}
	return outcomes, nil
}

// CommitOne commits a change by a function that runs its statements, all or
// none.
func CommitOne(s *Store, org string, change storage.Change, write func([]Statement) error) (storage.Outcome, error) {
	list, err := s.Compose(org, change)
	if err != nil {
		return storage.Stale, err
	}
	if len(list) == 0 {
		return storage.Committed, nil
	}
	switch err := write(list); {
	case err == nil:
		return storage.Committed, nil
	case Overtaken(err):
		return storage.Stale, nil
	case change.NoWait && sqlState(err) == "55P03":
		return storage.Held, nil
	default:
		return storage.Stale, err
	}
}
