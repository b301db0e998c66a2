package affiliate

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// setupCache holds the set-up as far as it was read. A Setup is immutable and
// only ever extended, so a reader may keep using an older one.
type setupCache struct {
	mu    sync.Mutex
	setup *program.Setup
}

func newSetupCache() *setupCache { return &setupCache{setup: program.Empty()} }

// setupDoc is the document of the set-up anchor.
type setupDoc struct {
	Seq int64 `json:"seq"` // of the last change
}

// upTo returns a set-up that holds at least the changes that the anchor tells
// of.
func (c *setupCache) upTo(ctx context.Context, e *Engine, anchor storage.Anchor) (*program.Setup, error) {
	var doc setupDoc
	if len(anchor.Data) > 0 {
		if err := json.Unmarshal(anchor.Data, &doc); err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	current := c.setup
	c.mu.Unlock()
	if current.Seq >= doc.Seq {
		return current, nil
	}
	changes, err := e.store.SetupSince(ctx, e.org, current.Seq)
	if err != nil {
		return nil, err
	}
	next, err := current.With(changes...)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if next.Seq > c.setup.Seq {
		c.setup = next
	}
	return next, nil
}

// Setup returns the organization's set-up as it stands: programs, partners,
// partnerships, codes and links, each of which can be asked about any time.
func (e *Engine) Setup(ctx context.Context) (*program.Setup, error) {
	u := newUnit(ctx, e, e.now())
	if err := u.load(); err != nil {
		return nil, wrap("setup", err)
	}
	return u.setup, nil
}

// configure makes set-up changes, all or none, in order. The changes are built
// from the set-up that they will meet. A change that was made before with the
// same content and time is a redelivery and changes nothing.
func (e *Engine) configure(ctx context.Context, operation string, build func(s *program.Setup, now time.Time) ([]program.Change, error)) error {
	return wrap(operation, e.do(ctx, func(u *unit) error {
		if err := u.load(); err != nil {
			return err
		}
		changes, err := build(u.setup, u.now)
		if err != nil {
			return err
		}
		setup := u.setup
		for _, c := range changes {
			c.Seq = setup.Seq + 1
			if setup.Has(c) {
				return nil
			}
			if err := setup.Check(c); err != nil {
				return err
			}
			if setup, err = setup.With(c); err != nil {
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
		return u.put(setupRef(), setupDoc{setup.Seq})
	}))
}

// setupNote asks to decide again the customers with a conversion at or after a
// change.
type setupNote struct {
	At    time.Time `json:"at"`
	After string    `json:"after,omitempty"` // customers up to here are done
}

// announce writes the note and the event of a set-up change.
func (u *unit) announce(c program.Change) error {
	if err := u.note(storage.NoteSetup, "", setupNote{At: c.At}); err != nil {
		return err
	}
	if c.Kind == program.EditPartner && c.Profile.Payout != nil { // tiers may count by cut-offs
		if err := u.note(storage.NoteTiers, c.Partner, nil); err != nil {
			return err
		}
	}
	return u.event("setup."+string(c.Kind), map[string]string{"program": c.Program, "partner": c.Partner, "key": c.Key})
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
func emailKey(s *program.Setup, email string) string {
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
