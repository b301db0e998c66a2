package affiliate

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
)

// Claim is a sign-up that a browser told of. Anybody can send one for any customer
// key, so it proves nothing: it is kept apart, identifies nobody and earns nothing
// until what the host's server says of the customer confirms it.
type Claim struct {
	Customer string    // the customer key that the browser gave; required
	Click    string    // the browser's own click, proven by its cookie or token; required
	Visitor  string    // of the same proof
	Referral string    // link key of the click, for one that is not recorded
	ClickAt  time.Time // when the click was made, for one that is not recorded; default: At
	Email    string    // as the browser gave it; only a keyed hash of it is stored
	At       time.Time // default: now

	// Signed says that the host's server vouched for the claim, by a token that
	// names the customer. Such a claim is confirmed at once.
	Signed bool
	// Unguessable says that nobody can guess customer keys. Such a claim is confirmed
	// as soon as the server speaks of the customer at all.
	Unguessable bool
}

// ClaimStatus is what became of a claim.
type ClaimStatus string

// The states of a claim. A refused one leaves nothing behind.
const (
	ClaimPending   ClaimStatus = "pending"   // waits for the server to speak of the customer
	ClaimConfirmed ClaimStatus = "confirmed" // the customer is identified with the click, the signup recorded
	ClaimRefused   ClaimStatus = "refused"   // the click is another customer's, or the customer is not new
)

// maxClaims is how many claims may wait for one customer. Beyond that the oldest
// goes: an honest one is confirmed within moments, so that neither waiting claims
// nor a flood of them keep it out.
const maxClaims = 16

// claimDoc is a claim that waits, in its customer's document.
type claimDoc struct {
	Customer    string    `json:"customer"` // the key it gave
	At          time.Time `json:"at"`
	Click       string    `json:"click"`
	ClickAt     time.Time `json:"clickAt"`
	Partner     string    `json:"partner,omitempty"` // of the click
	Program     string    `json:"program,omitempty"`
	Visitor     string    `json:"visitor,omitempty"`
	Referral    string    `json:"referral,omitempty"`
	Email       string    `json:"email,omitempty"` // key
	Signed      bool      `json:"signed,omitempty"`
	Unguessable bool      `json:"unguessable,omitempty"`
}

// RecordClaim keeps a sign-up that a browser told of. A claim is confirmed when the
// server has named the same click, visitor or e-mail address for the customer,
// whichever of the two came first; see also Claim.Signed and Claim.Unguessable. It
// then counts as an identify and as a conversion of type signup with the id
// "signup:<customer>", both dated by the claim, in the commit that confirms it.
// A claim is refused or dropped where its click is another customer's, where the
// server named another click, and where it knew the customer before the click.
// A click is good for one customer. It returns ErrInvalidInput.
func (e *Engine) RecordClaim(ctx context.Context, in Claim) (status ClaimStatus, err error) {
	err = e.doWithSecret(ctx, func(u *unit) error {
		status, err = u.recordClaim(in)
		return err
	}, customerRefs(in.Customer)...)
	return status, wrap("record claim", err)
}

func (in Claim) check(now time.Time) error {
	c := checks{now: now}
	c.id("customer", in.Customer, true)
	c.id("click", in.Click, true)
	c.id("visitor", in.Visitor, false)
	c.id("referral", in.Referral, false)
	c.text("email", in.Email)
	c.time(in.At)
	c.timeOf("clickAt", in.ClickAt)
	return c.err()
}

func (u *unit) recordClaim(in Claim) (ClaimStatus, error) {
	if err := in.check(u.now); err != nil {
		return "", err
	}
	if err := u.load(customerRef(in.Customer), clickRef(in.Click)); err != nil {
		return "", err
	}
	if in.Email != "" && u.setup.Organization.ID == "" {
		return "", errNoSecret
	}
	who, err := u.customer(in.Customer)
	if err != nil {
		return "", err
	}
	var names namesDoc
	if err := u.read(clickRef(in.Click), &names); err != nil {
		return "", err
	}
	taken := slices.Clone(names.Customers)
	if names.Claim != "" {
		taken = append(taken, names.Claim)
	}
	isMember := func(key string) bool { return slices.Contains(who.doc.Members, key) }
	if len(taken) > 0 && !slices.ContainsFunc(taken, isMember) {
		return ClaimRefused, nil
	}
	claim, err := u.newClaim(in)
	if err != nil {
		return "", err
	}
	return u.addClaim(who, claim, names)
}

