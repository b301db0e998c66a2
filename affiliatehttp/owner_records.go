package affiliatehttp

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// Conversions serves GET /v1/conversions: the conversions, latest first, each with what
// became of it. Parameters: from, to, program, partner, customer, type, attributed,
// reason, code, q, limit, after, format. Errors: 401, 403, 422, 503. POST is
// RecordConversion.
func (h *Handler) Conversions(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodPost:
		h.RecordConversion(w, r)
	case http.MethodGet, http.MethodHead:
		h.owner(w, r, actions{http.MethodGet: listConversions})
	default:
		allow(w, r, http.MethodGet, http.MethodHead, http.MethodPost)
	}
}

// Commissions serves GET /v1/commissions: those of all partners, latest conversion first.
// Parameters: from, to, state, partner, program, rule, limit, after, format. Errors:
// 401, 403, 422, 503.
func (h *Handler) Commissions(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listAllCommissions})
}

// Stats serves GET /v1/stats: clicks and what they led to, by day or another key.
// Parameters: from, to, by, currency, partner, program, format. Errors: 401, 403, 422,
// 503.
func (h *Handler) Stats(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: showStats})
}

// recordAnswer is a conversion with what became of it.
type recordAnswer struct {
	ConversionID       string             `json:"conversionId"`
	EventType          string             `json:"eventType"`
	ExternalCustomerID string             `json:"externalCustomerId,omitempty"`
	ConvertedAt        time.Time          `json:"convertedAt"`
	AmountCents        int64              `json:"amountCents"` // as amended
	RefundedCents      int64              `json:"refundedCents"`
	Currency           money.Currency     `json:"currency"`
	ProgramID          string             `json:"programId,omitempty"`
	PromoCode          string             `json:"promoCode,omitempty"`
	Attributed         bool               `json:"attributed"`
	Reason             attribution.Reason `json:"reason"`
	Credits            []creditAnswer     `json:"credits"`
	Commissions        []commissionAnswer `json:"commissions"`
}

func recordAnswerOf(r affiliate.ConversionRecord) recordAnswer {
	c := r.Conversion
	return recordAnswer{
		ConversionID: c.ID, EventType: c.Type, ExternalCustomerID: c.Customer, ConvertedAt: c.At, AmountCents: r.Amount, RefundedCents: r.Refunded,
		Currency: c.Currency, ProgramID: c.Program, PromoCode: c.PromoCode, Attributed: r.Attributed, Reason: r.Reason,
		Credits: each(r.Credits, creditAnswerOf), Commissions: each(r.Commissions, commissionAnswerOf),
	}
}

// settledList is a list that says as of when it speaks.
type settledList[T any] struct {
	List[T]
	affiliate.Settled
}

func listConversions(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	after, err := storage.ParseMark(page.After)
	if err != nil {
		return 0, nil, invalid(badCursor())
	}
	q, f := c.parameters()
	if f != nil {
		return 0, nil, f
	}
	filter := affiliate.ConversionFilter{
		From: q.time("from"), To: q.time("to"), Program: q.text("program"), Partner: q.text("partner"), Customer: q.text("customer"),
		Type: q.text("type"), Code: q.text("code"), Attributed: q.yesOrNo("attributed"), Reason: attribution.Reason(q.text("reason")), Text: q.text("q"),
	}
	if f := q.done(); f != nil {
		return 0, nil, f
	}
	found, err := c.eng.Conversions(c.ctx, filter, after, page.Limit)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, settledList[recordAnswer]{List[recordAnswer]{each(found.Items, recordAnswerOf), found.Next.String()}, found.Settled}, nil
}

func listAllCommissions(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	after, err := storage.ParseMark(page.After)
	if err != nil {
		return 0, nil, invalid(badCursor())
	}
	q, f := c.parameters()
	if f != nil {
		return 0, nil, f
	}
	filter := affiliate.CommissionFilter{
		From: q.time("from"), To: q.time("to"), Program: q.text("program"), Partner: q.text("partner"), Rule: q.text("rule"),
		Status: q.status("state"),
	}
	if f := q.done(); f != nil {
		return 0, nil, f
	}
	found, err := c.eng.ListCommissions(c.ctx, filter, after, page.Limit)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, settledList[standingAnswer]{List[standingAnswer]{each(found.Items, standingAnswerOf), found.Next.String()}, found.Settled}, nil
}

// statsAnswer is a list of one page.
type statsAnswer struct {
	Items []affiliate.StatsRow `json:"items"`
	affiliate.Settled
}

func (a statsAnswer) rows() (items any, next string) { return a.Items, "" }

func showStats(c *call) (int, any, *failure) {
	if _, f := wantsCSV(c.r); f != nil {
		return 0, nil, f
	}
	q, f := c.parameters()
	if f != nil {
		return 0, nil, f
	}
	query := affiliate.StatsQuery{
		From: q.time("from"), To: q.time("to"), By: affiliate.StatsKey(q.text("by")), Location: q.zone,
		Partner: q.text("partner"), Program: q.text("program"),
	}
	currency := money.Currency(strings.ToLower(q.text("currency")))
	if f := q.done(); f != nil {
		return 0, nil, f
	}
	stats, err := c.eng.Stats(c.ctx, query)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	if currency != "" {
		stats.Items = slices.DeleteFunc(stats.Items, func(row affiliate.StatsRow) bool { return row.Currency != currency && row.Currency != "" })
	}
	return http.StatusOK, statsAnswer{stats.Items, stats.Settled}, nil
}
