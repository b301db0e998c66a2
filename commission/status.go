package commission

import "time"

// Status is where a commission is on its way to the partner (semantics 7.1).
type Status string

// The states of a commission.
const (
	StatusPending     Status = "pending"      // within the holdback
	StatusPayable     Status = "payable"      // for the next payout
	StatusInPayout    Status = "in_payout"    // in a payout that is under way
	StatusPaid        Status = "paid"         // in a payout that was paid
	StatusUnderReview Status = "under_review" // held until the owner releases it
	StatusRejected    Status = "rejected"     // by the owner
	StatusReversed    Status = "reversed"     // refunds and disputes took all of it back
)

// Status returns the state of a commission that stands at net minor units at a time.
// Payout is StatusInPayout or StatusPaid for one that is in a payout which has not
// failed, else empty: package payout knows. A review comes before a payout: what is
// rejected after it was paid out is rejected.
func (l Commission) Status(net int64, payout Status, at time.Time) Status {
	switch {
	case l.Rejected():
		return StatusRejected
	case l.Held:
		return StatusUnderReview
	case payout != "":
		return payout
	case net == 0 && len(l.Ladder) > 0:
		return StatusReversed
	case l.MaturesAt.After(at):
		return StatusPending
	}
	return StatusPayable
}
