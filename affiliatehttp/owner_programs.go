package affiliatehttp

import (
	"errors"
	"net/http"
	"reflect"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// organizationAnswer is the caller's organization.
type organizationAnswer struct {
	ID               string `json:"id"`
	Name             string `json:"name"`
	DefaultProgramID string `json:"defaultProgramId"` // empty: there is no program yet
}

// programAnswer is a program as it is at a time. What a body says of it has the
// same names.
type programAnswer struct {
	ID              string                  `json:"id"`
	Name            string                  `json:"name"`
	Title           string                  `json:"title"`
	State           program.Lifecycle       `json:"state"`
	Default         bool                    `json:"default"`
	Currency        money.Currency          `json:"currency"`
	TimeZone        string                  `json:"timeZone"`
	DestinationURL  string                  `json:"destinationUrl"`
	DeepLinkDomains []string                `json:"deepLinkDomains"`
	Model           attribution.Model       `json:"attributionModel"`
	WindowDays      int                     `json:"attributionWindowDays"`
	Methods         []attribution.Method    `json:"methods"`
	Binding         attribution.BindingMode `json:"binding"`
	StartsAt        time.Time               `json:"startsAt,omitzero"`
	EndsAt          time.Time               `json:"endsAt,omitzero"`
	PartnerCodes    bool                    `json:"partnerCodes"`
	Reward          *promo.Reward           `json:"reward,omitempty"`
	RewardApplies   *bool                   `json:"rewardAppliesAtCheckout,omitempty"` // absent: there is no reward
	Rules           []commission.Rule       `json:"rules"`
	HoldbackDays    int                     `json:"holdbackDays"`
	CreatedAt       time.Time               `json:"createdAt,omitzero"` // absent: since for ever

	Partnerships *keptAnswer `json:"partnerships,omitempty"` // of an edit
}

// keptAnswer says whom an edit of a program's terms concerns.
type keptAnswer struct {
	Grandfathered int `json:"grandfathered"` // keep the terms they have
	Following     int `json:"following"`     // are paid by the program's terms, whatever these are
}

func (c *call) programAnswer(setup *program.Configuration, p *program.Program, t time.Time) programAnswer {
	s, ok := p.At(t)
	if !ok { // created for a time that is still to come
		s = p.Latest()
	}
	of := setup.Default(t)
	answer := programAnswer{
		ID: p.ID, Name: s.Name, Title: s.PublicTitle(), State: p.LifecycleAt(t), Default: of != nil && of.ID == p.ID,
		Currency: p.Currency, TimeZone: p.Location.String(), DestinationURL: s.DestinationURL,
		DeepLinkDomains: append([]string{}, s.DeepLinkDomains...), Model: s.Model, WindowDays: s.WindowDays,
		Methods: s.Methods, Binding: s.Binding, StartsAt: s.StartsAt, EndsAt: s.EndsAt, PartnerCodes: s.PartnerCodes,
		Reward: s.Reward, Rules: s.Terms.Rules, HoldbackDays: s.Terms.HoldbackDays, CreatedAt: dated(p.Created),
	}
	if s.Reward != nil {
		applies := c.eng.AppliesRewards()
		answer.RewardApplies = &applies
	}
	return answer
}

// Organization serves /v1/organization, the caller's own: GET, and PATCH with
// {"defaultProgramId","from"}. Errors: 400, 401, 403, 413, 415, 422, 503.
func (h *Handler) Organization(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{
		http.MethodGet: func(c *call) (int, any, *failure) { return c.organization(time.Time{}) },
		http.MethodPatch: change(func(c *call) (int, any, *failure) {
			id, from := c.body.required("defaultProgramId"), c.from()
			if f := c.body.done(); f != nil {
				return 0, nil, f
			}
			err := c.did(c.eng.SetDefaultProgram(c.ctx, id, from))
			switch {
			case errors.Is(err, affiliate.ErrNotFound):
				return 0, nil, invalid(affiliate.Problem{Field: "defaultProgramId", Message: "is not known"})
			case err != nil:
				return 0, nil, c.failed(err, nil)
			}
			return c.organization(from)
		}),
	})
}

func (c *call) organization(from time.Time) (int, any, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	answer := organizationAnswer{ID: c.eng.Organization(), Name: setup.Organization.Name}
	if of := setup.Default(latest(from, now)); of != nil {
		answer.DefaultProgramID = of.ID
	}
	return http.StatusOK, answer, nil
}

