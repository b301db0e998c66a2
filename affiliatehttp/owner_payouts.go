package affiliatehttp

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// payoutAnswer is a payout and what became of it.
type payoutAnswer struct {
	ID        string         `json:"id,omitempty"` // none in a dry run
	PartnerID string         `json:"partnerId"`
	Amount    int64          `json:"amount"` // minor units
	Currency  money.Currency `json:"currency"`
	Status    payout.Status  `json:"status"`
	Cutoff    time.Time      `json:"cutoff"`
	IssuedAt  time.Time      `json:"issuedAt"`
	Moves     []payout.Move  `json:"moves"`
}

func payoutAnswerOf(p affiliate.Payout) payoutAnswer {
	return payoutAnswer{
		ID: p.ID, PartnerID: p.Partner, Amount: p.Amount, Currency: p.Currency, Status: p.Status, Cutoff: p.Cutoff,
		IssuedAt: p.IssuedAt, Moves: append([]payout.Move{}, p.Moves...),
	}
}

// runAnswer is what a payout run issued, or would issue.
type runAnswer struct {
	DryRun  bool           `json:"dryRun"`
	Payouts []payoutAnswer `json:"payouts"`
}

// PayoutRuns serves POST /v1/payout-runs, {"at","dryRun"}: it issues at most one
// payout per partner, currency and cut-off, and answers with those that this
// call issued: 201, or 200 where nothing was due or the run is dry. The same run
// again issues nothing twice. Only a dry run may be of a time to come. Errors:
// 400, 401, 403, 413, 415, 422, 503.
func (h *Handler) PayoutRuns(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: runPayouts})
}

// Payouts serves GET /v1/payouts, the latest first, of ?partnerId= and ?status=
// where given. Errors: 401, 403, 422, 503.
func (h *Handler) Payouts(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listPayouts})
}

// Payout serves /v1/payouts/{payoutId}: GET, and PATCH {"status","at"} with what
// became of it: processing, paid, failed or canceled. The same again changes
// nothing; what is final is 409. Errors: 400, 401, 403, 404, 409, 413, 415, 422, 503.
func (h *Handler) Payout(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: getPayout, http.MethodPatch: movePayout})
}

func runPayouts(c *call) (int, any, *failure) {
	in := affiliate.PayoutRun{At: c.body.time("at"), DryRun: c.body.flag("dryRun") == "true", Partners: c.body.texts("partners"), Exclude: c.body.texts("exclude")}
	if !in.DryRun && in.At.After(c.eng.Now()) {
		c.body.refuse("at", "must not be in the future unless dryRun is true")
	}
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	if f := c.checkRun(in); f != nil {
		return 0, nil, f
	}
	issued, err := c.eng.RunPayouts(c.ctx, in)
	if err != nil {
		return 0, nil, c.incomplete(err)
	}
	status := http.StatusCreated
	if in.DryRun || len(issued) == 0 {
		status = http.StatusOK
	}
	return status, runAnswer{in.DryRun, each(issued, payoutAnswerOf)}, nil
}

// checkRun names the first partner of a run whom nobody knows.
func (c *call) checkRun(in affiliate.PayoutRun) *failure {
	named := slices.Concat(in.Partners, in.Exclude)
	if len(named) == 0 {
		return nil
	}
	setup, _, f := c.now()
	if f != nil {
		return f
	}
	for i, id := range named {
		if _, known := setup.Partner(id); known {
			continue
		}
		field := fmt.Sprintf("partners[%d]", i)
		if i >= len(in.Partners) {
			field = fmt.Sprintf("exclude[%d]", i-len(in.Partners))
		}
		return invalid(affiliate.Problem{Field: field, Message: "is not known"})
	}
	return nil
}

// incomplete is the answer to a run that did not reach every partner. One of them
// keeps no other from their payout, so some may have been issued.
func (c *call) incomplete(err error) *failure {
	if c.ctx.Err() == nil { // otherwise it is the caller who went away
		c.h.cfg.Logger.ErrorContext(c.ctx, "affiliatehttp: payout run not complete", "error", err)
	}
	return fail(http.StatusServiceUnavailable, CodeUnavailable, "the run is not complete; the same run again issues the rest, and nothing twice")
}

func listPayouts(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	query := c.r.URL.Query()
	status := payout.Status(query.Get("status"))
	if status != "" && !slices.Contains(payoutStates(), status) {
		return 0, nil, invalid(affiliate.Problem{Field: "status", Message: "is none of the states of a payout"})
	}
	every, err := c.eng.Payouts(c.ctx, query.Get("partnerId"))
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	slices.SortFunc(every, func(a, b affiliate.Payout) int {
		return cmp.Or(b.IssuedAt.Compare(a.IssuedAt), cmp.Compare(b.ID, a.ID))
	})
	list, f := pageOf(page, every, func(p affiliate.Payout) string { return p.ID },
		func(p affiliate.Payout) bool { return status == "" || p.Status == status })
	return http.StatusOK, mapped(list, payoutAnswerOf), f
}

func payoutStates() []payout.Status {
	return []payout.Status{payout.Issued, payout.Processing, payout.Paid, payout.Failed, payout.Canceled}
}

func getPayout(c *call) (int, any, *failure) {
	p, err := c.eng.Payout(c.ctx, c.id("payoutId"))
	switch {
	case errors.Is(err, affiliate.ErrNotFound):
		return 0, nil, notFound("no such payout")
	case err != nil:
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, payoutAnswerOf(p), nil
}

func movePayout(c *call) (int, any, *failure) {
	to, at := payout.Status(c.body.required("status")), c.body.time("at")
	if to != "" && !slices.Contains(payoutStates()[1:], to) {
		c.body.refuse("status", "must be processing, paid, failed or canceled")
	}
	if at.After(c.eng.Now()) {
		c.body.refuse("at", "must not be in the future")
	}
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	moved, err := c.eng.MovePayout(c.ctx, c.id("payoutId"), to, at)
	var refused *payout.TransitionError
	switch {
	case errors.As(err, &refused):
		return 0, nil, fail(http.StatusConflict, affiliate.ErrorCode(err), "the payout is "+string(refused.From)+" already")
	case err != nil:
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, payoutAnswerOf(moved), nil
}
