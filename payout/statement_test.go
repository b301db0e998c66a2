package payout_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// twoPayouts is a ledger with a payout in dollars that a second one follows; 40 is still pending after it.
func twoPayouts() (first, second payout.Payout, lines []payout.Line) {
	first = payout.Payout{
		ID: "p1", Partner: "ada", Currency: "usd", Cutoff: day(10), Through: 3, Amount: 1000, IssuedAt: day(11),
	}
	second = payout.Payout{
		ID: "p2", Partner: "ada", Currency: "usd", Cutoff: day(20), Through: 6, Amount: 433, IssuedAt: day(21),
	}
	return first, second, []payout.Line{
		line(1, 1000, 5), line(2, 1100, 15), first.Debit("d1"), line(4, -667, 12), line(5, 40, 45), second.Debit("d2"),
	}
}

func TestStatement(t *testing.T) {
	first, second, lines := twoPayouts()
	s, err := payout.BuildStatement(second, &first, lines)
	require.NoError(t, err)
	require.Equal(t, int64(1100), s.Opening)
	require.Equal(t, int64(-627), s.Posted)
	require.Equal(t, int64(433), s.Amount)
	require.Equal(t, int64(40), s.Closing)
	require.Equal(t, []payout.Line{lines[1], lines[3]}, s.Lines)

	s, err = payout.BuildStatement(first, nil, lines)
	require.NoError(t, err)
	require.Zero(t, s.Opening)
	require.Equal(t, int64(1100), s.Closing, "closing of one is opening of the next")
}

func TestStatementErrors(t *testing.T) {
	first, second, lines := twoPayouts()
	_, err := payout.BuildStatement(second, &first, lines[:3])
	require.ErrorIs(t, err, payout.ErrStatement)
	huge := []payout.Line{line(1, math.MaxInt64, 50), line(2, 1, 50)}
	_, err = payout.BuildStatement(first, nil, huge)
	require.ErrorIs(t, err, money.ErrOverflow)
}

func TestStatementJSON(t *testing.T) {
	first, _, lines := twoPayouts()
	s, err := payout.BuildStatement(first, nil, lines)
	require.NoError(t, err)
	data, err := s.JSON()
	require.NoError(t, err)
	require.Equal(t, `{"payout":"p1","partner":"ada","currency":"usd","cutoff":"2025-01-11T00:00:00Z",`+
		`"issuedAt":"2025-01-12T00:00:00Z","opening":0,"posted":2100,"amount":1000,"closing":1100,"lines":[{"position":1,`+
		`"entryId":"e1","kind":"accrual","conversion":"in_1","program":"main","rule":"default","amount":1000,`+
		`"maturesAt":"2025-01-06T00:00:00Z","at":"2024-12-07T00:00:00Z"}]}`, string(data))
}

func TestStatementCSV(t *testing.T) {
	first, second, lines := twoPayouts()
	lines[3].Rule, lines[3].Conversion = "=cmd()", `-1,"x"`
	s, err := payout.BuildStatement(second, &first, lines)
	require.NoError(t, err)
	data, err := s.CSV()
	require.NoError(t, err)
	require.Equal(t, `position,entry,kind,conversion,program,rule,adjustment,reason,at,matures_at,amount,currency
,,opening_balance,,,,,,,,11.00,USD
2,e2,accrual,in_1,main,default,,,2024-12-17T00:00:00Z,2025-01-16T00:00:00Z,11.00,USD
4,e4,accrual,"'-1,""x""",main,'=cmd(),,,2024-12-14T00:00:00Z,2025-01-13T00:00:00Z,-6.67,USD
,,posted,,,,,,,,-6.27,USD
,p2,payout,,,,,,2025-01-22T00:00:00Z,2025-01-21T00:00:00Z,-4.33,USD
,,closing_balance,,,,,,,,0.40,USD
`, string(data))
}

// Semantics 7.7: later lines, another order, another zone and another status change no byte.
func TestStatementIsReproducible(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		l := drawLedger(t)
		for i, p := range l.payouts() {
			var prev *payout.Payout
			if i > 0 {
				prev = &l.payouts()[i-1]
			}
			want, err := payout.BuildStatement(p, prev, slices.Clone(l.lines()[:p.Through]))
			require.NoError(t, err)
			kept, err := payout.StatementOf(l, p)
			require.NoError(t, err)
			requireSameBytes(t, want, kept)
			require.Equal(t, want.Opening+want.Posted-want.Amount, want.Closing)
			require.Equal(t, len(l.covered[p.ID]), len(want.Lines))

			shuffled := rapid.Permutation(l.lines()).Draw(t, "order")
			for j := range shuffled {
				shuffled[j].At = shuffled[j].At.In(berlin)
				shuffled[j].MaturesAt = shuffled[j].MaturesAt.In(berlin)
			}
			p.Status, p.Cutoff = payout.Canceled, p.Cutoff.In(berlin)
			got, err := payout.BuildStatement(p, prev, shuffled)
			require.NoError(t, err)
			requireSameBytes(t, want, got)
		}
	})
}

func requireSameBytes(t require.TestingT, want, got payout.Statement) {
	for _, render := range []func(payout.Statement) ([]byte, error){payout.Statement.JSON, payout.Statement.CSV} {
		a, err := render(want)
		require.NoError(t, err)
		b, err := render(got)
		require.NoError(t, err)
		require.Equal(t, string(a), string(b))
	}
}
