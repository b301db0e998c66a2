package affiliate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// Identify says that a visitor or a click is a known customer, that two ids are
// one customer, or which e-mail address a customer has, of which only a keyed hash is
// stored. By default its time is now.
type Identify = attribution.Identify

// IdentifyResult tells what became of an identify.
type IdentifyResult struct {
	Duplicate bool `json:"duplicate"` // it was recorded before
}

// Identify stores an identify and decides again what it changes: the
// customer's own conversions at once, those of others by settlement. The click
// may be one that was not recorded yet. Saying again what was said last, without
// a time, is a duplicate. It returns ErrInvalidInput.
func (e *Engine) Identify(ctx context.Context, in Identify) (result IdentifyResult, err error) {
	err = e.doWithSecret(ctx, func(u *unit) error {
		result, err = u.recordIdentify(in)
		return err
	}, customerRefs(in.Customer, in.Alias)...)
	return result, wrap("identify", err)
}

func (u *unit) recordIdentify(in Identify) (IdentifyResult, error) {
	if err := checkIdentify(in, u.latest()); err != nil {
		return IdentifyResult{}, err
	}
	if err := u.load(customerRefs(in.Customer, in.Alias)...); err != nil {
		return IdentifyResult{}, err
	}
	if in.Email != "" && u.setup.Organization.ID == "" {
		return IdentifyResult{}, errNoSecret
	}
	fact := in
	fact.At, fact.Email = at(in.At, u.now), emailKey(u.setup, in.Email)
	who, duplicate, err := u.addIdentify(fact, in.At.IsZero())
	if err != nil || duplicate {
		return IdentifyResult{Duplicate: duplicate}, err
	}
	who.spoken(at(in.At, u.now))
	if err := u.weighClaims(who); err != nil {
		return IdentifyResult{}, err
	}
	if who.doc.State.Last.ID == "" && !who.again {
		if _, err := u.clicksOf(who); err != nil { // for the first conversion
			return IdentifyResult{}, err
		}
		return IdentifyResult{}, u.touch(who)
	}
	return IdentifyResult{}, u.redecide(who)
}

// errNoSecret: the secret that e-mails are hashed with is not made yet.
var errNoSecret = errors.New("the organization has no secret yet")

// doWithSecret is do for operations that may ask for the organization's secret,
// which is made when the first of them does.
func (e *Engine) doWithSecret(ctx context.Context, fn func(u *unit) error, meet ...storage.Ref) error {
	err := e.do(ctx, fn, meet...)
	if !errors.Is(err, errNoSecret) {
		return err
	}
	if err := e.ensureOrganization(ctx); err != nil {
		return err
	}
	return e.do(ctx, fn, meet...)
}

func checkIdentify(in Identify, now time.Time) error {
	c := checks{now: now}
	c.id("customer", in.Customer, true)
	c.id("visitor", in.Visitor, false)
	c.id("click", in.Click, false)
	c.id("alias", in.Alias, false)
	c.text("email", in.Email)
	c.time(in.At)
	return c.err()
}

// addIdentify stores an identify and joins, links and disturbs what it names.
// The customer it returns has to be decided again.
func (u *unit) addIdentify(fact attribution.Identify, anyTime bool) (who *customer, duplicate bool, err error) {
	if err := u.load(identifyRefs(fact)...); err != nil {
		return nil, false, err
	}
	key, duplicate, err := u.identifyKey(fact, anyTime)
	if err != nil || duplicate {
		return nil, duplicate, err
	}
	if who, err = u.customer(fact.Customer); err != nil {
		return nil, false, err
	}
	if fact.Alias != "" {
		alias, err := u.customer(fact.Alias)
		if err != nil {
			return nil, false, err
		}
		if who, err = u.join(who, alias); err != nil {
			return nil, false, err
		}
	}
	if err := u.touch(who); err != nil {
		return nil, false, err
	}
	if fact.Email != "" {
		who.doc.Emails = union(who.doc.Emails, []string{fact.Email})
	}
	u.change.Identifies = append(u.change.Identifies, storage.Identify{Key: key, Identify: fact})
	if err := u.nameVisitor(fact, who); err != nil {
		return nil, false, err
	}
	return who, false, u.nameClick(fact, who)
}

// identifyKey returns the key of an identify and whether it was recorded
// before. With its own time the content is the key. Without one it is the same
// fact as before if nothing else was said of the visitor since; what names no
// visitor means the same at any time.
func (u *unit) identifyKey(fact attribution.Identify, anyTime bool) (key string, duplicate bool, err error) {
	said := fact
	if anyTime {
		said.At = time.Time{}
	}
	if anyTime && fact.Visitor != "" {
		_, identifies, err := u.e.store.Touches(u.ctx, u.e.org, []string{fact.Visitor}, nil)
		if err != nil {
			return "", false, err
		}
		var last attribution.Identify
		for _, in := range slices.Concat(identifies, u.change.Identifies) {
			if in.Visitor == fact.Visitor && !attribution.Before(in.At, in.Customer, last.At, last.Customer) {
				last = in.Identify
			}
		}
		last.At = time.Time{}
		return digest(fact), last == said, nil
	}
	key = digest(said)
	if slices.ContainsFunc(u.change.Identifies, func(in storage.Identify) bool { return in.Key == key }) {
		return key, true, nil
	}
	if fresh, err := u.neverNamed(fact); fresh || err != nil {
		return key, false, err
	}
	duplicate, err = u.e.store.HasIdentify(u.ctx, u.e.org, key)
	return key, duplicate, err
}