// Programs serves /v1/programs: GET lists programs, oldest first; POST creates
// one, with rules: 201, or 200 if it is there already and says the same. Errors:
// 400, 401, 403, 409, 413, 415, 422, 503.
func (h *Handler) Programs(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: listPrograms, http.MethodPost: change(createProgram)})
}

// Program serves /v1/programs/{programId}: GET, and PATCH with the settings to
// change, from a time on. New terms reach later approvals; partnerships keep
// theirs. The answer is the program as it is once the change is in force. Errors:
// 400, 401, 403, 404, 413, 415, 422, 503.
func (h *Handler) Program(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{
		http.MethodGet:   func(c *call) (int, any, *failure) { return c.program(http.StatusOK, c.id("programId"), time.Time{}) },
		http.MethodPatch: change(editProgram),
	})
}

// EndProgram serves POST /v1/programs/{programId}/end: the program ends now. One
// that has ended stays as it is. Errors: 400, 401, 403, 404, 413, 415, 422, 503.
func (h *Handler) EndProgram(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodPost: change(endProgram)})
}

func listPrograms(c *call) (int, any, *failure) {
	page, f := readPage(c.r)
	if f != nil {
		return 0, nil, f
	}
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	list, f := pageOf(page, setup.Programs(), func(p *program.Program) string { return p.ID }, all)
	return http.StatusOK, mapped(list, func(p *program.Program) programAnswer { return c.programAnswer(setup, p, now) }), f
}

// mapped is a page of other items in the same places.
func mapped[A, B any](list List[A], to func(A) B) List[B] {
	return List[B]{Items: each(list.Items, to), NextAfter: list.NextAfter}
}

func createProgram(c *call) (int, any, *failure) {
	id, settings, from := c.newID("id"), c.body.settings(), c.from()
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	before, _, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	status := http.StatusCreated
	if _, ok := before.Program(id); ok {
		status = http.StatusOK
	}
	err := c.did(c.eng.CreateProgram(c.ctx, id, settings, from))
	if errors.Is(err, affiliate.ErrExists) {
		if _, old, f := c.program(http.StatusOK, id, from); f == nil && contains(old, settings) {
			return http.StatusOK, old, nil
		}
	}
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return c.program(status, id, from)
}

// newID takes the id of something to create.
func (c *call) newID(name string) string {
	id := c.body.required(name)
	if id != "" && !program.ValidID(id) {
		c.body.refuse(name, "must be 1 to 255 bytes without control characters")
	}
	return id
}

func editProgram(c *call) (int, any, *failure) {
	id, settings, from := c.id("programId"), c.body.settings(), c.from()
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	if !reflect.ValueOf(settings).IsZero() { // else there is nothing to change
		if err := c.did(c.eng.EditProgram(c.ctx, id, settings, from)); err != nil {
			return 0, nil, c.failed(err, nil)
		}
	}
	return c.editedProgram(id, from)
}

// editedProgram answers with a program and with how many partnerships its terms
// concern.
func (c *call) editedProgram(id string, from time.Time) (int, any, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	p, ok := setup.Program(id)
	if !ok {
		return 0, nil, notFound("no such program")
	}
	answer := c.programAnswer(setup, p, latest(from, now))
	keep, follow := setup.Kept(id, latest(from, now))
	answer.Partnerships = &keptAnswer{keep, follow}
	return http.StatusOK, answer, nil
}

func endProgram(c *call) (int, any, *failure) {
	if f := c.body.done(); f != nil {
		return 0, nil, f
	}
	id := c.owning("programId")
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	if p, ok := setup.Program(id); !ok || p.LifecycleAt(now) != program.Ended {
		if err := c.did(c.eng.EndProgram(c.ctx, id)); err != nil {
			return 0, nil, c.failed(err, nil)
		}
	}
	return c.program(http.StatusOK, id, time.Time{})
}

// program answers with a program as it is now, or from a time to come on.
func (c *call) program(status int, id string, from time.Time) (int, any, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return 0, nil, f
	}
	p, ok := setup.Program(id)
	if !ok {
		return 0, nil, notFound("no such program")
	}
	return status, c.programAnswer(setup, p, latest(from, now)), nil
}
