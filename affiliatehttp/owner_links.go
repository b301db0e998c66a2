package affiliatehttp

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// linkAnswer is a referral link; GET /r/{key} follows it.
type linkAnswer struct {
	Key            string    `json:"key"` // the referral code
	PartnerID      string    `json:"partnerId"`
	ProgramID      string    `json:"programId"`
	DestinationURL string    `json:"destinationUrl"`     // empty: the program's
	CreatedAt      time.Time `json:"createdAt,omitzero"` // absent: since for ever
}

func linkAnswerOf(l program.Link) linkAnswer {
	return linkAnswer{Key: l.Key, PartnerID: l.Partner, ProgramID: l.Program, DestinationURL: l.URL, CreatedAt: dated(l.Created)}
}

// codeAnswer is a promo code, retired or not.
type codeAnswer struct {
	Code      string        `json:"code"`
	PartnerID string        `json:"partnerId"`
	ProgramID string        `json:"programId"`
	Active    bool          `json:"active"`
	Generated bool          `json:"generated"`
	Validity  []validAnswer `json:"validity"`
	Reward    *promo.Reward `json:"reward,omitempty"` // for the customer

	RewardState *rewardStateAnswer `json:"rewardState,omitempty"` // absent: the code gives none
}

// rewardStateAnswer is how far the reward of a code is at the payment provider.
type rewardStateAnswer struct {
	Status  affiliate.RewardStatus `json:"status"`
	Problem string                 `json:"problem,omitempty"`
	Message string                 `json:"message,omitempty"`
	RetryAt time.Time              `json:"retryAt,omitzero"`
}

// validAnswer is a stretch of time in which a code counts, its end excluded.
type validAnswer struct {
	From time.Time `json:"from,omitzero"` // absent: since for ever
	To   time.Time `json:"to,omitzero"`   // absent: until it is retired
}

// codeAnswers tell of codes at a time.
func (c *call) codeAnswers(setup *program.Configuration, t time.Time, codes ...*promo.Code) ([]codeAnswer, *failure) {
	states, err := c.eng.CodeRewards(c.ctx, each(codes, func(code *promo.Code) string { return code.Code })...)
	if err != nil {
		return nil, c.failed(err, nil)
	}
	return each(codes, func(code *promo.Code) codeAnswer {
		answer := codeAnswerOf(code, t)
		answer.Reward = setup.RewardOf(code, t)
		if s, ok := states[code.Code]; ok {
			answer.RewardState = &rewardStateAnswer{s.Status, s.Problem, s.Message, s.Retry}
		}
		return answer
	}), nil
}

func codeAnswerOf(c *promo.Code, t time.Time) codeAnswer {
	return codeAnswer{
		Code: c.Code, PartnerID: c.Partner, ProgramID: c.Program, Active: c.ActiveAt(t), Generated: c.Generated,
		Validity: each(c.Intervals, func(i promo.Interval) validAnswer { return validAnswer{dated(i.From), i.To} }),
	}
}

// Links serves /v1/links: GET lists links by key, of ?partnerId= and ?programId=
// where given, without those of programs that have not started; POST {"key","partnerId","programId","destinationUrl","from"} adds
// one: 201, or 200 if it is there already and leads there for the same partner.
// Errors: 400, 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) Links(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listLinks, http.MethodPost: change(addLink)})
}

// Link serves GET /v1/links/{key}. Errors: 401, 403, 404, 503.
func (h *Handler) Link(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: func(c *call) (int, any, *failure) { return c.link(http.StatusOK, c.id("key")) }})
}

// Codes serves /v1/codes: GET lists codes, retired ones included, of ?partnerId=
// and ?programId= where given, without those of programs that have not started; POST {"code","partnerId","programId","from"} adds one
// for the owner, or has a retired one count again: 201, or 200 if it counts
// already. Errors: 400, 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) Codes(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listCodes, http.MethodPost: change(addCode)})
}

// Code serves GET /v1/codes/{code}, in any spelling. Errors: 401, 403, 404, 503.
func (h *Handler) Code(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: func(c *call) (int, any, *failure) {
		return c.code(http.StatusOK, c.id("code"), time.Time{})
	}})
}

// RetireCode serves POST /v1/codes/{code}/retire, {"from"}: the code no longer
// counts, and stays with its partner for ever. Errors: 400, 401, 403, 404, 413,
// 415, 422, 503.
func (h *Handler) RetireCode(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: change(retireCode)})
}