// newClaim makes the document of a claim, with what is known of its click.
func (u *unit) newClaim(in Claim) (claimDoc, error) {
	c := claimDoc{
		Customer: in.Customer, At: at(in.At, u.now), Click: in.Click, Visitor: in.Visitor, Referral: in.Referral,
		Email: emailKey(u.setup, in.Email), Signed: in.Signed, Unguessable: in.Unguessable,
	}
	c.ClickAt = at(in.ClickAt, c.At)
	if link, ok := u.setup.Link(in.Referral); ok {
		c.Partner, c.Program = link.Partner, link.Program
	}
	clicks, err := u.namedClick(in.Click)
	for _, click := range clicks {
		c.ClickAt, c.Partner, c.Program = click.At, click.Partner, click.Program
		c.Referral = "" // the click says it
	}
	return c, err
}

// addClaim adds a claim to its customer and weighs it at once, in case that the
// server has spoken before. A claim that comes again keeps its time.
func (u *unit) addClaim(who *customer, claim claimDoc, names namesDoc) (ClaimStatus, error) {
	claims := slices.Clone(who.doc.Claims)
	i := slices.IndexFunc(claims, func(c claimDoc) bool { return c.Click == claim.Click })
	if i >= 0 {
		claim.At = claims[i].At
		claim.Email = cmp.Or(claim.Email, claims[i].Email)
		claims[i] = claim
	} else {
		claims = append(claims, claim)
	}
	if i >= 0 && slices.Equal(claims, who.doc.Claims) {
		return ClaimPending, nil
	}
	verdict, err := u.weigh(who, claim)
	switch {
	case err != nil:
		return "", err
	case verdict == ClaimRefused:
		return ClaimRefused, nil
	case verdict == ClaimConfirmed && who.signedUpBy(claim):
		return ClaimConfirmed, nil
	}
	who.doc.Claims = claims[max(0, len(claims)-maxClaims):]
	names.Claim = claim.Customer
	if err := u.put(clickRef(claim.Click), names); err != nil {
		return "", err
	}
	if err := u.touch(who); err != nil {
		return "", err
	}
	if err := u.weighClaims(who); err != nil {
		return "", err
	}
	if who.doc.State.Last.ID == "" && !who.again {
		return verdict, nil
	}
	return verdict, u.redecide(who) // a sale that nobody is credited for says why
}

// signedUpBy reports whether a claim says nothing new: it was confirmed before.
func (c *customer) signedUpBy(claim claimDoc) bool {
	return c.doc.SignedUp && slices.Contains(c.doc.Clicks, claim.Click)
}

// spoken notes that the host's server told of a customer.
func (c *customer) spoken(at time.Time) {
	if !attribution.IsGuest(c.root) && (c.doc.Known.IsZero() || at.Before(c.doc.Known)) {
		c.doc.Known = at
	}
}

// claimed returns the clicks of the claims that wait.
func (c *customer) claimed() []attribution.Click {
	var clicks []attribution.Click
	for _, claim := range c.doc.Claims {
		if claim.Partner != "" {
			clicks = append(clicks, attribution.Click{ID: claim.Click, At: claim.ClickAt, Partner: claim.Partner, Program: claim.Program})
		}
	}
	attribution.SortClicks(clicks)
	return clicks
}

