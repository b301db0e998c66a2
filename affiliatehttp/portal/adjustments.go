package portal

import (
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/money"
)

// adjustmentView is an amount that the owner posted to the partner by hand.
type adjustmentView struct {
	ID       string         `json:"id"` // a reference
	At       time.Time      `json:"at"`
	Amount   int64          `json:"amount"` // signed minor units
	Currency money.Currency `json:"currency"`
	Reason   string         `json:"reason"`
}

// adjustments are the partner's, latest first.
func (v *visit) adjustments() ([]adjustmentView, error) {
	var all []adjustmentView
	for page := (affiliate.AdjustmentPage{Partner: v.me.ID}); ; {
		list, next, err := v.eng.Adjustments(v.ctx, page)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			all = append(all, adjustmentView{v.ref("adjustment", a.ID), a.At, a.Amount, a.Currency, a.Reason})
		}
		if page.After = next; next.ID == "" {
			return all, nil
		}
	}
}

func (v *visit) adjustmentsAnswer() (any, error) {
	all, err := v.adjustments()
	if err != nil {
		return nil, err
	}
	return ui.PageOf(v.r, all, func(a adjustmentView) string { return a.ID })
}
