package affiliate

import (
	"context"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// Adjustment is an amount that the owner posted to a partner by hand.
type Adjustment = payout.Adjustment

// NewAdjustment is an amount to post to a partner: a bonus, a correction, a balance
// taken over from another system (semantics 7.8).
type NewAdjustment struct {
	ID       string         // the owner's, unique in the organization; required
	Partner  string         // id; required
	Currency money.Currency // required
	Amount   int64          // signed minor units, not 0, at most MaxAdjustment either way
	Reason   string         // shown to the partner; required
	At       time.Time      // when it matures; default: first receipt
}

// MaxAdjustment is the largest amount of an adjustment, in minor units: as far as
// whole numbers of JSON are exact everywhere.
const MaxAdjustment = 1<<53 - 1

// AdjustmentResult tells what became of an adjustment.
type AdjustmentResult struct {
	Adjustment Adjustment `json:"adjustment"`
	Duplicate  bool       `json:"duplicate"` // it was posted before
}

// PostAdjustment posts an amount to a partner's balance. It is final: it is undone
// by posting the opposite. It is recorded as that of the actor of the context. It
// returns ErrInvalidInput, ErrNotFound for an unknown partner, and ErrConflict for
// an id that was used with other content.
func (e *Engine) PostAdjustment(ctx context.Context, in NewAdjustment) (result AdjustmentResult, err error) {
	err = e.do(ctx, func(u *unit) error {
		result, err = u.postAdjustment(in, actor(ctx))
		return err
	}, partnerRef(in.Partner))
	return result, wrap("post adjustment", err)
}

func (u *unit) postAdjustment(in NewAdjustment, by string) (result AdjustmentResult, err error) {
	if err := u.load(partnerRef(in.Partner)); err != nil {
		return result, err
	}
	if err := in.check(u.now); err != nil {
		return result, err
	}
	if _, known := u.setup.Partner(in.Partner); !known {
		return result, notFound("partner", in.Partner)
	}
	posting := Adjustment{
		ID: in.ID, Partner: in.Partner, Currency: in.Currency, Amount: in.Amount, Reason: in.Reason, By: by, At: at(in.At, u.now),
	}
	stored, err := u.e.store.Adjustments(u.ctx, u.e.org, []string{in.ID})
	if err != nil {
		return result, err
	}
	if len(stored) > 0 {
		posting.By = stored[0].By // the same, whoever repeats it
		if in.At.IsZero() {
			posting.At = stored[0].At
		}
		if posting != stored[0] {
			return result, ErrConflict
		}
		return AdjustmentResult{Adjustment: posting, Duplicate: true}, nil
	}
	return AdjustmentResult{Adjustment: posting}, u.adjust(posting)
}

// adjust writes an adjustment and its line of the ledger. The gate on the partner's
// anchor keeps everybody else from writing the ledger meanwhile.
func (u *unit) adjust(a Adjustment) error {
	entry := commission.Entry{
		ID: u.e.cfg.NewID(), Partner: a.Partner, Component: payout.KindAdjustment, Cause: payout.KindAdjustment + ":" + a.ID,
		Amount: a.Amount, Currency: a.Currency, At: a.At, MaturesAt: a.At, PostedAt: u.now,
	}
	line := a.Line()
	line.EntryID = entry.ID
	b := newBooks(u)
	if _, err := b.add(a.Ledger(), line); err != nil {
		return err
	}
	u.change.Adjustments = append(u.change.Adjustments, a)
	u.change.Entries = append(u.change.Entries, entry)
	if err := u.put(partnerRef(a.Partner), b.ledgers[a.Partner]); err != nil {
		return err
	}
	return u.event(EventAdjustmentPosted, a)
}

func (in NewAdjustment) check(now time.Time) error {
	c := checks{now: now}
	c.id("id", in.ID, true)
	c.id("partner", in.Partner, true)
	if in.Currency == "" {
		c.Add("currency", "is required")
	}
	c.currency("currency", in.Currency)
	switch {
	case in.Amount == 0:
		c.Add("amount", "must not be 0")
	case in.Amount > MaxAdjustment || in.Amount < -MaxAdjustment:
		c.Add("amount", "must be at most %d either way", int64(MaxAdjustment))
	}
	if in.Reason == "" {
		c.Add("reason", "is required")
	}
	c.text("reason", in.Reason)
	c.time(in.At)
	return c.err()
}

// AdjustmentPage says which adjustments to list.
type AdjustmentPage struct {
	Partner string       // id; empty: all partners
	After   storage.Mark // the Next of the page before
	Limit   int          // default and at most 500
}

// Adjustments lists adjustments, latest first. Next is where the next page begins;
// zero: there is none.
func (e *Engine) Adjustments(ctx context.Context, page AdjustmentPage) (list []Adjustment, next storage.Mark, err error) {
	limit := page.Limit
	if limit <= 0 || limit > pageSize {
		limit = pageSize
	}
	list, err = e.store.AdjustmentPage(ctx, e.org, page.Partner, page.After, limit+1)
	if err != nil {
		return nil, next, wrap("adjustments", err)
	}
	if len(list) > limit {
		list = slices.Clip(list[:limit])
		next = storage.Mark{At: list[limit-1].At, ID: list[limit-1].ID}
	}
	return list, next, nil
}