// joinClaims adds what is known of claims of another id of the same customer.
func (d *customerDoc) joinClaims(other customerDoc) {
	d.Claims = slices.Concat(d.Claims, other.Claims)
	slices.SortStableFunc(d.Claims, compareClaims)
	d.Claims = d.Claims[max(0, len(d.Claims)-maxClaims):]
	d.SignedUp = d.SignedUp || other.SignedUp
	if d.Known.IsZero() || !other.Known.IsZero() && other.Known.Before(d.Known) {
		d.Known = other.Known
	}
}

func compareClaims(a, b claimDoc) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Click, b.Click))
}

// joinClaim makes facts of a claim: the customer is identified with its click, and
// signed up, as of then. A signup that was recorded stays as it is.
func (u *unit) joinClaim(who *customer, claim claimDoc) error {
	who.doc.Claims, who.doc.SignedUp, who.again = nil, true, true
	if err := u.touch(who); err != nil {
		return err
	}
	fact := attribution.Identify{At: claim.At, Customer: claim.Customer, Click: claim.Click, Email: claim.Email}
	if _, _, err := u.addIdentify(fact, false); err != nil {
		return err
	}
	return u.addSignup(claim)
}

// signupID is the external id of a customer's signup conversion.
func signupID(customer string) string { return signup + customer }

const signup = "signup:"

// signedUp returns the customer of a sign-up by its id.
func signedUp(id string) (customer string, ok bool) { return strings.CutPrefix(id, signup) }

// addSignup adds the signup of a claim to the facts that the caller will decide,
// unless the customer has one.
func (u *unit) addSignup(claim claimDoc) error {
	id := signupID(claim.Customer)
	var doc conversionDoc
	if err := u.read(conversionRef(id), &doc); err != nil || doc.Customer != "" {
		return err
	}
	isThat := func(c attribution.Conversion) bool { return c.ID == id }
	if slices.ContainsFunc(u.change.Conversions, isThat) {
		return nil
	}
	signup := attribution.Conversion{ID: id, Type: attribution.Signup, Customer: claim.Customer, At: claim.At, Referral: claim.Referral}
	if err := u.completeConversion(&signup); err != nil {
		return err
	}
	u.change.Conversions = append(u.change.Conversions, signup)
	return nil
}

// AcceptClaim is the owner's word that a claim is true: it credits a sale whose
// reason is claim_unconfirmed. The claim is the one with the click, or, for an
// empty click, the latest before the sale. The customer is signed up as of the
// claim, and the sale decided again. It returns ErrNotFound for an unknown
// conversion and where no such claim waits.
func (e *Engine) AcceptClaim(ctx context.Context, conversion, click string) (result ConversionResult, err error) {
	err = e.do(ctx, func(u *unit) error {
		result, err = u.acceptClaim(conversion, click)
		return err
	})
	return result, wrap("accept claim", err)
}

func (u *unit) acceptClaim(id, click string) (ConversionResult, error) {
	doc, sale, err := u.recorded(id)
	if err != nil {
		return ConversionResult{}, err
	}
	who, err := u.customer(doc.Customer)
	if err != nil {
		return ConversionResult{}, err
	}
	var claim *claimDoc
	for _, c := range slices.SortedStableFunc(slices.Values(who.doc.Claims), compareClaims) {
		if !c.ClickAt.After(sale.At) && (click == "" || c.Click == click) {
			claim = &c
		}
	}
	if claim == nil {
		return ConversionResult{}, notFound("claim", cmp.Or(click, id))
	}
	if err := u.joinClaim(who, *claim); err != nil {
		return ConversionResult{}, err
	}
	if err := u.redecide(who); err != nil {
		return ConversionResult{}, err
	}
	return u.result(id, u.decided[id]), nil
}

// recorded returns a conversion with its document. It returns ErrNotFound.
func (u *unit) recorded(id string) (doc conversionDoc, sale attribution.Conversion, err error) {
	if err := u.read(conversionRef(id), &doc); err != nil {
		return doc, sale, err
	}
	stored, err := u.conversions(id)
	if err == nil && (doc.Customer == "" || len(stored) == 0) {
		err = notFound("conversion", id)
	}
	if err != nil {
		return doc, sale, err
	}
	return doc, stored[0], nil
}
