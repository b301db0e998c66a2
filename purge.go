package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

// Purge asks to forget old clicks.
type Purge struct {
	Before time.Time    // default and latest: now less the longest window that any program ever had
	From   storage.Mark // where an earlier call stopped
	Limit  int          // clicks to look at; default: 10,000
}

// PurgeResult tells how far a purge got.
type PurgeResult struct {
	Purged int          `json:"purged"`
	Kept   int          `json:"kept"` // they belong to a customer
	Next   storage.Mark `json:"next"` // where to go on; zero: nothing is left
}

const (
	purgeBatch = 200 // clicks that one commit deletes
	purgeLimit = 10_000
)

// PurgeClicks deletes old clicks of visitors that nobody was ever identified as.
// Clicks that belong to a customer stay, as any decision may stand on them
// (semantics 8.5), and so do the counts of clicks; no amount changes, nor does any
// explanation. An identify that arrives later, dated back, does not find what was
// purged: for those visitors history is closed. It is bounded; call it on a
// schedule with From set to Next, until that is zero. It returns ErrInvalidInput
// for a Before that is later than it may be.
func (e *Engine) PurgeClicks(ctx context.Context, in Purge) (PurgeResult, error) {
	result, err := e.purge(ctx, in)
	return result, wrap("purge clicks", err)
}

func (e *Engine) purge(ctx context.Context, in Purge) (result PurgeResult, err error) {
	if in.Before, err = e.purgeable(ctx, in.Before); err != nil {
		return result, err
	}
	if in.Limit <= 0 {
		in.Limit = purgeLimit
	}
	for left := in.Limit; left > 0; left -= purgeBatch {
		page, err := e.store.ClicksBefore(ctx, e.org, in.Before, in.From, min(left, purgeBatch))
		if err != nil || len(page) == 0 {
			return result, err
		}
		purged := 0
		err = e.do(ctx, func(u *unit) (err error) {
			purged, err = u.purge(page)
			return err
		})
		if err != nil {
			return result, err
		}
		result.Purged, result.Kept = result.Purged+purged, result.Kept+len(page)-purged
		last := page[len(page)-1]
		in.From = storage.Mark{At: last.At, ID: last.ID}
		result.Next = in.From
		if len(page) < min(left, purgeBatch) {
			result.Next = storage.Mark{}
			break
		}
	}
	return result, nil
}

// purgeable returns the time before which clicks are out of every window.
func (e *Engine) purgeable(ctx context.Context, before time.Time) (time.Time, error) {
	setup, err := e.Configuration(ctx)
	if err != nil {
		return before, err
	}
	days := 0
	for _, p := range setup.Programs() {
		days = max(days, p.LongestWindow())
	}
	latest := e.now().AddDate(0, 0, -days)
	if before.IsZero() {
		return latest, nil
	}
	c := checks{now: e.now()}
	if before.After(latest) {
		c.Add("before", "must not be later than %s: clicks since then may still earn", latest.Format(time.RFC3339))
	}
	return normal(before), c.err()
}

// purge deletes the clicks of a page that belong to nobody, on the condition that
// nobody is identified meanwhile, and returns how many they are.
func (u *unit) purge(page []attribution.Click) (purged int, err error) {
	refs := make([]storage.Ref, 0, 2*len(page))
	ids := make([]string, len(page))
	for i, click := range page {
		ids[i] = click.ID
		refs = append(refs, clickRef(click.ID))
		if click.Visitor != "" {
			refs = append(refs, visitorRef(click.Visitor))
		}
	}
	if err := u.load(refs...); err != nil {
		return 0, err
	}
	page, err = u.e.store.Clicks(u.ctx, u.e.org, ids) // somebody else may purge, too
	if err != nil {
		return 0, err
	}
	for _, click := range page {
		named, err := u.isNamed(click)
		if err != nil {
			return 0, err
		}
		if named {
			continue
		}
		ref := visitorRef(click.Visitor) // an identify of the click bumps its visitor, too
		if click.Visitor == "" {
			ref = clickRef(click.ID)
		}
		if _, err := u.gate(ref); err != nil {
			return 0, err
		}
		u.change.Purge = append(u.change.Purge, click.ID)
	}
	return len(u.change.Purge), nil
}

// isNamed reports whether an identify names the click or its visitor.
func (u *unit) isNamed(click attribution.Click) (bool, error) {
	var byID, byVisitor namesDoc
	if err := u.read(clickRef(click.ID), &byID); err != nil {
		return false, err
	}
	if click.Visitor != "" {
		if err := u.read(visitorRef(click.Visitor), &byVisitor); err != nil {
			return false, err
		}
	}
	return len(byID.Customers)+len(byVisitor.Customers) > 0, nil
}
