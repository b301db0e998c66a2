package affiliate

import (
	"context"
	"math"
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

// ErasureResult tells what an erasure found of a customer.
type ErasureResult struct {
	Conversions int `json:"conversions"` // that stay, without the person
	Clicks      int `json:"clicks"`      // that are gone
}

// EraseCustomer forgets a person: e-mail hashes, aliases, visitors, clicks, campaign
// and sub ids and metadata go, and a random pseudonym takes the place of the key.
// What was decided stays to the cent and is closed: refunds, disputes, amendments
// and reviews of the conversions still count, tiers too, nothing else changes them.
// What waited for the customer is settled in the same commit. The same key later is
// a new customer, and so is the same visitor (semantics 8.7).
//
// Ids of conversions and of the clicks that decisions stand on stay, and so do codes
// and reasons that people typed, and documents of adapters. It returns ErrInvalidInput, and ErrNotFound for a
// customer of whom nothing is known, or nothing any more.
func (e *Engine) EraseCustomer(ctx context.Context, customer string) (result ErasureResult, err error) {
	err = e.do(ctx, func(u *unit) error {
		result, err = u.eraseCustomer(customer)
		return err
	}, customerRef(customer))
	return result, wrap("erase customer", err)
}

func (u *unit) eraseCustomer(key string) (ErasureResult, error) {
	c := checks{now: u.now}
	c.id("customer", key, true)
	if err := c.err(); err != nil {
		return ErasureResult{}, err
	}
	if err := u.load(customerRef(key)); err != nil {
		return ErasureResult{}, err
	}
	if !u.exists(customerRef(key)) {
		return ErasureResult{}, notFound("customer", key)
	}
	who, err := u.customer(key)
	if err != nil {
		return ErasureResult{}, err
	}
	if err := u.redecide(who); err != nil { // what waits is decided with all that is known
		return ErasureResult{}, err
	}
	erasure := &erasure{unit: u, who: who, as: attribution.Pseudonym(u.e.cfg.NewID())}
	for _, step := range []func() error{erasure.tracks, erasure.sales, erasure.notes, erasure.identity} {
		if err := step(); err != nil {
			return ErasureResult{}, err
		}
	}
	if len(erasure.rows.Conversions)+len(erasure.rows.Dropped)+len(erasure.rows.Identifies) > 0 {
		u.change.Erasures = append(u.change.Erasures, erasure.rows)
	}
	result := ErasureResult{Conversions: len(erasure.rows.Conversions), Clicks: len(u.change.Purge)}
	return result, u.event(EventCustomerErased, result)
}

func erasureRef() storage.Ref { return storage.Ref{Kind: storage.ErasureAnchor} }

// erasure is one customer while everything about the person is taken away.
type erasure struct {
	*unit
	who  *customer
	as   string // the pseudonym
	ids  []string
	rows storage.Erasure
}

func (x *erasure) isMember(key string) bool { return slices.Contains(x.who.doc.Members, key) }

// tracks deletes the customer's clicks and identifies, and the customer's name from
// visitors and clicks that are others', too.
func (x *erasure) tracks() error {
	clicks, err := x.clicksOf(x.who)
	if err != nil {
		return err
	}
	x.change.Clicks, x.change.Identifies = nil, nil // of late referral codes
	refs := make([]storage.Ref, 0, len(clicks)+len(x.who.doc.Clicks)+len(x.who.doc.Visitors)+len(x.who.doc.Claims))
	for _, visitor := range x.who.doc.Visitors {
		refs = append(refs, visitorRef(visitor))
	}
	named := slices.Clone(x.who.doc.Clicks)
	for _, claim := range x.who.doc.Claims {
		named = union(named, []string{claim.Click})
	}
	for _, click := range clicks {
		named = union(named, []string{click.ID})
		if click.Visitor != "" && !slices.Contains(x.who.doc.Visitors, click.Visitor) {
			refs = append(refs, visitorRef(click.Visitor))
		}
	}
	for _, id := range named {
		refs = append(refs, clickRef(id))
	}
	if err := x.load(refs...); err != nil {
		return err
	}
	shared := map[string]bool{} // clicks
	for _, ref := range refs {
		others, err := x.unname(ref)
		if err != nil {
			return err
		}
		shared[ref.Key] = others && ref.Kind == storage.ClickAnchor
	}
	return x.deleteTracks(named, shared)
}

// deleteTracks deletes the clicks that are stored and nobody else's, and the
// customer's identifies.
func (x *erasure) deleteTracks(named []string, shared map[string]bool) error {
	stored, err := x.e.store.Clicks(x.ctx, x.e.org, named)
	if err != nil {
		return err
	}
	claimed := func(id string) bool { // only by a browser: whose it is is not known
		return !slices.Contains(x.who.doc.Clicks, id) && slices.ContainsFunc(x.who.doc.Claims, func(c claimDoc) bool { return c.Click == id })
	}
	for _, click := range stored {
		if !shared[click.ID] && !claimed(click.ID) {
			x.change.Purge = append(x.change.Purge, click.ID)
		}
	}
	identifies, err := x.e.store.IdentifiesOf(x.ctx, x.e.org, x.who.doc.Members)
	for _, in := range identifies {
		x.rows.Identifies = append(x.rows.Identifies, in.Key)
	}
	return err
}

// unname takes the customer's ids from a visitor or click, and reports whether it
// has others.
func (x *erasure) unname(ref storage.Ref) (others bool, err error) {
	var doc namesDoc
	if err := x.read(ref, &doc); err != nil {
		return false, err
	}
	doc.Customers = slices.DeleteFunc(doc.Customers, x.isMember)
	if x.isMember(doc.Claim) {
		doc.Claim = ""
	}
	if len(doc.Customers) == 0 && doc.Claim == "" {
		return false, x.drop(ref)
	}
	return len(doc.Customers) > 0, x.put(ref, doc)
}

// sales gives the conversions to the pseudonym. A sign-up that earned nothing says
// nothing but the customer's key, and goes.
func (x *erasure) sales() error {
	list, err := x.conversionsOf(x.who)
	if err != nil {
		return err
	}
	for _, conv := range list {
		ref := conversionRef(conv.ID)
		var doc conversionDoc
		if err := x.read(ref, &doc); err != nil {
			return err
		}
		if x.saysOnlyWho(conv.ID, doc) {
			x.rows.Dropped = append(x.rows.Dropped, conv.ID)
			if err := x.drop(ref); err != nil {
				return err
			}
			continue
		}
		doc.Customer = x.as
		if err := x.put(ref, doc); err != nil {
			return err
		}
		x.rows.Conversions = append(x.rows.Conversions, conv.ID)
	}
	x.rows.Customer = x.as
	x.ids = slices.Concat(x.rows.Conversions, x.rows.Dropped)
	return nil
}

func (x *erasure) saysOnlyWho(id string, doc conversionDoc) bool {
	key, isSignup := signedUp(id)
	return isSignup && x.isMember(key) && len(doc.Outcome.Lines) == 0 && len(doc.Posted) == 0
}

// notes writes what waits for the customer under the pseudonym. A customer who is
// closed needs no deciding.
func (x *erasure) notes() error {
	fresh := x.change.Notes
	x.change.Notes = nil
	for _, n := range fresh {
		if err := x.rename(n); err != nil {
			return err
		}
	}
	if _, err := x.gate(erasureRef()); err != nil {
		return err
	}
	lanes, err := x.lanes()
	if err != nil {
		return err
	}
	waiting, err := x.e.store.NotesFor(x.ctx, x.e.org, []storage.NoteKind{storage.NoteCustomer, storage.NotePosted}, lanes, math.MaxInt32)
	if err != nil {
		return err
	}
	for _, n := range waiting {
		mine, err := x.concerns(n)
		if err != nil {
			return err
		}
		if mine {
			x.done(n)
			if err := x.rename(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// lanes are the keys of the lanes in which notes of the customer may wait: the
// customer's own, and those of the partners of each conversion.
func (x *erasure) lanes() ([]string, error) {
	lanes := append(slices.Clone(x.who.doc.Members), "")
	for _, id := range x.ids {
		var doc conversionDoc
		if err := x.read(conversionRef(id), &doc); err != nil {
			return nil, err
		}
		lanes = append(lanes, doc.partners()...)
	}
	return lanes, nil
}

// concerns reports whether a note is of the customer.
func (x *erasure) concerns(n storage.Note) (bool, error) {
	switch n.Kind {
	case storage.NoteCustomer:
		return x.isMember(n.Key), nil
	case storage.NotePosted:
		var doc postedNote
		err := decodeNote(n, &doc)
		return slices.Contains(x.ids, doc.Conversion), err
	default:
		return false, nil
	}
}

// rename leaves a note without the customer's key, if it has to be left at all.
func (x *erasure) rename(n storage.Note) error {
	mine, err := x.concerns(n)
	switch {
	case err != nil:
		return err
	case !mine:
		x.change.Notes = append(x.change.Notes, n)
		return nil
	case n.Kind == storage.NoteCustomer: // who is closed needs no deciding
		return nil
	}
	var doc postedNote
	if err := decodeNote(n, &doc); err != nil {
		return err
	}
	if slices.Contains(x.rows.Dropped, doc.Conversion) {
		return nil
	}
	doc.Customer = x.as
	return x.noteSince(n.At, n.Kind, n.Key, doc)
}

// identity deletes the customer under all ids and puts the pseudonym in the place,
// if anything is left.
func (x *erasure) identity() error {
	for _, member := range x.who.doc.Members {
		if err := x.drop(customerRef(member)); err != nil {
			return err
		}
	}
	delete(x.customers, x.who.root)
	if len(x.rows.Conversions) == 0 {
		return nil
	}
	return x.put(customerRef(x.as), customerDoc{Members: []string{x.as}, Closed: true})
}