func listLinks(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	of := filterOf(c.r)
	var every []program.Link
	for _, p := range setup.Partners() {
		every = append(every, setup.LinksOf(p.ID)...)
	}
	slices.SortFunc(every, func(a, b program.Link) int { return cmp.Compare(a.Key, b.Key) })
	list, f := pageOf(page, every, func(l program.Link) string { return l.Key },
		func(l program.Link) bool { return of.holds(l.Partner, l.Program) && !setup.Waits(l.Program, now) })
	return http.StatusOK, mapped(list, linkAnswerOf), f
}

func addLink(c *call) (int, any, *failure) {
	in := affiliate.Link{
		Key: c.body.required("key"), Partner: c.body.required("partnerId"), Program: c.body.required("programId"),
		URL: c.body.text("destinationUrl"), EffectiveAt: c.from(),
	}
	if in.Key != "" && !program.ValidLinkKey(in.Key) {
		c.body.refuse("key", "must be 1 to 64 characters of A-Z, a-z, 0-9, _ and -")
	}
	if in.URL != "" && !program.ValidURL(in.URL) {
		c.body.refuse("destinationUrl", "must be an absolute http or https address without user information")
	}
	before, f := c.named(in.Partner, in.Program)
	if f != nil {
		return 0, nil, f
	}
	if added(before, in) {
		return c.link(http.StatusOK, in.Key)
	}
	err := c.did(c.eng.AddLink(c.ctx, in))
	if errors.Is(err, affiliate.ErrExists) { // since just now?
		if after, _, f := c.now(); f == nil && added(after, in) {
			return c.link(http.StatusOK, in.Key)
		}
	}
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return c.link(http.StatusCreated, in.Key)
}

// added reports whether a link is there and says the same.
func added(setup *program.Configuration, in affiliate.Link) bool {
	old, ok := setup.Link(in.Key)
	return ok && old.Partner == in.Partner && old.Program == in.Program && old.URL == in.URL
}

func (c *call) link(status int, key string) (int, any, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	l, ok := setup.Link(key)
	if !ok || setup.Waits(l.Program, now) {
		return 0, nil, notFound("no such link")
	}
	return status, linkAnswerOf(l), nil
}

func listCodes(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	of := filterOf(c.r)
	list, f := pageOf(page, setup.Codes(), func(code *promo.Code) string { return code.Code },
		func(code *promo.Code) bool {
			return of.holds(code.Partner, code.Program) && !setup.Waits(code.Program, now)
		})
	if f != nil {
		return 0, nil, f
	}
	answers, f := c.codeAnswers(setup, now, list.Items...)
	return http.StatusOK, List[codeAnswer]{Items: answers, NextAfter: list.NextAfter}, f
}

func addCode(c *call) (int, any, *failure) {
	in := affiliate.Code{
		Code: c.body.required("code"), Partner: c.body.required("partnerId"), Program: c.body.required("programId"), EffectiveAt: c.from(),
	}
	before, f := c.named(in.Partner, in.Program)
	if f != nil {
		return 0, nil, f
	}
	if counts(before, in, latest(in.EffectiveAt, c.eng.Now())) {
		return c.code(http.StatusOK, in.Code, in.EffectiveAt)
	}
	err := c.did(c.eng.AddCode(c.ctx, in))
	if errors.Is(err, affiliate.ErrCodeTaken) { // since just now?
		if after, _, f := c.now(); f == nil && counts(after, in, latest(in.EffectiveAt, c.eng.Now())) {
			return c.code(http.StatusOK, in.Code, in.EffectiveAt)
		}
	}
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return c.code(http.StatusCreated, in.Code, in.EffectiveAt)
}

// counts reports whether a code counts for the same partner and program.
func counts(setup *program.Configuration, in affiliate.Code, t time.Time) bool {
	old, ok := setup.Code(in.Code)
	return ok && old.Partner == in.Partner && old.Program == in.Program && old.ActiveAt(t)
}

func retireCode(c *call) (int, any, *failure) {
	text, from := c.owning("code"), c.from()
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	if code, ok := setup.Code(text); !ok || code.ActiveAt(now) || !from.IsZero() {
		if err := c.did(c.eng.RetireCode(c.ctx, text, from)); err != nil {
			return 0, nil, c.failed(err, nil)
		}
	}
	return c.code(http.StatusOK, text, from)
}

// code answers with a code as it is now, or from a time to come on.
func (c *call) code(status int, text string, from time.Time) (int, any, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	code, ok := setup.Code(text)
	if !ok || setup.Waits(code.Program, latest(from, now)) {
		return 0, nil, notFound("no such code")
	}
	answers, f := c.codeAnswers(setup, latest(from, now), code)
	if f != nil {
		return 0, nil, f
	}
	return status, answers[0], nil
}