// neverNamed reports whether the customer never was identified with the click or
// visitor of an identify, which then is a new one.
func (u *unit) neverNamed(fact attribution.Identify) (bool, error) {
	ref := clickRef(fact.Click)
	switch {
	case fact.Click != "":
	case fact.Visitor != "":
		ref = visitorRef(fact.Visitor)
	default:
		return false, nil
	}
	var doc namesDoc
	err := u.read(ref, &doc)
	return !slices.Contains(doc.Customers, fact.Customer), err
}

// nameVisitor links the visitor to the customer. Other customers of the visitor
// may lose clicks.
func (u *unit) nameVisitor(fact attribution.Identify, who *customer) error {
	if fact.Visitor == "" {
		return nil
	}
	who.doc.Visitors, who.doc.Touches = union(who.doc.Visitors, []string{fact.Visitor}), nil
	others, err := u.addName(visitorRef(fact.Visitor), fact.Customer)
	if err != nil {
		return err
	}
	return u.disturb(others, time.Time{}, who)
}

// nameClick links the click to the customer. It then says nothing about its
// visitor any more, so that visitor's customers may lose it.
func (u *unit) nameClick(fact attribution.Identify, who *customer) error {
	if fact.Click == "" {
		return nil
	}
	touches, known := who.knownTouches()
	who.doc.Clicks, who.doc.Touches = union(who.doc.Clicks, []string{fact.Click}), nil
	if _, err := u.addName(clickRef(fact.Click), fact.Customer); err != nil {
		return err
	}
	stored, err := u.namedClick(fact.Click)
	if err != nil {
		return err
	}
	if known {
		touches = slices.DeleteFunc(touches, func(c attribution.Click) bool { return c.ID == fact.Click })
		touches = append(touches, stored...)
		attribution.SortClicks(touches)
		who.remember(touches)
	}
	for _, click := range stored {
		if click.Visitor == "" {
			continue
		}
		var visitor namesDoc
		if err := u.read(visitorRef(click.Visitor), &visitor); err != nil {
			return err
		}
		if _, err := u.gate(visitorRef(click.Visitor)); err != nil {
			return err
		}
		if err := u.disturb(visitor.Customers, click.At, who); err != nil {
			return err
		}
	}
	return nil
}

// namedClick returns the click with an id, if there is one, stored or about to
// be.
func (u *unit) namedClick(id string) ([]attribution.Click, error) {
	for _, click := range u.change.Clicks {
		if click.ID == id {
			return []attribution.Click{click}, nil
		}
	}
	return u.e.store.Clicks(u.ctx, u.e.org, []string{id})
}

// addName adds a customer to those that name a visitor or click and returns the
// others.
func (u *unit) addName(ref storage.Ref, name string) (others []string, err error) {
	var doc namesDoc
	if err := u.read(ref, &doc); err != nil {
		return nil, err
	}
	others = slices.Clone(doc.Customers)
	doc.Customers = union(doc.Customers, []string{name})
	return others, u.put(ref, doc)
}

func identifyRefs(fact attribution.Identify) []storage.Ref {
	refs := []storage.Ref{customerRef(fact.Customer)}
	if fact.Alias != "" {
		refs = append(refs, customerRef(fact.Alias))
	}
	if fact.Visitor != "" {
		refs = append(refs, visitorRef(fact.Visitor))
	}
	if fact.Click != "" {
		refs = append(refs, clickRef(fact.Click))
	}
	return refs
}

// digest identifies the content of an identify.
func digest(fact attribution.Identify) string {
	data, err := json.Marshal(fact)
	if err != nil { // plain strings and a time always marshal
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// ensureOrganization makes the secret that e-mails are hashed with, once.
func (e *Engine) ensureOrganization(ctx context.Context) error {
	setup, err := e.Configuration(ctx)
	if err != nil || setup.Organization.ID != "" {
		return err
	}
	_, err = e.configure(ctx, "set organization", func(s *program.Configuration, _ time.Time) ([]program.Change, error) {
		if s.Organization.ID != "" {
			return nil, nil
		}
		org := program.Organization{ID: e.org, EmailKey: newSecret()}
		return []program.Change{{At: Always(), Kind: program.SetOrganization, Organization: &org}}, nil
	})
	return err
}
