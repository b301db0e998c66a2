package affiliatehttp

import (
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// adjustmentAnswer is an amount that was posted to a partner by hand.
type adjustmentAnswer struct {
	ID        string         `json:"id"`
	PartnerID string         `json:"partnerId"`
	Currency  money.Currency `json:"currency"`
	Amount    int64          `json:"amount"` // signed minor units
	Reason    string         `json:"reason"`
	By        string         `json:"by,omitempty"` // id of the principal who posted it
	At        time.Time      `json:"at"`
}

func adjustmentAnswerOf(a affiliate.Adjustment) adjustmentAnswer {
	return adjustmentAnswer{ID: a.ID, PartnerID: a.Partner, Currency: a.Currency, Amount: a.Amount, Reason: a.Reason, By: a.By, At: a.At}
}

// Adjustments serves /v1/adjustments: GET lists them, latest first, of ?partnerId=
// where given; POST {"id","partnerId","currency","amount","reason"} posts a signed
// amount to a partner's balance: 201, or 200 if it was posted before. Errors: 400,
// 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) Adjustments(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listAdjustments, http.MethodPost: postAdjustment})
}

func listAdjustments(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	after, err := storage.ParseMark(page.After)
	if err != nil {
		return 0, nil, invalid(badCursor())
	}
	list, next, err := c.eng.Adjustments(c.ctx, affiliate.AdjustmentPage{
		Partner: filterOf(c.r).partner, After: after, Limit: page.Limit,
	})
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, List[adjustmentAnswer]{Items: each(list, adjustmentAnswerOf), NextAfter: next.String()}, nil
}

func postAdjustment(c *call) (int, any, *failure) {
	in := affiliate.NewAdjustment{
		ID: c.newID("id"), Partner: c.body.required("partnerId"), Currency: c.body.currency("currency"),
		Amount: c.body.signed("amount"), Reason: c.body.required("reason"),
	}
	if _, f := c.named(in.Partner, ""); f != nil {
		return 0, nil, f
	}
	result, err := c.eng.PostAdjustment(c.ctx, in)
	if err != nil {
		return 0, nil, c.failed(err, wireNames{"partner": "partnerId"})
	}
	if result.Duplicate {
		return http.StatusOK, adjustmentAnswerOf(result.Adjustment), nil
	}
	return http.StatusCreated, adjustmentAnswerOf(result.Adjustment), nil
}
