package payout

// Balance is what a partner has in one currency, in minor units, by how far it has come (semantics 7.1). The four add up to
// the partner's net commissions.
type Balance struct {
	// Pending is what has not matured and is in no payout.
	Pending int64 `json:"pending"`
	// Payable is what has matured and is in no payout; it may be negative (semantics 7.3).
	Payable int64 `json:"payable"`
	// InPayout is the amounts of payouts that are issued or processing.
	InPayout int64 `json:"inPayout"`
	// Paid is the amounts of payouts that are paid.
	Paid int64 `json:"paid"`
}
