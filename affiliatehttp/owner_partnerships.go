package affiliatehttp

import (
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// partnershipAnswer is a partner approved on a program, with the terms they are
// paid by at a time.
type partnershipAnswer struct {
	PartnerID  string      `json:"partnerId"`
	ProgramID  string      `json:"programId"`
	State      string      `json:"state"`               // approved, scheduled (an approval to come), suspended (there alone) or revoked
	ApprovedAt time.Time   `json:"approvedAt,omitzero"` // the first time; absent: since for ever
	Terms      termsAnswer `json:"terms"`
}

// termsAnswer is what terms are in force, and why these.
type termsAnswer struct {
	Source       commission.Source `json:"source"` // approval, backfill, adoption, amendment or program
	Since        time.Time         `json:"since,omitzero"`
	Rules        []commission.Rule `json:"rules"`
	HoldbackDays int               `json:"holdbackDays"`
}

func partnershipAnswerOf(setup *program.Configuration, p *program.Partnership, t time.Time) partnershipAnswer {
	terms, _ := setup.Terms(p.Partner, p.Program, t) // its program exists
	return partnershipAnswer{
		PartnerID: p.Partner, ProgramID: p.Program, State: partnershipState(p, t), ApprovedAt: dated(p.ApprovedAt),
		Terms: termsAnswer{Source: terms.Source, Since: dated(terms.Since), Rules: terms.Rules, HoldbackDays: terms.HoldbackDays},
	}
}

func partnershipState(p *program.Partnership, t time.Time) string {
	switch {
	case p.RevokedAt(t):
		return "revoked"
	case !p.IsApprovedAt(t):
		return "scheduled"
	case p.SuspendedAt(t):
		return "suspended"
	}
	return "approved"
}

// Partnerships serves GET /v1/partnerships: all of them by partner, oldest first, of
// ?partnerId= and ?programId= where given, also those that are revoked. Errors: 401,
// 403, 422, 503.
func (h *Handler) Partnerships(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listPartnerships})
}

// Partnership serves /v1/partnerships/{partnerId}/{programId}: GET; PUT {"from"}
// approves the partner on the program, with a snapshot of its terms, a code and a
// link: 201, or 200 if they are approved already; DELETE, with ?from=, revokes: new
// conversions earn nothing there, what was earned stays. Errors: 400, 401, 403, 404,
// 413, 415, 422, 503.
func (h *Handler) Partnership(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{
		http.MethodGet: func(c *call) (int, any, *failure) {
			return c.partnership(http.StatusOK, c.owning("partnerId"), c.id("programId"), time.Time{})
		},
		http.MethodPut:    change(approve),
		http.MethodDelete: change(revoke),
	})
}

// AdoptTerms serves POST /v1/programs/{programId}/adopt {"partners","from"}: the
// partnerships of these partners, or all that are approved then, get the program's
// terms in force then as their own. Errors: 400, 401, 403, 404, 413, 415, 422, 503.
func (h *Handler) AdoptTerms(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: change(adoptTerms)})
}

// Override serves /v1/partnerships/{partnerId}/{programId}/override: PUT
// {"rules","holdbackDays","from"} grants the partner terms of their own, what is
// left out stays as it is; DELETE, with ?from=, has them follow the program's
// terms again. Errors: 400, 401, 403, 404, 413, 415, 422, 503.
func (h *Handler) Override(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPut: change(override), http.MethodDelete: change(clearOverride)})
}

func listPartnerships(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	of := filterOf(c.r)
	var every []*program.Partnership
	for _, partner := range setup.Partners() {
		every = append(every, setup.PartnershipsOf(partner.ID)...)
	}
	key := func(p *program.Partnership) string {
		return strconv.Itoa(len(p.Partner)) + "." + p.Partner + "." + p.Program
	}
	list, f := pageOf(page, every, key, func(p *program.Partnership) bool { return of.holds(p.Partner, p.Program) })
	return http.StatusOK, mapped(list, func(p *program.Partnership) partnershipAnswer { return partnershipAnswerOf(setup, p, now) }), f
}

