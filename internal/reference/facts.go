package reference

import (
	"encoding/json"
	"time"
)

// conflicts compares a fact with the one that has its external id (semantics 8.1).
func conflicts(oldAt, newAt time.Time, older, newer any) bool {
	a, errA := json.Marshal(older)
	b, errB := json.Marshal(newer)
	if errA != nil || errB != nil {
		panic("reference: cannot compare facts")
	}
	return !oldAt.Equal(newAt) || string(a) != string(b)
}

func (w *world) addClick(at time.Time, c Click) string {
	if old := w.clicks[c.ID]; c.ID != "" && old != nil {
		if conflicts(old.at, at, old.Click, c) {
			return "duplicate_conflict"
		}
		return ""
	}
	if w.missing(c.Partner, c.Program) {
		return "not_found"
	}
	if c.ID == "" {
		c.ID = stepKey(Step{At: at, Click: &c})
	}
	w.clicks[c.ID] = &click{c, at}
	if c.Customer != "" {
		w.identifies = append(w.identifies, identify{Identify{Customer: c.Customer, Click: c.ID}, at})
	}
	return ""
}

func (w *world) addConversion(at time.Time, c Conversion) string {
	if old := w.conversions[c.ID]; old != nil {
		if old.closed {
			c.Customer, c.Click, c.CampaignID, c.Sub = "", "", "", nil
		}
		if conflicts(old.at, at, old.Conversion, c) {
			return "duplicate_conflict"
		}
		return ""
	}
	if w.missing(c.Partner, c.Program) {
		return "not_found"
	}
	w.conversions[c.ID] = &conversion{Conversion: c, at: at, amended: w.amended(c.ID)}
	return ""
}

// currencyOf is the conversion's own, else that of its (else the default) program.
func (w *world) currencyOf(c *conversion) string {
	return or(c.Currency, w.programs[or(c.Program, w.defaultProgram)].currency)
}

// addRefund refuses what exceeds the conversion (semantics 7.2); a refund that waits for its conversion is never refused.
func (w *world) addRefund(at time.Time, r Refund) string {
	if old := w.refunds[r.ID]; old != nil {
		if conflicts(old.at, at, old.Refund, r) {
			return "duplicate_conflict"
		}
		return ""
	}
	conv := w.conversions[r.Conversion]
	if conv != nil && r.Amount != nil {
		sum := *r.Amount
		for _, other := range w.refunds {
			if _, failed := w.failed[other.ID]; failed || other.Conversion != r.Conversion {
				continue
			}
			if other.Amount == nil {
				if !at.Before(other.at) {
					return "over_refund"
				}
				continue
			}
			sum += *other.Amount
		}
		if sum > conv.amount() {
			return "over_refund"
		}
	}
	w.refunds[r.ID] = &refund{r, at}
	return ""
}

func (w *world) addDispute(at time.Time, d Dispute) string {
	key := d.ID + "\x00" + d.Status
	if old := w.disputes[key]; old != nil {
		if conflicts(old.at, at, old.Dispute, d) {
			return "duplicate_conflict"
		}
		return ""
	}
	if conv := w.conversions[d.Conversion]; conv != nil && d.Amount != nil && *d.Amount > conv.amount() {
		return "over_refund"
	}
	w.disputes[key] = &dispute{d, at}
	return ""
}
