package simulation

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/stretchr/testify/require"
)

// fact is one thing that happens, in whatever company.
type fact func(ctx context.Context, e *affiliate.Engine) error

func (f fact) happen(ctx context.Context, eng *affiliate.Engine, host Host) error {
	return host(ctx, eng, func(eng *affiliate.Engine) error { return f(ctx, eng) })
}

// meeting is a kind of facts that may arrive at the same moment.
type meeting struct {
	name  string
	setUp []fact                // before the pairs, one after the other
	pair  func(i int) []fact    // arrive at the same moment
	tiers []program.TermsChange // of the program's rule, if it has any
}

// start is when the simulated facts begin.
func start() time.Time { return time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC) }

func day(n int) time.Time { return start().AddDate(0, 0, n) }

// Host is who calls the Engine: it may let a fact happen inside a transaction of
// its own, with the Engine of that.
type Host func(ctx context.Context, eng *affiliate.Engine, happen func(*affiliate.Engine) error) error

// Direct is the host that has no transaction.
func Direct(_ context.Context, eng *affiliate.Engine, happen func(*affiliate.Engine) error) error {
	return happen(eng)
}

// Meet runs n pairs of each kind of facts that may meet, all pairs in parallel,
// on a fresh store per kind, and requires that after settlement the ledger is
// the one that the same facts leave in a single goroutine on memory.
func Meet(t *testing.T, open func(t *testing.T) (storage.Store, Host), n, parallel int) {
	t.Helper()
	for _, m := range meetings() {
		t.Run(m.name, func(t *testing.T) {
			store, host := open(t)
			got := m.run(t, store, host, n, parallel)
			want := m.run(t, memory.New(), Direct, n, 1)
			require.Equal(t, want, got)
			require.NotEmpty(t, want.Commissions)
			problems, err := affiliatetest.Verify(t.Context(), store, affiliate.DefaultOrganization)
			require.NoError(t, err)
			require.Empty(t, problems)
		})
	}
}

// run lets all facts happen and returns what has come of them.
func (m meeting) run(t *testing.T, store storage.Store, host Host, n, parallel int) Totals {
	t.Helper()
	ctx := t.Context()
	eng, err := affiliate.New(store, affiliate.Config{Now: affiliatetest.NewClock(day(200)).Now})
	require.NoError(t, err)
	for _, f := range append(common(m.tiers), m.setUp...) {
		require.NoError(t, f(ctx, eng))
	}
	pairs := make(chan []fact)
	failures := make(chan error, 1)
	var workers sync.WaitGroup
	for range parallel {
		workers.Go(func() {
			for pair := range pairs {
				if err := together(ctx, eng, host, pair, parallel > 1); err != nil {
					select {
					case failures <- err:
					default:
					}
				}
			}
		})
	}
	done := make(chan struct{})
	var settler sync.WaitGroup
	if parallel > 1 {
		settler.Go(func() { settleUntil(ctx, eng, done, failures) })
	}
	for i := range n {
		pairs <- m.pair(i)
	}
	close(pairs)
	workers.Wait()
	close(done)
	settler.Wait()
	select {
	case err := <-failures:
		require.NoError(t, err)
	default:
	}
	totals, err := TotalsOf(ctx, eng)
	require.NoError(t, err)
	return totals
}

// settleUntil settles over and over while facts arrive.
func settleUntil(ctx context.Context, eng *affiliate.Engine, done <-chan struct{}, failures chan<- error) {
	for {
		select {
		case <-done:
			return
		default:
		}
		if _, err := eng.Settle(ctx, 0); err != nil {
			select {
			case failures <- err:
			default:
			}
			return
		}
	}
}

// together lets facts happen at the same moment, or one after the other.
func together(ctx context.Context, eng *affiliate.Engine, host Host, facts []fact, parallel bool) error {
	if !parallel {
		for _, f := range facts {
			if err := f.happen(ctx, eng, host); err != nil {
				return err
			}
		}
		return nil
	}
	errs := make(chan error, len(facts))
	for _, f := range facts {
		go func() { errs <- f.happen(ctx, eng, host) }()
	}
	var first error
	for range facts {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return first
}

// common is the configuration of every meeting: a program of 20 % and a bonus on the
// first sale, and two partners.
func common(tiers []program.TermsChange) []fact {
	rules := []commission.Rule{
		{ID: "rev", Trigger: commission.Every, EventType: "invoice_paid", Type: commission.Percent, Value: "20"},
		{ID: "bonus", Trigger: commission.First, EventType: "invoice_paid", Type: commission.Fixed, Value: "500"},
	}
	if len(tiers) > 0 {
		rules = tiers[0].Rules
	}
	days := 30
	return []fact{
		func(ctx context.Context, e *affiliate.Engine) error {
			return errOf(e.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: home(), Rules: rules, HoldbackDays: &days}, affiliate.Always()))
		},
		partner("ada"), partner("bob"), approve("ada", "main"), approve("bob", "main"),
	}
}

func partner(id string) fact {
	return func(ctx context.Context, e *affiliate.Engine) error {
		return errOf(e.CreatePartner(ctx, id, program.Profile{}, affiliate.Always()))
	}
}

func approve(id, programID string) fact {
	return func(ctx context.Context, e *affiliate.Engine) error {
		return errOf(e.ApprovePartnership(ctx, id, programID, affiliate.Always()))
	}
}

func click(id, partner, visitor string, at time.Time) fact {
	return func(ctx context.Context, e *affiliate.Engine) error {
		return errOf(e.RecordClick(ctx, affiliate.Click{ID: id, Partner: partner, Program: "main", Visitor: visitor, At: at}))
	}
}

func identify(in affiliate.Identify) fact {
	return func(ctx context.Context, e *affiliate.Engine) error { return errOf(e.Identify(ctx, in)) }
}

func claim(in affiliate.Claim) fact {
	return func(ctx context.Context, e *affiliate.Engine) error { return errOf(e.RecordClaim(ctx, in)) }
}

func sale(in affiliate.Conversion) fact {
	if in.Amount == 0 {
		in.Amount = 4900
	}
	return func(ctx context.Context, e *affiliate.Engine) error { return errOf(e.RecordConversion(ctx, in)) }
}

func refund(in affiliate.Refund) fact {
	return func(ctx context.Context, e *affiliate.Engine) error { return errOf(e.RecordRefund(ctx, in)) }
}

func name(kind string, i int) string { return fmt.Sprintf("%s_%04d", kind, i) }

// home is where links lead; nobody follows one.
func home() *string {
	address := "https://acme.example/"
	return &address
}
