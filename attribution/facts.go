package attribution

import (
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Well-known event types. Any other text is a custom type.
const (
	Signup              = "signup"
	TrialStarted        = "trial_started"
	SubscriptionCreated = "subscription_created"
	InvoicePaid         = "invoice_paid"
)

// Click is one visit through a partner's link, or through a campaign link when
// it names no partner. It is a fact: once stored it never changes.
type Click struct {
	ID         string            `json:"id"`
	At         time.Time         `json:"at"`
	Partner    string            `json:"partner,omitempty"`    // id; empty for a campaign link
	Program    string            `json:"program,omitempty"`    // id; set whenever Partner is
	Link       string            `json:"link,omitempty"`       // key of the link that was followed
	Visitor    string            `json:"visitor,omitempty"`    // the browser's id
	CampaignID string            `json:"campaignId,omitempty"` // what match conditions look at
	Sub        map[string]string `json:"sub,omitempty"`        // sub1 … sub30
	Flag       string            `json:"flag,omitempty"`       // bot, prefetch, self_referral: earns nothing
	Suspect    string            `json:"suspect,omitempty"`    // velocity: earns like any other, what it earns starts under review
	Metadata   map[string]string `json:"metadata,omitempty"`   // utm_* and the like: stored, never looked at

	// NewVisitor says that nobody knows the visitor's id before the click is
	// stored, which saves whoever stores it a read and a write. It is not part of
	// the fact.
	NewVisitor bool `json:"-"`
}

// Identify says that a click or a visitor is a known customer, or that two
// customer ids are one customer.
type Identify struct {
	At       time.Time `json:"at"`
	Customer string    `json:"customer"`          // the host's key of the customer
	Visitor  string    `json:"visitor,omitempty"` // the browser's id
	Click    string    `json:"click,omitempty"`   // id of a click
	Email    string    `json:"email,omitempty"`   // stored as a keyed hash only
	Alias    string    `json:"alias,omitempty"`   // another id of the same customer
}

// Conversion is something a customer did that may earn a commission.
type Conversion struct {
	ID         string            `json:"id"`                 // the host's external id
	Type       string            `json:"type"`               // event type
	Customer   string            `json:"customer,omitempty"` // the host's key of the customer
	At         time.Time         `json:"at"`                 // when it happened
	Amount     int64             `json:"amount,omitempty"`   // commissionable minor units: net of tax, shipping and discount
	Currency   money.Currency    `json:"currency"`
	Program    string            `json:"program,omitempty"`    // scope; empty: all programs
	PromoCode  string            `json:"promoCode,omitempty"`  // as it was typed
	Referral   string            `json:"referral,omitempty"`   // a link's key, where no click id is known
	Click      string            `json:"click,omitempty"`      // id of the click that led here
	Partner    string            `json:"partner,omitempty"`    // explicit, before all methods
	CampaignID string            `json:"campaignId,omitempty"` // what match conditions look at
	Sub        map[string]string `json:"sub,omitempty"`        // sub1 … sub30
	Metadata   map[string]string `json:"metadata,omitempty"`   // stored, never looked at

	// Renewal says that nobody typed the promo code for this conversion: it came
	// with a subscription that goes on. Then it decides for a customer whom no
	// earlier conversion bound, and changes nothing for one who is bound.
	Renewal bool `json:"renewal,omitempty"`
}

// guestPrefix cannot start a host's customer key: the Engine refuses control
// characters in ids.
const guestPrefix = "\x01guest:"

// CustomerKey returns the customer of the conversion; a conversion without one
// is a customer of its own (semantics 3.1).
func (c Conversion) CustomerKey() string {
	if c.Customer == "" {
		return guestPrefix + c.ID
	}
	return c.Customer
}

// IsGuest reports whether a customer key stands for a conversion without a
// customer.
func IsGuest(customer string) bool { return strings.HasPrefix(customer, guestPrefix) }

// erasedPrefix starts the pseudonyms of erased customers. Like guestPrefix it cannot
// start a key of the host's.
const erasedPrefix = "\x01erased:"

// Pseudonym returns the customer key that takes the place of an erased customer's,
// made of an id that says nothing of the person (semantics 8.7).
func Pseudonym(id string) string { return erasedPrefix + id }

// IsErased reports whether a customer key is the pseudonym of an erased customer.
func IsErased(customer string) bool { return strings.HasPrefix(customer, erasedPrefix) }

// Before orders facts by time, ties by id in byte order (semantics 1.7).
func Before(at time.Time, id string, otherAt time.Time, otherID string) bool {
	if !at.Equal(otherAt) {
		return at.Before(otherAt)
	}
	return id < otherID
}

// Mark is a conversion as a point in the order of facts: by time, ties by id.
type Mark struct {
	At time.Time `json:"at,omitzero"` // when it happened
	ID string    `json:"id,omitempty"`
}

// NormalizeEmail trims an e-mail address, lowers its case and removes the +tag
// of its local part, so that two spellings of one mailbox compare equal
// (semantics 3.11). Text without an @ is only trimmed and lowered.
func NormalizeEmail(email string) string {
	email = strings.ToLower(strings.TrimSpace(email))
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return email
	}
	local, domain := email[:at], email[at:]
	if plus := strings.IndexByte(local, '+'); plus >= 0 {
		local = local[:plus]
	}
	return local + domain
}
