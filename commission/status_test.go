package commission_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/commission"
)

func TestStatusOfACommission(t *testing.T) {
	t.Parallel()
	plain := accrued(t, percentLine("ada", "10", 10_000, part(1, 1))) // 10.00, matures on day 31
	refunded := after(plain, refundAll("re_1", 5))
	held := after(plain, commission.Fact{Kind: commission.Hold, Conversion: "in_1", Partner: "ada", Program: "main", Rule: "rev", At: day(2)})
	rejected := after(plain, commission.Fact{Kind: commission.Reject, Conversion: "in_1", Partner: "ada", Program: "main", Rule: "rev", At: day(2)})
	for _, c := range []struct {
		name   string
		of     commission.Commission
		net    int64
		payout commission.Status
		day    int
		want   commission.Status
	}{
		{"within the holdback", plain, 1000, "", 30, commission.StatusPending},
		{"from its maturity on", plain, 1000, "", 31, commission.StatusPayable},
		{"partly refunded", after(plain, refund("re_1", 5, 1)), 999, "", 31, commission.StatusPayable},
		{"refunded", refunded, 0, "", 6, commission.StatusReversed},
		{"a rate of nothing is not reversed", plain, 0, "", 31, commission.StatusPayable},
		{"in a payout", plain, 1000, commission.StatusInPayout, 40, commission.StatusInPayout},
		{"paid", plain, 1000, commission.StatusPaid, 50, commission.StatusPaid},
		{"refunded after it was paid", refunded, 0, commission.StatusPaid, 50, commission.StatusPaid},
		{"held", held, 1000, "", 40, commission.StatusUnderReview},
		{"rejected", rejected, 0, "", 40, commission.StatusRejected},
		{"rejected after it was paid", rejected, 0, commission.StatusPaid, 40, commission.StatusRejected},
	} {
		require.Equal(t, c.want, c.of.Status(c.net, c.payout, day(c.day)), c.name)
	}
}
