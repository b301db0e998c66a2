package commission_test

import (
	"fmt"
	"math/big"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// day is noon of a day counted from 1 January 2026.
func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

func part(num, den int64) money.Share { return money.Share{Num: num, Den: den} }

// percentLine is a commission of a percent rule on program main, in dollars,
// for a conversion of day 1 that matures on day 31.
func percentLine(partner, rate string, amount int64, share money.Share) commission.Commission {
	return commission.Commission{
		Conversion: "in_1", Partner: partner, Program: "main", Rule: "rev", Type: commission.Percent, Value: rate,
		Share: share, Amount: amount, Paid: "usd", Currency: "usd",
		At: day(1), MaturesAt: day(31), TouchAt: day(1), TouchID: "k-" + partner,
	}
}

func fixedLine(partner, minor string, share money.Share) commission.Commission {
	l := percentLine(partner, minor, 10_000, share)
	l.Type = commission.Fixed
	return l
}

// accrued returns the line after it accrued alone.
func accrued(t require.TestingT, l commission.Commission) commission.Commission {
	lines := []commission.Commission{l}
	require.NoError(t, commission.Accrue(lines))
	return lines[0]
}

func refund(id string, d int, amount int64) commission.Fact {
	return commission.Fact{Kind: commission.Refund, ID: id, Conversion: "in_1", At: day(d), Amount: amount}
}

func refundAll(id string, d int) commission.Fact {
	return commission.Fact{Kind: commission.Refund, ID: id, Conversion: "in_1", At: day(d), All: true}
}

func failed(id string, d int) commission.Fact {
	return commission.Fact{Kind: commission.RefundFailed, ID: id, Conversion: "in_1", At: day(d)}
}

func dispute(id string, s commission.DisputeStatus, d int, amount int64) commission.Fact {
	return commission.Fact{Kind: commission.Dispute, ID: id, Status: s, Conversion: "in_1", At: day(d), Amount: amount}
}

func amendment(d int, amount int64) commission.Fact {
	return commission.Fact{Kind: commission.Amendment, Conversion: "in_1", At: day(d), Amount: amount}
}

func review(kind commission.FactKind, partner string, d int) commission.Fact {
	return commission.Fact{Kind: kind, Conversion: "in_1", Partner: partner, Program: "main", Rule: "rev", At: day(d)}
}

// roundRat rounds half away from zero, by way of decimals.
func roundRat(r *big.Rat) int64 {
	n, _ := new(big.Int).SetString(r.FloatString(0), 10)
	return n.Int64()
}

// drawShares draws weights and returns them as shares of one.
func drawShares(t *rapid.T) []money.Share {
	weights := rapid.SliceOfN(rapid.Int64Range(1, 1000), 1, 8).Draw(t, "weights")
	total := int64(0)
	for _, w := range weights {
		total += w
	}
	list := make([]money.Share, len(weights))
	for i, w := range weights {
		var err error
		list[i], err = money.NewShare(w, total)
		require.NoError(t, err)
	}
	return list
}

func drawRate(t *rapid.T) (text string, rate *big.Rat) {
	millionths := rapid.OneOf(
		rapid.Int64Range(0, 100_000_000), rapid.Map(rapid.Int64Range(0, 100), func(n int64) int64 { return n * 1_000_000 }),
	).Draw(t, "rate")
	return fmt.Sprintf("%d.%06d", millionths/1_000_000, millionths%1_000_000), big.NewRat(millionths, 100_000_000)
}

// drawFacts draws refunds, failures and disputes of conversion in_1.
func drawFacts(t *rapid.T) []commission.Fact {
	n := rapid.IntRange(0, 6).Draw(t, "facts")
	facts := make([]commission.Fact, 0, n)
	for i := range n {
		id, d := fmt.Sprint("f", i), rapid.IntRange(1, 60).Draw(t, "day")
		amount := rapid.Int64Range(0, 12_000).Draw(t, "amount")
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			facts = append(facts, refund(id, d, amount))
		case 1:
			facts = append(facts, refundAll(id, d))
		case 2:
			facts = append(facts, refund(id, d, amount), failed(id, rapid.IntRange(1, 60).Draw(t, "failed")))
		default:
			facts = append(facts, dispute(id, commission.DisputeOpen, d, amount))
			if end := rapid.SampledFrom([]commission.DisputeStatus{"", commission.DisputeWon, commission.DisputeLost}).Draw(t, "end"); end != "" {
				facts = append(facts, dispute(id, end, d+rapid.IntRange(0, 9).Draw(t, "after"), amount))
			}
		}
	}
	return facts
}
