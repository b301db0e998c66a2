package stripeadapter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

const (
	// maxLost is how often a run reads a code again that another run changed.
	// The other one did the work, so what is left can wait for the next run.
	maxLost = 5
	// maxFaults is after how many codes in a row that Stripe did not answer for
	// a run stops.
	maxFaults = 3
)

// run is one call of Sync.
type run struct {
	*Provisioner
	now    time.Time
	report Report
	done   int             // codes
	worked int             // codes for which Stripe was asked
	faults int             // in a row
	ready  map[string]bool // coupons that are known to be there
}

func (r *run) all(ctx context.Context, wanted []Wanted) error {
	for chunk := range slices.Chunk(wanted, codesPerLoad) {
		codes := make([]string, 0, len(chunk))
		for _, w := range chunk {
			codes = append(codes, w.Code)
		}
		docs, err := r.load(ctx, codes)
		if err != nil {
			return err
		}
		for _, w := range chunk {
			if err := r.one(ctx, w, docs[r.key(w.Code)]); err != nil {
				return err
			}
		}
	}
	return nil
}

// one does what there is to do for a code, and again if another run changed its
// state in between.
func (r *run) one(ctx context.Context, w Wanted, doc []byte) error {
	for range maxLost {
		rec, err := readRecord(r.key(w.Code), doc)
		if err != nil { // a document that is damaged holds up no other code
			r.done++
			r.report.Failed = append(r.report.Failed, Failure{w.Code, err, r.now})
			return nil
		}
		err = r.bring(ctx, w, rec)
		if !errors.Is(err, errLost) {
			return err
		}
		docs, err := r.load(ctx, []string{w.Code})
		if err != nil {
			return err
		}
		doc = docs[rec.key]
	}
	return nil
}

func (r *run) bring(ctx context.Context, w Wanted, rec *record) error {
	do := rec.todo(w)
	switch {
	case do == stay:
		r.count(rec)
		return nil
	case rec.Failures > 0 && r.now.Before(rec.Retry) && !w.Force:
		r.done++
		r.report.Waiting++
		return nil
	case r.worked >= r.cfg.CodesPerRun:
		return nil
	}
	r.worked++
	var err error
	if do == provision {
		err = r.provision(ctx, w, rec)
	} else {
		err = r.deactivate(ctx, w, rec)
	}
	return r.finish(ctx, w, rec, err)
}

// finish writes down what became of a code.
func (r *run) finish(ctx context.Context, w Wanted, rec *record, err error) error {
	if err == nil {
		if err := rec.save(ctx, r.cfg.States); err != nil {
			return err
		}
		r.faults = 0
		r.count(rec)
		return nil
	}
	if ctx.Err() != nil || errors.Is(err, errLost) || errors.Is(err, ErrRateLimited) || errors.Is(err, ErrNotPermitted) {
		return err // about the run, not about the code
	}
	rec.fail(err, r.now)
	if err := rec.save(ctx, r.cfg.States); err != nil {
		return err
	}
	r.done++
	r.report.Failed = append(r.report.Failed, Failure{w.Code, err, rec.Retry})
	if !errors.Is(err, ErrUnavailable) {
		r.faults = 0
		return nil
	}
	if r.faults++; r.faults < maxFaults {
		return nil
	}
	return fmt.Errorf("%d codes in a row: %w", r.faults, err)
}

func (r *run) count(rec *record) {
	r.done++
	switch rec.Status {
	case RewardActive:
		r.report.Active++
	case RewardInactive:
		r.report.Inactive++
	default:
	}
}
