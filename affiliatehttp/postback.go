package affiliatehttp

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// Postback serves GET /v1/postback, what trackers of advertisements call: the
// click (click_id, cid, clickid, subid or tid) led to something. payout is its
// amount in major units, "49.90", in currency or else the program's; status says
// what it was; txid is its external id, without which a click has one of each
// kind; s is the API key, which Config.Authenticate sees as a bearer token. It
// answers like POST /v1/conversions or, to a status that takes back, like POST
// /v1/refunds. Errors: 401, 403, 409, 422, 503.
func (h *Handler) Postback(w http.ResponseWriter, r *http.Request) {
	if !allow(w, r, http.MethodGet) {
		return
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(http.StatusBadRequest, CodeMalformed, "the query is malformed").write(w)
		return
	}
	if s := query.Get("s"); s != "" && r.Header.Get("Authorization") == "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "Bearer "+s)
	}
	t, f := h.tenant(r)
	if f == nil {
		f = h.authorize(r, t, RoleServer)
	}
	var status int
	var answer any
	if f == nil {
		status, answer, f = h.postback(r.Context(), t, query)
	}
	if f != nil {
		f.write(w)
		return
	}
	writeJSON(w, status, "application/json", answer)
}

// postedStatus is what trackers call an event.
type postedStatus struct {
	event  string // a conversion of this type
	refund bool   // takes it back
	later  bool   // not decided yet: nothing to record
}

func statusOf(text string) (postedStatus, bool) {
	switch strings.ToLower(text) {
	case "", "sale", "approved", "confirmed", "paid", "purchase", "payment", "deposit", "conversion":
		return postedStatus{event: attribution.InvoicePaid}, true
	case "lead", "signup", "registration", "reg", "install":
		return postedStatus{event: attribution.Signup}, true
	case "trial":
		return postedStatus{event: attribution.TrialStarted}, true
	case "pending", "hold":
		return postedStatus{later: true}, true
	case "rejected", "declined", "canceled", "void", "trash", "refund", "refunded", "chargeback":
		return postedStatus{event: attribution.InvoicePaid, refund: true}, true
	}
	return postedStatus{}, false
}

// ignoredAnswer is the answer to what is not decided yet.
type ignoredAnswer struct {
	Ignored bool `json:"ignored"`
}

func (h *Handler) postback(ctx context.Context, t *tenant, query url.Values) (int, any, *failure) {
	var problems []affiliate.Problem
	refuse := func(field, message string) {
		problems = append(problems, affiliate.Problem{Field: field, Message: message})
	}
	status, ok := statusOf(query.Get("status"))
	if !ok {
		refuse("status", "is not known")
	}
	click, f := h.clickID(ctx, t, postedClick(query))
	if f != nil {
		return 0, nil, f
	}
	if click == "" {
		refuse("click_id", "is required: as click_id, cid, clickid, subid or tid")
	}
	in := affiliate.Conversion{ID: query.Get("txid"), Type: status.event, Click: click}
	if in.ID == "" {
		in.ID = "postback:" + status.event + ":" + click
	}
	var message string
	if in.Amount, in.Currency, message = h.posted(ctx, t, query, click); message != "" {
		refuse("payout", message)
	}
	switch {
	case len(problems) > 0:
		return 0, nil, invalid(problems...)
	case status.later:
		return http.StatusOK, ignoredAnswer{true}, nil
	case status.refund:
		return h.refund(ctx, t, affiliate.Refund{ID: "postback:" + in.ID, Conversion: in.ID, All: true}, wireNames{"id": "txid", "conversion": "txid"})
	}
	return h.convert(ctx, t, in, names{id: "txid", click: "click_id", amount: "payout", currency: "currency", eventType: "status"})
}

func postedClick(query url.Values) string {
	for _, name := range []string{"click_id", "cid", "clickid", "subid", "tid"} {
		if id := query.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// posted reads the amount. Its digits are exact: nothing is rounded.
func (h *Handler) posted(ctx context.Context, t *tenant, query url.Values, click string) (minor int64, currency money.Currency, wrong string) {
	currency, err := h.postedCurrency(ctx, t, query.Get("currency"), click)
	if err != nil {
		return 0, "", "is in an unknown currency"
	}
	text := query.Get("payout")
	if text == "" {
		return 0, currency, ""
	}
	if len(text) > maxAmount || strings.Trim(text, "0123456789.") != "" {
		return 0, "", "must be digits with at most one point, like 49.90"
	}
	major, err := decimal.NewFromString(text)
	if err != nil {
		return 0, "", "must be digits with at most one point, like 49.90"
	}
	amount, err := money.FromDecimal(major, currency)
	if err != nil {
		return 0, "", "is not a whole number of the currency's smallest unit, or too large"
	}
	return amount.Minor, currency, ""
}

// maxAmount is how many characters an amount may have.
const maxAmount = 24

// postedCurrency is the one given or that of the click's program.
func (h *Handler) postedCurrency(ctx context.Context, t *tenant, given, click string) (money.Currency, error) {
	if given != "" {
		return money.ParseCurrency(given)
	}
	setup, err := t.setup(ctx)
	if err != nil {
		return "usd", nil // recording it will fail, too
	}
	var of *program.Program
	if c, err := t.eng.Click(ctx, click); err == nil && c.Program != "" {
		of, _ = setup.Program(c.Program)
	}
	if of == nil {
		of = setup.Default(t.eng.Now())
	}
	if of == nil {
		return "usd", nil
	}
	return of.Currency, nil
}
