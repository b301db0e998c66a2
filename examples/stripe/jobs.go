package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// schedule runs the jobs every minute until the context ends. All of them may run
// as often as they like, in any number of processes.
func (a *app) schedule(ctx context.Context) {
	ticker := time.NewTicker(time.Minute)
	defer ticker.Stop()
	for {
		if err := a.jobs(ctx); err != nil && ctx.Err() == nil {
			a.log.ErrorContext(ctx, "jobs failed, and will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// jobs settles what is due, issues payouts that are, and brings the rewards of
// codes to Stripe.
func (a *app) jobs(ctx context.Context) error {
	_, settled := a.eng.Settle(ctx, 0)
	_, paid := a.eng.RunPayouts(ctx, affiliate.PayoutRun{})
	return errors.Join(settled, paid, a.syncRewards(ctx))
}

func (a *app) syncRewards(ctx context.Context) error {
	setup, err := a.eng.Configuration(ctx)
	if err != nil {
		return err
	}
	for {
		report, err := a.rewards.Sync(ctx, stripeadapter.WantedCodes(setup, a.eng.Now()))
		for _, f := range report.Failed {
			err = errors.Join(err, fmt.Errorf("reward of %s: %w", f.Code, f.Err))
		}
		if err != nil || report.Left == 0 {
			return err
		}
	}
}
