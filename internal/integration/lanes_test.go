package integration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// slowest is far more than an answer takes, and far less than it took when it settled
// for everybody.
const slowest = time.Second

// loaded is an Engine with partners, whom sales are recorded for.
type loaded struct {
	*affiliate.Engine
	sold atomic.Int64
}

func newLoaded(t *testing.T, store storage.Store, rule commission.Rule) *loaded {
	t.Helper()
	ctx := t.Context()
	eng, err := affiliate.New(store, affiliate.Config{})
	require.NoError(t, err)
	require.NoError(t, errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: new("https://acme.example/"), Rules: []commission.Rule{rule}}, affiliate.Always())))
	for i := range 50 {
		id := fmt.Sprint("partner-", i)
		require.NoError(t, errOf(eng.CreatePartner(ctx, id, program.Profile{}, affiliate.Always())))
		require.NoError(t, errOf(eng.ApprovePartnership(ctx, id, "main", affiliate.Always())))
	}
	return &loaded{Engine: eng}
}

func (l *loaded) sell(ctx context.Context, customer, partner string, at time.Time) error {
	n := l.sold.Add(1)
	return errOf(l.RecordConversion(ctx, affiliate.Conversion{
		ID: fmt.Sprintf("in_%09d", n), Customer: customer, Partner: partner, Amount: 4900, Currency: "usd", At: at,
	}))
}

// repeated returns how long each call took, in order.
func repeated(ctx context.Context, call func() error, during time.Duration) (took []time.Duration, err error) {
	for end := time.Now().Add(during); time.Now().Before(end) && ctx.Err() == nil; {
		start := time.Now()
		if err := call(); err != nil {
			return took, err
		}
		took = append(took, time.Since(start))
		time.Sleep(5 * time.Millisecond)
	}
	slices.Sort(took)
	return took, nil
}

func quantiles(took []time.Duration) string {
	at := func(q float64) time.Duration { return took[int(q*float64(len(took)-1))].Round(100 * time.Microsecond) }
	return fmt.Sprintf("%d answers, median %v, p99 %v, longest %v", len(took), at(0.5), at(0.99), at(1))
}

func answersBesideWriters(t *testing.T, store storage.Store, rule commission.Rule) {
	t.Helper()
	l := newLoaded(t, store, rule)
	ctx, stop := context.WithCancel(t.Context())
	var writers, settler sync.WaitGroup
	for w := range 8 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				_ = l.sell(ctx, fmt.Sprint("cus-", w, "-", i%500), fmt.Sprint("partner-", (w+i)%50), time.Time{})
			}
		})
	}
	over, end := context.WithCancel(t.Context())
	defer end()
	settler.Go(func() {
		for over.Err() == nil {
			if res, err := l.Settle(over, 0); err == nil && res.Commits == 0 {
				time.Sleep(20 * time.Millisecond)
			}
		}
	})
	took, err := repeated(ctx, func() error { return errOf(l.Balances(ctx, "partner-7", time.Time{})) }, 5*time.Second)
	require.NoError(t, err)
	stop()
	writers.Wait()
	waiting, err := l.Backlog(t.Context())
	require.NoError(t, err)
	start := time.Now()
	for left := int64(1); left > 0; time.Sleep(10 * time.Millisecond) {
		left = 0
		w, err := l.Backlog(t.Context())
		require.NoError(t, err)
		for _, w := range w {
			left += w.Notes
		}
	}
	require.Less(t, took[len(took)*99/100], slowest)
	t.Logf("%d sales; balance beside 8 writers: %s; backlog %v gone after %v", l.sold.Load(), quantiles(took), waiting, time.Since(start).Round(time.Millisecond))
	end()
	settler.Wait()
}

func flat() commission.Rule {
	return commission.Rule{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "20"}
}

func tiered() commission.Rule {
	r := flat()
	r.Tiers = &commission.Tiers{Metric: commission.Conversions, Period: commission.PerMonth, Thresholds: []commission.Threshold{{At: 100, Value: "25"}}}
	return r
}

// loadedStores are the stores that are measured, each with the settings that production
// would have.
func loadedStores(t *testing.T, f func(t *testing.T, store storage.Store)) {
	t.Helper()
	if !atLength() {
		t.Skip("make check runs it")
	}
	t.Run("sqlite", func(t *testing.T) { f(t, migrated(t, sqliteDrivers[0].name, sqliteDrivers[0].settings)) })
	t.Run("postgres", func(t *testing.T) { f(t, freshPostgres(t, "pgxpool", 16)) })
}

// An answer takes as long as what it is about, however much is written meanwhile, and
// settlement keeps up with the writers.
func TestAnswersBesideWriters(t *testing.T) {
	for name, rule := range map[string]commission.Rule{"flat": flat(), "tiered": tiered()} {
		t.Run(name, func(t *testing.T) {
			loadedStores(t, func(t *testing.T, store storage.Store) {
				t.Helper()
				answersBesideWriters(t, store, rule)
			})
		})
	}
}

// What waits for others costs a partner nothing: neither an edit over thousands of sales,
// nor a customer with a long history, nor one who buys all the time.
func TestBystanders(t *testing.T) {
	loadedStores(t, func(t *testing.T, store storage.Store) {
		t.Helper()
		l := newLoaded(t, store, flat())
		ctx := t.Context()
		start := time.Now().Add(-24 * time.Hour)
		for i := range 4000 {
			customer := fmt.Sprint("cus-", i)
			if i%4 == 0 {
				customer = "whale"
			}
			require.NoError(t, l.sell(ctx, customer, fmt.Sprint("partner-", i%49), start.Add(time.Duration(i)*time.Second)))
		}
		require.NoError(t, affiliatetest.Settle(ctx, l.Engine))
		balance := func() error { return errOf(l.Balances(ctx, "partner-49", time.Time{})) }
		require.NoError(t, l.sell(ctx, "bystander", "partner-49", time.Time{}))
		alone, err := repeated(ctx, balance, time.Second)
		require.NoError(t, err)

		click, err := l.RecordClick(ctx, affiliate.Click{Partner: "partner-1", Program: "main", At: start.Add(-time.Hour)})
		require.NoError(t, err)
		require.NoError(t, errOf(l.Identify(ctx, affiliate.Identify{Customer: "whale", Click: click.ClickID, At: start.Add(-time.Hour)})))
		require.NoError(t, errOf(l.EditProgram(ctx, "main", program.SettingsChange{Model: new(attribution.FirstClick)}, start)))
		busy, stop := context.WithCancel(ctx)
		var others sync.WaitGroup
		others.Go(func() {
			for busy.Err() == nil {
				_ = l.sell(busy, "whale", "partner-2", time.Time{})
				time.Sleep(50 * time.Millisecond)
			}
		})
		settled := make(chan error, 1)
		others.Go(func() {
			settled <- affiliatetest.Settle(ctx, l.Engine)
			stop()
		})
		beside, err := repeated(busy, balance, time.Minute)
		stop()
		others.Wait()
		require.NoError(t, <-settled)
		if !errors.Is(err, context.Canceled) {
			require.NoError(t, err)
		}
		t.Logf("alone: %s; beside: %s", quantiles(alone), quantiles(beside))
		require.Less(t, beside[len(beside)*99/100], slowest)
		require.NoError(t, affiliatetest.Settle(ctx, l.Engine))
		problems, err := affiliatetest.Verify(ctx, store, affiliate.DefaultOrganization)
		require.NoError(t, err)
		require.Empty(t, problems)
	})
}
