package affiliate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
)

// factDemo is a demo in which much has happened to a conversion.
func factDemo() demo {
	d := newDemo()
	d.sell("in_1")
	_, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 6000, At: march(1)})
	must(err)
	_, err = d.FailRefund(d, "re_0", "in_1", march(1))
	must(err)
	_, err = d.RecordDispute(d, affiliate.Dispute{ID: "dp_1", Conversion: "in_1", Amount: 10, Status: commission.DisputeOpen, At: march(1)})
	must(err)
	_, err = d.AmendConversion(d, "in_1", 9000, march(1))
	must(err)
	return d
}

func recordsRefund(in affiliate.Refund) func(d demo) error {
	return func(d demo) error { _, err := d.RecordRefund(d, in); return err }
}

func failsRefund(id, conversion string, at time.Time) func(d demo) error {
	return func(d demo) error { _, err := d.FailRefund(d, id, conversion, at); return err }
}

func recordsDispute(in affiliate.Dispute) func(d demo) error {
	return func(d demo) error { _, err := d.RecordDispute(d, in); return err }
}

func amends(id string, amount int64) func(d demo) error {
	return func(d demo) error { _, err := d.AmendConversion(d, id, amount, march(1)); return err }
}

func inBatch(fn func(b *affiliate.Tx) error) func(d demo) error {
	return func(d demo) error { return d.Atomically(d, fn) }
}

func TestErrorsOfRefunds(t *testing.T) {
	d := factDemo()
	invalid, conflict, over := affiliate.ErrInvalidInput, affiliate.ErrConflict, affiliate.ErrOverRefund
	check(t, d, []failing{
		{"a refund without an id", recordsRefund(affiliate.Refund{Conversion: "in_1"}), invalid, "invalid_input"},
		{"a refund of nothing", recordsRefund(affiliate.Refund{ID: "r"}), invalid, "invalid_input"},
		{"a refund in a batch without an amount", inBatch(func(b *affiliate.Tx) error {
			_, err := b.RecordRefund(affiliate.Refund{ID: "r", Conversion: "in_1"})
			return err
		}), invalid, "invalid_input"},
		{"a refund below zero", recordsRefund(affiliate.Refund{ID: "r", Conversion: "in_1", Amount: -1}), invalid, "invalid_input"},
		{"a refund without an amount", recordsRefund(affiliate.Refund{ID: "r", Conversion: "in_1"}), invalid, "invalid_input"},
		{"a refund of both", recordsRefund(affiliate.Refund{ID: "r", Conversion: "in_1", Amount: 1, All: true}), invalid, "invalid_input"},
		{"a refund in the future", recordsRefund(affiliate.Refund{ID: "r", Conversion: "in_1", At: march(2)}), invalid, "invalid_input"},
		{"a refund with another amount", recordsRefund(affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 6001}), conflict, "duplicate_conflict"},
		{"a refund at another time", recordsRefund(affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 6000, At: march(0)}), conflict, "duplicate_conflict"},
		{"a refund of another conversion", recordsRefund(affiliate.Refund{ID: "re_1", Conversion: "in_2", Amount: 6000}), conflict, "duplicate_conflict"},
		{"refunds of more than the amended amount", recordsRefund(affiliate.Refund{ID: "r", Conversion: "in_1", Amount: 3001}), over, "over_refund"},
		{"a failure without an id", failsRefund("", "in_1", march(1)), invalid, "invalid_input"},
		{"a failure in the future", failsRefund("re_1", "in_1", march(2)), invalid, "invalid_input"},
		{"a failure at another time", failsRefund("re_0", "in_1", march(0)), conflict, "duplicate_conflict"},
	})
}

func TestErrorsOfDisputesAndAmendments(t *testing.T) {
	d := factDemo()
	open := commission.DisputeOpen
	invalid, conflict, over := affiliate.ErrInvalidInput, affiliate.ErrConflict, affiliate.ErrOverRefund
	check(t, d, []failing{
		{"a dispute in a batch without an amount", inBatch(func(b *affiliate.Tx) error {
			_, err := b.RecordDispute(affiliate.Dispute{ID: "d", Conversion: "in_1", Status: open})
			return err
		}), invalid, "invalid_input"},
		{"a dispute without a status", recordsDispute(affiliate.Dispute{ID: "d", Conversion: "in_1"}), invalid, "invalid_input"},
		{"an open dispute without an amount", recordsDispute(affiliate.Dispute{ID: "d", Conversion: "in_1", Status: open}), invalid, "invalid_input"},
		{"a lost dispute without an amount", recordsDispute(affiliate.Dispute{ID: "d", Conversion: "in_1", Status: commission.DisputeLost}), invalid, "invalid_input"},
		{"a dispute of both", recordsDispute(affiliate.Dispute{ID: "d", Conversion: "in_1", Amount: 1, All: true, Status: open}), invalid, "invalid_input"},
		{"a dispute without an id", recordsDispute(affiliate.Dispute{Conversion: "in_1", Status: open}), invalid, "invalid_input"},
		{"a dispute with another amount", recordsDispute(affiliate.Dispute{ID: "dp_1", Conversion: "in_1", Amount: 11, Status: open}), conflict, "duplicate_conflict"},
		{"a dispute of more than all", recordsDispute(affiliate.Dispute{ID: "d", Conversion: "in_1", Amount: 9001, Status: open}), over, "over_refund"},
		{"amend without an id", amends("", 1), invalid, "invalid_input"},
		{"amend below zero", amends("in_1", -1), invalid, "invalid_input"},
		{"amend differently at the same time", amends("in_1", 8000), conflict, "duplicate_conflict"},
	})
}

