package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
)

// Lead is a sign-up as the host's server tells of it.
type Lead struct {
	Customer string    // the host's key of the customer; required
	Click    string    //
	Visitor  string    //
	Email    string    // only a keyed hash of it is stored
	At       time.Time // default: first receipt
}

// RecordLead identifies a customer and records the signup, once per customer: a
// conversion of type signup with the id "signup:<customer>". A claim of a browser
// that this confirms is joined to it, and then dates the signup. The result is that
// of the commit, marked as a duplicate if the customer had signed up before. It
// returns ErrInvalidInput.
func (e *Engine) RecordLead(ctx context.Context, in Lead) (result ConversionResult, err error) {
	err = e.doWithSecret(ctx, func(u *unit) error {
		result, err = u.recordLead(in)
		return err
	}, customerRefs(in.Customer)...)
	return result, wrap("record lead", err)
}

func (u *unit) recordLead(in Lead) (ConversionResult, error) {
	id := signupID(in.Customer)
	who := Identify{Customer: in.Customer, Click: in.Click, Visitor: in.Visitor, Email: in.Email, At: in.At}
	if err := checkIdentify(who, u.now); err != nil {
		return ConversionResult{}, err
	}
	refs := append(identifyRefs(attribution.Identify{Customer: in.Customer, Click: in.Click, Visitor: in.Visitor}), conversionRef(id))
	if err := u.load(refs...); err != nil {
		return ConversionResult{}, err
	}
	var before conversionDoc
	if err := u.read(conversionRef(id), &before); err != nil {
		return ConversionResult{}, err
	}
	if _, err := u.recordIdentify(who); err != nil {
		return ConversionResult{}, err
	}
	if before.Customer == "" {
		if doc, made := u.decided[id]; made { // by a claim
			return u.result(id, doc), nil
		}
		return u.recordConversion(Conversion{ID: id, Type: attribution.Signup, Customer: in.Customer, At: in.At})
	}
	doc := before
	if now, again := u.decided[id]; again {
		doc = now
	}
	result, err := u.standingResult(id, doc, newBooks(u))
	result.Duplicate = true
	return result, err
}
