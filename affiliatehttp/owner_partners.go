package affiliatehttp

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// partnerState is whether a partner can earn.
type partnerState string

const (
	partnerActive    partnerState = "active"
	partnerSuspended partnerState = "suspended"
)

// partnerAnswer is a partner as they are at a time. What a body says of them has
// the same names.
type partnerAnswer struct {
	ID           string                  `json:"id"`
	Name         string                  `json:"name"`
	Email        string                  `json:"email"`
	State        partnerState            `json:"state"`
	SuspendedOn  []string                `json:"suspendedOn,omitempty"` // ids of programs on which alone
	Rank         int                     `json:"rank"`
	Match        []attribution.Condition `json:"match"`
	Payout       payout.Schedule         `json:"payout"`
	NextPayoutAt time.Time               `json:"nextPayoutAt"`
	CreatedAt    time.Time               `json:"createdAt,omitzero"` // absent: since for ever
}

func partnerAnswerOf(setup *program.Configuration, p *program.Partner, t time.Time) partnerAnswer {
	answer := partnerAnswer{
		ID: p.ID, Name: p.Name, Email: p.Email, State: partnerActive, Rank: p.RankAt(t), Payout: p.PayoutAt(t),
		Match: append([]attribution.Condition{}, p.MatchAt(t)...), CreatedAt: dated(p.Created),
	}
	if p.SuspendedAt(t) {
		answer.State = partnerSuspended
	}
	for _, on := range setup.PartnershipsOf(p.ID) {
		if on.SuspendedAt(t) {
			answer.SuspendedOn = append(answer.SuspendedOn, on.Program)
		}
	}
	answer.NextPayoutAt = p.NextCutoff(t)
	return answer
}

// balanceAnswer is what a partner has in one currency, in minor units.
type balanceAnswer struct {
	Currency money.Currency `json:"currency"`
	payout.Balance
}

// balancesAnswer is all that a partner has, and what they are paid next.
type balancesAnswer struct {
	Items        []balanceAnswer  `json:"items"`
	NextPayoutAt time.Time        `json:"nextPayoutAt"`
	Upcoming     []upcomingAnswer `json:"upcoming"`
	affiliate.Settled
}

// upcomingAnswer is what a partner is paid next in one currency: what is due at
// the last cut-off and not issued yet, and what the next cut-off brings apart
// from that.
type upcomingAnswer struct {
	Currency money.Currency `json:"currency"`
	Due      *cutoffAnswer  `json:"duePayout,omitempty"`
	Next     cutoffAnswer   `json:"nextPayout"`
	Minimum  int64          `json:"minimum"`
}

// cutoffAnswer is the amount of a cut-off, in minor units.
type cutoffAnswer struct {
	Amount int64     `json:"amount"`
	Cutoff time.Time `json:"cutoff"`
}

func upcomingAnswerOf(u affiliate.UpcomingPayout) upcomingAnswer {
	answer := upcomingAnswer{Currency: u.Currency, Next: cutoffAnswer{u.Next, u.NextCutoff}, Minimum: u.Minimum}
	if u.Due > 0 {
		answer.Due = &cutoffAnswer{u.Due, u.Cutoff}
	}
	return answer
}

// Partners serves /v1/partners: GET lists partners, oldest first, of ?q=, ?status=
// and ?program= where given; POST creates
// one: 201, or 200 if they are there already and the body says the same. Errors:
// 400, 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) Partners(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listPartners, http.MethodPost: change(createPartner)})
}

// Partner serves /v1/partners/{partnerId}: GET, and PATCH with the parts of the
// profile to change; match conditions are in force from a time on. Errors: 400,
// 401, 403, 404, 413, 415, 422, 503.
func (h *Handler) Partner(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{
		http.MethodGet:   func(c *call) (int, any, *failure) { return c.partner(http.StatusOK, c.id("partnerId"), time.Time{}) },
		http.MethodPatch: change(editPartner),
	})
}

// SuspendPartner serves POST /v1/partners/{partnerId}/suspend,
// {"programId","from"}: the partner earns nothing on new conversions, of that
// program or of all; what was earned stays and is paid out. Errors: 400, 401, 403, 404, 413, 415, 422, 503.
func (h *Handler) SuspendPartner(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: change(func(c *call) (int, any, *failure) {
		return c.toggle(true, c.eng.SuspendPartner, c.eng.SuspendPartnership)
	})})
}

// ReinstatePartner serves POST /v1/partners/{partnerId}/reinstate,
// {"programId","from"}, which ends a suspension of the same extent. Errors: as SuspendPartner.
func (h *Handler) ReinstatePartner(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: change(func(c *call) (int, any, *failure) {
		return c.toggle(false, c.eng.ReinstatePartner, c.eng.ReinstatePartnership)
	})})
}

// PartnerBalances serves GET /v1/partners/{partnerId}/balances. Errors: 401, 403,
// 404, 503.
func (h *Handler) PartnerBalances(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listBalances})
}

