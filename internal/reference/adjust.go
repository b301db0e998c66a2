package reference

import "time"

type adjustment struct {
	Adjustment
	at time.Time
}

// adjust posts an entry that is in no conversion (semantics 7.8).
func (w *world) adjust(at time.Time, a Adjustment) string {
	if old, known := w.adjustments[a.ID]; known {
		if conflicts(old.at, at, old.Adjustment, a) {
			return "duplicate_conflict"
		}
		return ""
	}
	switch {
	case a.Amount == 0 || a.Reason == "":
		return "invalid_input"
	case w.partners[a.Partner] == nil:
		return "not_found"
	}
	w.adjustments[a.ID] = adjustment{a, at}
	w.ledger.entries = append(w.ledger.entries, &entry{
		cause: "adjustment", partner: a.Partner, currency: or(a.Currency, "usd"), amount: a.Amount, maturity: at.UTC(),
	})
	return ""
}
