package payload

import "github.com/goaffiliate/affiliate/money"

// outOfBand returns whether money came from outside of Stripe, how much of paid it
// was, and whether the payload tells at all.
func (w wireInvoice) outOfBand(paid int64) (some bool, outside int64, known bool) {
	switch {
	case w.PaidOffStripe != nil:
		outside = within(*w.PaidOffStripe, paid)
	case w.PaidOutOfBand != nil:
		// Such an invoice has no other payment. A leaves it out of amount_paid, so
		// that paid is 0 here.
		if *w.PaidOutOfBand {
			return true, paid, true
		}
	case w.Payments != nil && !w.Payments.HasMore:
		outside = paid
		for _, p := range w.Payments.Data {
			outside -= within(p.throughStripe(), outside)
		}
	default:
		return false, 0, false
	}
	return outside > 0, outside, true
}

// Base returns what of the net amount was paid, which commissions are computed
// from, and what was paid of the total. Money from outside of Stripe counts or
// does not, as far as the payload tells it, see OutOfBandKnown.
func (i Invoice) Base(countOutOfBand bool) (base, gross int64, err error) {
	paid := i.Paid
	switch {
	case !countOutOfBand:
		paid -= i.OutOfBandPaid
	case i.OutOfBand && paid == 0:
		paid = i.Due // A leaves it out of amount_paid
	}
	gross = within(paid, i.Total)
	base, err = share(max(i.Net, 0), gross, i.Total)
	return base, gross, err
}

// share returns amount × part / total, rounded half away from zero, and 0 unless
// all are positive.
func share(amount, part, total int64) (int64, error) {
	if amount <= 0 || part <= 0 || total <= 0 {
		return 0, nil
	}
	exact, err := money.Ratio(amount, part, total)
	if err != nil {
		return 0, err
	}
	return exact.Round()
}
