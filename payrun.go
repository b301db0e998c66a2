package affiliate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

const (
	payPage  = 500 // partners that are looked at together
	payBatch = 50  // partners whom one commit pays
)

// runPayouts pays partners in order of their ids, some in each commit.
func (e *Engine) runPayouts(ctx context.Context, in PayoutRun) (issued []Payout, failed error) {
	if !in.DryRun {
		if err := e.settlePast(ctx); err != nil {
			return nil, err
		}
	}
	setup, err := e.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	var partners []string
	for _, p := range setup.Partners() {
		if in.pays(p.ID) {
			partners = append(partners, p.ID)
		}
	}
	slices.Sort(partners)
	for page := range slices.Chunk(partners, payPage) {
		active, err := e.withLedgers(ctx, page)
		if err != nil {
			return issued, errors.Join(failed, err)
		}
		for batch := range slices.Chunk(active, payBatch) {
			paid, err := e.payTogether(ctx, in, batch)
			issued, failed = append(issued, paid...), errors.Join(failed, err)
			if ctx.Err() != nil {
				return issued, failed
			}
		}
	}
	return issued, failed
}

// withLedgers returns those of some partners for whom anything was ever posted, or
// waits to be.
func (e *Engine) withLedgers(ctx context.Context, partners []string) ([]string, error) {
	refs := make([]storage.Ref, len(partners))
	for i, id := range partners {
		refs[i] = partnerRef(id)
	}
	anchors, err := e.store.Load(ctx, e.org, refs)
	if err != nil {
		return nil, err
	}
	waiting, err := e.store.NotesFor(ctx, e.org, []storage.NoteKind{storage.NotePosted}, partners, tailLimit)
	if err != nil {
		return nil, err
	}
	var active []string
	for _, a := range anchors {
		active = append(active, a.Key)
	}
	active = union(active, keysOf(waiting))
	if len(waiting) == tailLimit { // there may be more: look at all behind the last
		last := waiting[tailLimit-1].Key
		behind := slices.DeleteFunc(slices.Clone(partners), func(id string) bool { return id <= last })
		active = union(active, behind)
	}
	return active, nil
}

// payTogether pays partners in one commit, and each in one of its own if that fails.
func (e *Engine) payTogether(ctx context.Context, in PayoutRun, partners []string) ([]Payout, error) {
	issued, err := e.pay(ctx, in, partners)
	if err == nil || len(partners) == 1 || ctx.Err() != nil {
		if err != nil && len(partners) == 1 {
			err = fmt.Errorf("partner %q: %w", partners[0], err)
		}
		return issued, err
	}
	issued, err = nil, nil
	for _, partner := range partners {
		paid, failed := e.payTogether(ctx, in, []string{partner})
		issued, err = append(issued, paid...), errors.Join(err, failed)
	}
	return issued, err
}

// pay settles what waits for some partners and pays them. What cannot be settled in
// one commit, or finds that customers have to be decided again, is settled first.
func (e *Engine) pay(ctx context.Context, in PayoutRun, partners []string) (issued []Payout, err error) {
	refs := make([]storage.Ref, len(partners))
	for i, id := range partners {
		refs[i] = partnerRef(id)
	}
	if in.DryRun {
		err = e.view(ctx, func(u *unit) error {
			b, err := u.ahead(partners, ledgersOnly)
			if err != nil {
				return err
			}
			issued, err = b.pay(partners, in.At, true)
			return err
		}, refs...)
		return issued, err
	}
	for ready := false; err == nil && !ready; {
		var again []string
		err = e.do(ctx, func(u *unit) (err error) {
			b, complete, err := u.settleLanes(partners)
			if err != nil {
				return err
			}
			again, issued, ready = b.again, nil, complete && len(b.again) == 0
			if ready {
				issued, err = b.pay(partners, in.At, false)
			}
			return err
		}, refs...)
		if err == nil && len(again) > 0 {
			err = e.settlePast(ctx)
		}
	}
	return issued, err
}

// settleLanes settles what waits for some partners. It is complete unless that is too
// much for one commit.
func (u *unit) settleLanes(partners []string) (b *books, complete bool, err error) {
	notes, err := u.e.store.NotesFor(u.ctx, u.e.org, []storage.NoteKind{storage.NotePosted, storage.NoteTiers}, partners, tailLimit)
	if err != nil {
		return nil, false, err
	}
	if err := u.load(); err != nil {
		return nil, false, err
	}
	b = newBooks(u)
	u.done(notes...)
	if err := b.takeAll(notes); err != nil {
		return nil, false, err
	}
	return b, len(notes) < tailLimit, b.settle()
}

// pay issues what is due to partners whose lanes are settled.
func (b *books) pay(partners []string, runAt time.Time, dryRun bool) (issued []Payout, err error) {
	for _, partner := range partners {
		mine, err := b.payPartner(partner, runAt, dryRun)
		if err != nil {
			return nil, err
		}
		issued = append(issued, mine...)
	}
	return issued, nil
}
