package affiliatehttp

import (
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
)

// Customers serves GET /v1/customers: customers by id. Guests and who was erased are
// not in it. Errors: 401, 403, 422, 503.
func (h *Handler) Customers(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: func(c *call) (int, any, *failure) {
		page, f := readPage(c.r)
		if f != nil {
			return 0, nil, f
		}
		found, err := c.eng.Customers(c.ctx, page.After, page.Limit)
		if err != nil {
			return 0, nil, c.failed(err, nil)
		}
		return http.StatusOK, List[customerAnswer]{Items: each(found.Items, customerAnswerOf), NextAfter: found.Next}, nil
	}})
}

// Customer serves GET /v1/customers/{customerId}, with the customer's clicks, and
// DELETE, which erases a customer: the person is forgotten, what the partners earned
// stays (semantics 8.7). Errors: 401, 403, 404, 422, 503.
func (h *Handler) Customer(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodGet: showCustomer, http.MethodDelete: func(c *call) (int, any, *failure) {
		erased, err := c.eng.EraseCustomer(c.ctx, c.id("customerId"))
		if err != nil {
			return 0, nil, c.failed(err, wireNames{"customer": "customerId"})
		}
		return http.StatusOK, erased, nil
	}})
}

// customerAnswer is what is known of a customer.
type customerAnswer struct {
	CustomerID      string                 `json:"customerId"`
	Aliases         []string               `json:"aliases,omitempty"` // other ids of the same customer
	KnownSince      time.Time              `json:"knownSince,omitzero"`
	SignedUp        bool                   `json:"signedUp"`
	Conversions     int                    `json:"conversions"`
	LastConvertedAt time.Time              `json:"lastConvertedAt,omitzero"`
	Waiting         bool                   `json:"waiting,omitempty"` // to be decided again
	Bindings        map[string]boundAnswer `json:"bindings"`          // by program; "": of conversions that name none
}

// boundAnswer is whom later conversions of a customer count for.
type boundAnswer struct {
	Credits []creditAnswer `json:"credits"`
	SetAt   time.Time      `json:"setAt"`
	SetBy   string         `json:"setBy"` // conversion
}

// customerInFull is a customer with the latest clicks.
type customerInFull struct {
	customerAnswer

	Clicks []clickOfAnswer `json:"clicks"`
}

type clickOfAnswer struct {
	ClickID   string    `json:"clickId"`
	At        time.Time `json:"at"`
	PartnerID string    `json:"partnerId,omitempty"`
	ProgramID string    `json:"programId,omitempty"`
	Link      string    `json:"link,omitempty"`
	Flag      string    `json:"flag,omitempty"` // why it earns nothing
	Suspect   string    `json:"suspect,omitempty"`
}

func customerAnswerOf(c affiliate.CustomerRecord) customerAnswer {
	answer := customerAnswer{
		CustomerID: c.ID, Aliases: c.Aliases, KnownSince: c.KnownSince, SignedUp: c.SignedUp, Conversions: c.Conversions,
		LastConvertedAt: c.LastSaleAt, Waiting: c.Waiting, Bindings: map[string]boundAnswer{},
	}
	for scope, b := range c.Bindings {
		answer.Bindings[scope] = boundAnswer{each(b.Credits, creditAnswerOf), b.SetAt, b.SetBy}
	}
	return answer
}

func showCustomer(c *call) (int, any, *failure) {
	id := c.id("customerId")
	customer, err := c.eng.Customer(c.ctx, id)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	clicks, err := c.eng.CustomerClicks(c.ctx, id)
	if err != nil {
		return 0, nil, c.failed(err, nil)
	}
	return http.StatusOK, customerInFull{customerAnswerOf(customer), each(clicks, func(k affiliate.Click) clickOfAnswer {
		return clickOfAnswer{k.ID, k.At, k.Partner, k.Program, k.Link, k.Flag, k.Suspect}
	})}, nil
}