// filter is whose things are asked for; empty is anybody's.
type filter struct{ partner, program string }

func filterOf(r *http.Request) filter {
	query := r.URL.Query()
	return filter{query.Get("partnerId"), query.Get("programId")}
}

func (f filter) holds(partner, programID string) bool {
	return (f.partner == "" || f.partner == partner) && (f.program == "" || f.program == programID)
}

func approve(c *call) (int, any, *failure) {
	partner, programID, from := c.owning("partnerId"), c.id("programId"), c.from()
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	if err := c.did(c.eng.ApprovePartnership(c.ctx, partner, programID, from)); err != nil {
		return 0, nil, c.failed(err, nil)
	}
	if *c.changed {
		return c.partnership(http.StatusCreated, partner, programID, from)
	}
	return c.partnership(http.StatusOK, partner, programID, from)
}

func revoke(c *call) (int, any, *failure) {
	partner, programID := c.owning("partnerId"), c.id("programId")
	from, f := c.queryFrom()
	if f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	if p, ok := setup.Partnership(partner, programID); !ok || !from.IsZero() || !p.RevokedAt(now) {
		if err := c.did(c.eng.RevokePartnership(c.ctx, partner, programID, from)); err != nil {
			return 0, nil, c.failed(err, nil)
		}
	}
	return c.partnership(http.StatusOK, partner, programID, from)
}

// adoptionAnswer names the program of an adoption.
type adoptionAnswer struct {
	ProgramID string `json:"programId"`
}

func adoptTerms(c *call) (int, any, *failure) {
	programID, partners, from := c.owning("programId"), c.body.texts("partners"), c.from()
	if c.body.has("partners") && len(partners) == 0 {
		c.body.refuse("partners", "must not be empty; leave it out for all")
	}
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	if err := c.did(c.eng.AdoptTerms(c.ctx, programID, partners, from)); err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, adoptionAnswer{programID}, nil
}

// named checks a body that names a partner and a program, and returns the configuration
// that has both.
func (c *call) named(partner, programID string) (*program.Configuration, *failure) {
	if f := c.body.done(); f != nil {
		return nil, f
	}
	setup, _, f := c.now()
	if f != nil {
		return nil, f
	}
	if problems := strangers(setup, "partnerId", partner, "programId", programID); len(problems) > 0 {
		return nil, invalid(problems...)
	}
	return setup, nil
}

func override(c *call) (int, any, *failure) {
	partner, programID := segment(c.r, "partnerId", 2), c.owning("programId")
	terms, from := c.body.terms(), c.from()
	if reflect.ValueOf(terms).IsZero() && !c.body.has("rules") {
		c.body.refuse("rules", "rules or holdbackDays is required")
	}
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	_, old, f := c.partnership(http.StatusOK, partner, programID, from)
	if f != nil {
		return 0, nil, f
	}
	none := terms.Rules != nil && len(terms.Rules) == 0 // which the Engine refuses
	if was, ok := old.(partnershipAnswer); ok && !none && was.Terms.Source == commission.FromAmendment && contains(was.Terms, terms) {
		return http.StatusOK, old, nil
	}
	if err := c.did(c.eng.OverrideTerms(c.ctx, partner, programID, terms, from)); err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return c.partnership(http.StatusOK, partner, programID, from)
}

func clearOverride(c *call) (int, any, *failure) {
	partner, programID := segment(c.r, "partnerId", 2), c.owning("programId")
	from, f := c.queryFrom()
	if f != nil {
		return 0, nil, f
	}
	if err := c.did(c.eng.ClearOverride(c.ctx, partner, programID, from)); err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return c.partnership(http.StatusOK, partner, programID, from)
}

// partnership answers with a partnership as it is now, or from a time to come on.
func (c *call) partnership(status int, partner, programID string, from time.Time) (int, any, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	p, ok := setup.Partnership(partner, programID)
	if !ok {
		return 0, nil, notFound("no such partnership")
	}
	return status, partnershipAnswerOf(setup, p, latest(from, now)), nil
}
