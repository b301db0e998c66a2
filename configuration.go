package affiliate

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// setupCache holds the configuration as it was read lately, latest first. A Configuration is
// immutable and only ever extended, so a reader may keep using an older one. It is
// shared with Engines inside transactions of the host, where a configuration may be read
// that is rolled back later: the stamp of its last change tells it apart from what
// takes its place.
type setupCache struct {
	mu    sync.Mutex
	known []stampedSetup
	turn  chan struct{} // to read what is missing; the others wait for what comes of it
}

// stampedSetup is a configuration with the stamp of its last change.
type stampedSetup struct {
	*program.Configuration
	stamp string
}

// maxSetups is how many configurations are kept: the latest, and some for transactions
// that do not see it yet.
const maxSetups = 4

func newSetupCache() *setupCache { return &setupCache{turn: make(chan struct{}, 1)} }

// setupDoc is the document of the configuration anchor.
type setupDoc struct {
	Seq   int64  `json:"seq"`   // of the last change
	Stamp string `json:"stamp"` // of the last change
}

// upTo returns a configuration that holds at least the changes that the anchor tells
// of.
func (c *setupCache) upTo(ctx context.Context, e *Engine, anchor storage.Anchor) (*program.Configuration, error) {
	var doc setupDoc
	if len(anchor.Data) > 0 {
		if err := json.Unmarshal(anchor.Data, &doc); err != nil {
			return nil, err
		}
	}
	if doc.Seq == 0 {
		return program.Empty(), nil
	}
	if setup := c.at(doc); setup != nil {
		return setup, nil
	}
	if e.queue != nil { // in a transaction of the host nobody waits for others
		select {
		case c.turn <- struct{}{}:
			defer func() { <-c.turn }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if setup := c.at(doc); setup != nil {
			return setup, nil
		}
	}
	return c.read(ctx, e, doc)
}

// at returns the configuration at a change if it is kept.
func (c *setupCache) at(doc setupDoc) *program.Configuration {
	for _, s := range c.before(doc.Seq) {
		if s.Seq == doc.Seq && s.stamp == doc.Stamp {
			return s.Configuration
		}
	}
	return nil
}

// read extends the latest configuration that is kept and was not rolled back, or
// reads it from the start.
func (c *setupCache) read(ctx context.Context, e *Engine, doc setupDoc) (*program.Configuration, error) {
	for _, s := range c.before(doc.Seq) {
		if s.Seq == doc.Seq {
			continue // of a transaction that was rolled back
		}
		changes, err := e.store.SetupSince(ctx, e.org, s.Seq-1)
		if err != nil {
			return nil, err
		}
		if len(changes) > 0 && changes[0].Seq == s.Seq && changes[0].Stamp == s.stamp {
			return c.add(s.Configuration, changes[1:])
		}
	}
	changes, err := e.store.SetupSince(ctx, e.org, 0)
	if err != nil {
		return nil, err
	}
	return c.add(program.Empty(), changes)
}

// before returns the configurations up to a change.
func (c *setupCache) before(seq int64) []stampedSetup {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(c.known), func(s stampedSetup) bool { return s.Seq > seq })
}

// add extends a configuration by changes, and keeps what comes of it.
func (c *setupCache) add(setup *program.Configuration, changes []program.Change) (*program.Configuration, error) {
	if len(changes) == 0 {
		return setup, nil
	}
	setup, err := setup.With(changes...)
	if err != nil {
		return nil, err
	}
	next := stampedSetup{setup, changes[len(changes)-1].Stamp}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.known {
		if s.Seq == next.Seq && s.stamp == next.stamp {
			return s.Configuration, nil
		}
	}
	c.known = append([]stampedSetup{next}, c.known...)
	c.known = c.known[:min(len(c.known), maxSetups)]
	return setup, nil
}

// Configuration returns the organization's configuration as it stands: programs, partners,
// partnerships, codes and links, each of which can be asked about any time.
func (e *Engine) Configuration(ctx context.Context) (*program.Configuration, error) {
	u := newUnit(ctx, e, e.now())
	if err := u.load(); err != nil {
		return nil, wrap("setup", err)
	}
	return u.setup, nil
}

// configure makes configuration changes, all or none, in order. The changes are built
// from the configuration that they will meet. A change that was made before with the
// same content and time is a redelivery and changes nothing. It reports whether
// anything changed.
func (e *Engine) configure(ctx context.Context, operation string, build func(s *program.Configuration, now time.Time) ([]program.Change, error)) (changed bool, err error) {
	err = e.do(ctx, func(u *unit) error {
		changed = false
		if err := u.load(); err != nil {
			return err
		}
		changes, err := build(u.setup, u.now)
		if err != nil {
			return err
		}
		setup, stamp := u.setup, u.e.cfg.NewID()
		for _, c := range changes {
			c.Seq, c.Stamp = setup.Seq+1, stamp
			next, err := setup.Apply(c)
			if err != nil {
				return err
			}
			if next == setup {
				continue // it was made before
			}
			setup = next
			if err := e.checkReward(setup, c); err != nil {
				return err
			}
			u.change.Setup = append(u.change.Setup, c)
			if err := u.announce(c); err != nil {
				return err
			}
		}
		if len(u.change.Setup) == 0 {
			return nil
		}
		if err := u.reconsider(u.change.Setup); err != nil {
			return err
		}
		changed = true
		return u.put(setupRef(), setupDoc{setup.Seq, stamp})
	}, setupRef())
	return changed && err == nil, wrap(operation, err)
}

// reconsider leaves one note for all changes of a commit that may alter what was
// decided: that of the earliest. Who and what is new has no past.
func (u *unit) reconsider(changes []program.Change) error {
	var first *time.Time
	for i := range changes {
		c := &changes[i]
		if altersThePast(c) && (first == nil || c.At.Before(*first)) {
			first = &c.At
		}
	}
	if first == nil {
		return nil
	}
	return u.note(storage.NoteSetup, "", setupNote{At: *first})
}

func altersThePast(c *program.Change) bool {
	switch c.Kind {
	case program.CreatePartner, program.CreateProgram:
		return false
	case program.SetOrganization:
		return c.Organization.DefaultProgram != "" // else it is the secret, which nothing was decided by
	default:
		return true
	}
}

// announce writes the event of a configuration change, and has tiers rated again
// that may count by its cut-offs.
func (u *unit) announce(c program.Change) error {
	if c.Kind == program.EditPartner && c.Profile.Payout != nil { // tiers may count by cut-offs
		if err := u.note(storage.NoteTiers, c.Partner, nil); err != nil {
			return err
		}
	}
	return u.event(EventSetup+EventType(c.Kind), ConfigurationChanged{c.Program, c.Partner, c.Key})
}

// at returns the time that a caller gave, or now.
func at(given, now time.Time) time.Time {
	if given.IsZero() {
		return now
	}
	return normal(given)
}

// emailKey returns what e-mails are compared by: a keyed hash of the normalized
// address, so that facts hold no address in clear.
func emailKey(s *program.Configuration, email string) string {
	email = attribution.NormalizeEmail(email)
	if email == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(s.Organization.EmailKey))
	mac.Write([]byte(email))
	return hex.EncodeToString(mac.Sum(nil))[:32]
}

func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, see crypto/rand
	return hex.EncodeToString(b)
}