// PartnerCommissions serves GET /v1/partners/{partnerId}/commissions, latest
// conversion first. A page may be shorter than its limit without being the last.
// Errors: 401, 403, 404, 422, 503.
func (h *Handler) PartnerCommissions(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listCommissions})
}

func listPartners(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	wanted, f := partnerFilter(c.r, setup, now)
	if f != nil {
		return 0, nil, f
	}
	list, f := pageOf(page, setup.Partners(), func(p *program.Partner) string { return p.ID }, wanted)
	return http.StatusOK, mapped(list, func(p *program.Partner) partnerAnswer { return partnerAnswerOf(setup, p, now) }), f
}

// partnerFilter is which partners a request asks for: ?q= is in the name, the e-mail
// address or the id, ?status= is active or suspended as a whole, ?program= is one they
// are approved on.
func partnerFilter(r *http.Request, setup *program.Configuration, now time.Time) (func(*program.Partner) bool, *failure) {
	query := r.URL.Query()
	text, status, on := strings.ToLower(query.Get("q")), partnerState(query.Get("status")), query.Get("program")
	if status != "" && status != partnerActive && status != partnerSuspended {
		return nil, invalid(affiliate.Problem{Field: "status", Message: "must be active or suspended"})
	}
	return func(p *program.Partner) bool {
		switch {
		case status != "" && (status == partnerSuspended) != p.SuspendedAt(now):
			return false
		case on != "" && !setup.Approved(p.ID, on, now):
			return false
		}
		return slices.ContainsFunc([]string{p.ID, p.Name, p.Email}, func(field string) bool {
			return strings.Contains(strings.ToLower(field), text)
		})
	}, nil
}

func createPartner(c *call) (int, any, *failure) {
	id, profile, from := c.newID("id"), c.body.profile(), c.from()
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	before, _, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	status := http.StatusCreated
	if _, ok := before.Partner(id); ok {
		status = http.StatusOK
	}
	err := c.did(c.eng.CreatePartner(c.ctx, id, profile, from))
	if errors.Is(err, affiliate.ErrExists) {
		if _, old, f := c.partner(http.StatusOK, id, from); f == nil && contains(old, profile) {
			return http.StatusOK, old, nil
		}
	}
	if err != nil {
		return 0, nil, c.failed(err, scheduleNames())
	}
	return c.partner(status, id, from)
}

func editPartner(c *call) (int, any, *failure) {
	id, profile, from := c.id("partnerId"), c.body.profile(), c.from()
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	if !reflect.ValueOf(profile).IsZero() { // else there is nothing to change
		if err := c.did(c.eng.EditPartner(c.ctx, id, profile, from)); err != nil {
			return 0, nil, c.failed(err, scheduleNames())
		}
	}
	return c.partner(http.StatusOK, id, from)
}

// toggle suspends or reinstates, as a whole or on the program that the body names,
// unless that is how it stands already.
func (c *call) toggle(
	suspended bool, whole func(context.Context, string, time.Time) (bool, error), there func(context.Context, string, string, time.Time) (bool, error),
) (int, any, *failure) {
	id, on, from := c.owning("partnerId"), c.body.chosen("programId"), c.from()
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	var err error
	switch who, ok := setup.Partner(id); {
	case on != "":
		if p, ok := setup.Partnership(id, on); !ok || !from.IsZero() || !p.IsApprovedAt(now) || p.SuspendedAt(now) != suspended {
			err = c.did(there(c.ctx, id, on, from))
		}
	case !ok || !from.IsZero() || who.SuspendedAt(now) != suspended:
		err = c.did(whole(c.ctx, id, from))
	}
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return c.partner(http.StatusOK, id, from)
}

// partner answers with a partner as they are now, or from a time to come on.
func (c *call) partner(status int, id string, from time.Time) (int, any, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	p, ok := setup.Partner(id)
	if !ok {
		return 0, nil, notFound("no such partner")
	}
	return status, partnerAnswerOf(setup, p, latest(from, now)), nil
}

func listBalances(c *call) (int, any, *failure) {
	id := c.owning("partnerId")
	balances, err := c.eng.Balances(c.ctx, id, time.Time{})
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	next, err := c.eng.NextPayout(c.ctx, id)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	ahead, err := c.eng.UpcomingPayouts(c.ctx, id)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	settled := affiliate.Settled{AsOf: c.eng.Now()}
	if len(balances) > 0 {
		settled = balances[0].Settled // all are of one moment
	}
	return http.StatusOK, balancesAnswer{Settled: settled, NextPayoutAt: next, Upcoming: each(ahead, upcomingAnswerOf), Items: each(balances, func(b affiliate.Balance) balanceAnswer {
		return balanceAnswer{b.Currency, b.Balance}
	})}, nil
}

func listCommissions(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	found, err := c.eng.Commissions(c.ctx, c.owning("partnerId"), page.After, page.Limit)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, List[standingAnswer]{Items: each(found.Commissions, standingAnswerOf), NextAfter: found.Next}, nil
}
