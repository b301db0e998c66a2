package affiliatehttp

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
)

// standingAnswer is a commission as it stands.
type standingAnswer struct {
	commissionAnswer

	ConversionID string    `json:"conversionId"`
	ProgramID    string    `json:"programId"`
	ConvertedAt  time.Time `json:"convertedAt"`
}

func standingAnswerOf(c affiliate.Commission) standingAnswer {
	return standingAnswer{commissionAnswerOf(c), c.Conversion, c.Program, c.At}
}

// RejectCommission serves POST /v1/commissions/{commissionId}/reject,
// {"reason","at"}, which reverses it in full. Errors: 400, 401, 403, 404, 409, 413,
// 415, 422, 503.
func (h *Handler) RejectCommission(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: func(c *call) (int, any, *failure) {
		reason := c.body.required("reason")
		return c.review(func(ref affiliate.CommissionRef, at time.Time) (affiliate.FactResult, error) {
			return c.eng.RejectCommission(c.ctx, ref, reason, at)
		})
	}})
}

// HoldCommission serves POST /v1/commissions/{commissionId}/hold, {"reason","at"}:
// it is not payable until it is released. One that is or was in a payout is 409. Errors:
// as RejectCommission.
func (h *Handler) HoldCommission(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: func(c *call) (int, any, *failure) {
		reason := c.body.text("reason")
		return c.review(func(ref affiliate.CommissionRef, at time.Time) (affiliate.FactResult, error) {
			return c.eng.HoldCommission(c.ctx, ref, reason, at)
		})
	}})
}

// ReleaseCommission serves POST /v1/commissions/{commissionId}/release, {"at"},
// which ends a review. Errors: as RejectCommission.
func (h *Handler) ReleaseCommission(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: func(c *call) (int, any, *failure) {
		return c.review(func(ref affiliate.CommissionRef, at time.Time) (affiliate.FactResult, error) {
			return c.eng.ReleaseCommission(c.ctx, ref, at)
		})
	}})
}

// review records what the owner thinks of a commission, and answers with how it
// stands then.
func (c *call) review(do func(affiliate.CommissionRef, time.Time) (affiliate.FactResult, error)) (int, any, *failure) {
	id, at := c.owning("commissionId"), c.body.time("at")
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	ref, ok := commissionRef(id)
	if !ok {
		return 0, nil, notFound("no such commission")
	}
	if _, err := do(ref, at); err != nil {
		return 0, nil, c.failed(err, nil)
	}
	explained, err := c.eng.Explain(c.ctx, ref.Conversion)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	i := slices.IndexFunc(explained.Commissions, func(e affiliate.ExplainedCommission) bool { return e.ID == id })
	if i < 0 { // decided otherwise in the meantime
		return 0, nil, notFound("no such commission")
	}
	return http.StatusOK, standingAnswerOf(explained.Commissions[i].Commission), nil
}

// commissionRef reads the id of a commission: the key that its line has.
func commissionRef(id string) (affiliate.CommissionRef, bool) {
	parts := strings.Split(id, ":")
	if len(parts) != 4 {
		return affiliate.CommissionRef{}, false
	}
	for i, part := range parts {
		parts[i] = strings.NewReplacer("%3A", ":", "%25", "%").Replace(part)
	}
	line := commission.Commission{Conversion: parts[0], Partner: parts[1], Program: parts[2], Rule: parts[3]}
	return affiliate.CommissionRef{Conversion: parts[0], Partner: parts[1], Program: parts[2], Rule: parts[3]}, line.Key() == id
}