// A refund that names no amount burns neither its id nor a cent: the same id counts
// once it says how much.
func TestRefundWithoutAmountIsRefusedByField(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	_, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1"})
	require.Equal(t, []string{"amount"}, fieldsOf(err))
	_, err = d.RecordDispute(d, affiliate.Dispute{ID: "dp_1", Conversion: "in_1", Status: commission.DisputeOpen})
	require.Equal(t, []string{"amount"}, fieldsOf(err))

	res, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", All: true})
	require.NoError(t, err)
	require.False(t, res.Duplicate)
	_, err = d.RecordDispute(d, affiliate.Dispute{ID: "dp_1", Conversion: "in_1", Status: commission.DisputeWon})
	require.NoError(t, err, "what a won dispute gives back is known")
}

// fieldsOf are the fields that an error names.
func fieldsOf(err error) (fields []string) {
	for _, p := range affiliate.Problems(err) {
		fields = append(fields, p.Field)
	}
	return fields
}

func TestErrorsOfReviews(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	reviews := map[string]func(d demo, ref affiliate.CommissionRef, at time.Time) (affiliate.FactResult, error){
		"reject": func(d demo, ref affiliate.CommissionRef, at time.Time) (affiliate.FactResult, error) {
			return d.RejectCommission(d, ref, "why", at)
		},
		"hold": func(d demo, ref affiliate.CommissionRef, at time.Time) (affiliate.FactResult, error) {
			return d.HoldCommission(d, ref, "why", at)
		},
		"release": func(d demo, ref affiliate.CommissionRef, at time.Time) (affiliate.FactResult, error) {
			return d.ReleaseCommission(d, ref, at)
		},
	}
	for name, review := range reviews {
		call := func(at time.Time, change func(ref *affiliate.CommissionRef)) func(d demo) error {
			ref := adasCommission("in_1")
			change(&ref)
			return func(d demo) error { _, err := review(d, ref, at); return err }
		}
		none := func(*affiliate.CommissionRef) {}
		check(t, d, []failing{
			{name + " without a conversion", call(march(1), func(ref *affiliate.CommissionRef) { ref.Conversion = "" }), affiliate.ErrInvalidInput, "invalid_input"},
			{name + " in the future", call(march(2), none), affiliate.ErrInvalidInput, "invalid_input"},
			{name + " no conversion", call(march(1), func(ref *affiliate.CommissionRef) { ref.Conversion = "x" }), affiliate.ErrNotFound, "not_found"},
			{name + " another partner's", call(march(1), func(ref *affiliate.CommissionRef) { ref.Partner = "bob" }), affiliate.ErrNotFound, "not_found"},
			{name + " another program's", call(march(1), func(ref *affiliate.CommissionRef) { ref.Program = "x" }), affiliate.ErrNotFound, "not_found"},
			{name + " another rule's", call(march(1), func(ref *affiliate.CommissionRef) { ref.Rule = "x" }), affiliate.ErrNotFound, "not_found"},
		})
	}
}

// What is or was in a payout cannot be held, also when that payout failed: it can
// only be rejected (semantics 7.1).
func TestErrorsOfPaidCommissions(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(march(40))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	move := func(to payout.Status) func(d demo) error {
		return func(d demo) error { _, err := d.MovePayout(d, issued[0].ID, to, march(40)); return err }
	}
	hold := func(d demo) error { _, err := d.HoldCommission(d, adasCommission("in_1"), "", march(40)); return err }
	invalid := affiliate.ErrInvalidTransition
	check(t, d, []failing{
		{"hold what is in a payout", hold, invalid, "invalid_transition"},
		{"issue it again", move(payout.Issued), invalid, "invalid_transition"},
		{"lose it", move("lost"), invalid, "invalid_transition"},
	})
	require.NoError(t, move(payout.Paid)(d))
	require.NoError(t, move(payout.Paid)(d), "the same move at the same time")
	check(t, d, []failing{
		{"hold what is paid", hold, invalid, "invalid_transition"},
		{"process what is paid", move(payout.Processing), invalid, "invalid_transition"},
		{"fail what is paid", move(payout.Failed), invalid, "invalid_transition"},
	})

	d = newDemo()
	d.sell("in_1")
	d.clock.Set(march(40))
	issued, err = d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	require.NoError(t, move(payout.Canceled)(d))
	check(t, d, []failing{{"hold what was in a payout", hold, invalid, "invalid_transition"}})
	_, err = d.RejectCommission(d, adasCommission("in_1"), "fraud", march(40))
	require.NoError(t, err)
}
