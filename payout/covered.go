package payout

// covering returns the payout whose range has a line at that position and
// maturity, or nil. Payouts are all of one ledger, failed ones included, in any
// order; the result points into them.
func covering(payouts []Payout, place Place) *Payout {
	var first *Payout
	for i := range payouts {
		p := &payouts[i]
		if p.within(place.Position, place.MaturesAt) && (first == nil || p.Through < first.Through) {
			first = p
		}
	}
	return first
}

// CoveredBy returns the payout, not failed or canceled, that holds something of what
// stands in these places, or nil. It follows the amount of a failed one to where it
// was posted back. What was earned and taken back inside one payout is not in it
// (semantics 7.2). Payouts are all of the ledger, in order of Through; the result
// points into them.
func CoveredBy(payouts []Payout, places []Place) *Payout {
	inside := map[*Payout]int64{}
	for _, place := range places {
		p := covering(payouts, place)
		for p != nil && p.Status.Returned() {
			p = after(payouts, p)
		}
		if p != nil {
			inside[p] += place.Amount
		}
	}
	for i := range payouts {
		if inside[&payouts[i]] != 0 {
			return &payouts[i]
		}
	}
	return nil
}

// after returns the payout that the amount of a failed one went on to, or nil. It
// comes back at a later position, so following it ends.
func after(payouts []Payout, failed *Payout) *Payout {
	if failed.Returned <= failed.Through {
		return nil // it is not posted back
	}
	return covering(payouts, Place{Position: failed.Returned, MaturesAt: failed.Cutoff})
}

// EverCovered reports whether anything of what stands in these places is or was in
// a payout, also in one that failed (semantics 7.1).
func EverCovered(payouts []Payout, places []Place) bool {
	inside := map[*Payout]int64{}
	for _, place := range places {
		if p := covering(payouts, place); p != nil {
			inside[p] += place.Amount
		}
	}
	for _, amount := range inside {
		if amount != 0 {
			return true
		}
	}
	return false
}
