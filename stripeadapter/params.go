package stripeadapter

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// Keys are the names of metadata on Stripe's objects that say who led a customer
// here. Each list is read in order, the first that has a value counts; the first
// key of a list is the one that is written. A list that is empty is the default.
type Keys struct {
	Click    []string // id of the click
	Referral []string // referral code: the key of a link
	Customer []string // the host's key of the customer
	Promo    []string // promo code

	// Conversion is the id under which the host records this one payment itself, so
	// that both record one conversion.
	Conversion []string
}

// DefaultKeys returns our keys, followed by those of other tools that merchants may
// have in place, so that their checkouts work unchanged: Afficone's holds the
// referral code, Affitor's the click and the customer.
func DefaultKeys() Keys {
	return Keys{
		Click:    []string{"affiliate_click_id", "affitor_click_id"},
		Referral: []string{"affiliate_ref", "_afficoneRef"},
		Customer: []string{"affiliate_customer_key", "affitor_customer_key"},
		Promo:    []string{"affiliate_promo_code"},

		Conversion: []string{"affiliate_conversion"},
	}
}

func (k Keys) withDefaults() Keys {
	defaults := DefaultKeys()
	either := func(have, byDefault []string) []string {
		if len(have) == 0 {
			return byDefault
		}
		return have
	}
	return Keys{
		Click: either(k.Click, defaults.Click), Referral: either(k.Referral, defaults.Referral),
		Customer: either(k.Customer, defaults.Customer), Promo: either(k.Promo, defaults.Promo),
		Conversion: either(k.Conversion, defaults.Conversion),
	}
}

// Limits of metadata at Stripe.
const (
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

// Validate reports every key that Stripe would not take, and keys that stand for
// two things. The error unwraps to affiliate.ErrInvalidInput.
func (k Keys) Validate() error {
	k = k.withDefaults()
	var list problem.List
	seen := map[string]string{}
	for _, of := range []struct {
		field string
		keys  []string
	}{{"click", k.Click}, {"referral", k.Referral}, {"customer", k.Customer}, {"promo", k.Promo}, {"conversion", k.Conversion}} {
		for i, key := range of.keys {
			field := fmt.Sprintf("keys.%s[%d]", of.field, i)
			if !validKey(key) {
				list.Add(field, "must be 1 to %d characters without [ and ]", maxMetadataKey)
			}
			if other, twice := seen[key]; twice {
				list.Add(field, "is also %s", other)
			}
			seen[key] = field
		}
	}
	return list.Err(affiliate.ErrInvalidInput)
}

func validKey(key string) bool {
	n := utf8.RuneCountInString(key)
	return n >= 1 && n <= maxMetadataKey && !strings.ContainsAny(key, "[]")
}

// Reference is who led a customer here, as far as it is known.
type Reference struct {
	Click     string // id of the click, as RecordClick returned it
	Referral  string // key of the link, where no click is known
	Customer  string // the host's key of the customer
	PromoCode string

	// Conversion is the id of the conversion that the host records of this payment
	// itself. On a subscription it means the first invoice, and on a customer nothing.
	Conversion string
}

// Read returns what an object's metadata refers to.
func (k Keys) Read(metadata map[string]string) Reference {
	k = k.withDefaults()
	first := func(keys []string) string {
		for _, key := range keys {
			if value := strings.TrimSpace(metadata[key]); value != "" {
				return value
			}
		}
		return ""
	}
	return Reference{
		Click: first(k.Click), Referral: first(k.Referral), Customer: first(k.Customer), PromoCode: first(k.Promo),
		Conversion: first(k.Conversion),
	}
}

// maxClientReference is how long a client_reference_id may be.
const maxClientReference = 200

// ClientReference returns what stands for the reference in a client_reference_id:
// the referral code, or else the click. It is empty if that has characters other
// than A–Z, a–z, 0–9, - and _, or more than 200: in the address of a payment link
// Stripe drops such a value without a word.
func (r Reference) ClientReference() string {
	value := r.Referral
	if value == "" {
		value = r.Click
	}
	if len(value) > maxClientReference || strings.ContainsFunc(value, func(c rune) bool {
		return !isAlphanumeric(c) && c != '-' && c != '_'
	}) {
		return ""
	}
	return value
}

func isAlphanumeric(c rune) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}
