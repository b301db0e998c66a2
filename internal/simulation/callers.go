package simulation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/stretchr/testify/require"
)

// callers is how many goroutines do the same thing at the same moment in a race.
const callers = 64

// MeetCallers lets many callers that give no time do the same thing at the same
// moment, in rounds: add codes for one partner, and sell to one customer. They share
// two Engines on one store, as in two processes.
func MeetCallers(t *testing.T, store storage.Store, rounds int) {
	t.Helper()
	counted := &lateStore{Store: store}
	r := race{store: counted}
	for range 2 {
		eng, err := affiliate.New(counted, affiliate.Config{})
		require.NoError(t, err)
		r.engines = append(r.engines, eng)
	}
	yes := true
	require.NoError(t, errOf(r.engines[0].CreateProgram(t.Context(), "main", program.SettingsChange{DestinationURL: home(), PartnerCodes: &yes, Rules: []commission.Rule{
		{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "20"},
		{ID: "bonus", Trigger: commission.First, Type: commission.Fixed, Value: "500"},
	}}, affiliate.Always())))
	for n := range rounds {
		r.partner = fmt.Sprintf("partner_%03d", n)
		require.NoError(t, partner(r.partner)(t.Context(), r.engines[0]))
		require.NoError(t, approve(r.partner, "main")(t.Context(), r.engines[0]))
		r.codes(t, n)
		r.sales(t, n)
	}
	require.NoError(t, affiliatetest.Settle(t.Context(), r.engines[0]))
	problems, err := affiliatetest.Verify(t.Context(), store, affiliate.DefaultOrganization)
	require.NoError(t, err)
	require.Empty(t, problems)
}

type race struct {
	store   *lateStore
	engines []*affiliate.Engine
	partner string
}

// all lets every caller do something at the same moment, and returns their errors.
func (r race) all(ctx context.Context, do func(ctx context.Context, eng *affiliate.Engine, caller int) error) []error {
	errs := make([]error, callers)
	start := make(chan struct{})
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			<-start
			errs[i] = do(ctx, r.engines[i%len(r.engines)], i)
		})
	}
	close(start)
	wait.Wait()
	return errs
}

// codes has a partner add codes, each of them twice: never are more than the limit
// active, and each is added once.
func (r race) codes(t *testing.T, round int) {
	t.Helper()
	text := func(caller int) string { return fmt.Sprintf("R%03d-%02d", round, caller/2) }
	errs := r.all(t.Context(), func(ctx context.Context, eng *affiliate.Engine, caller int) error {
		return errOf(eng.AddCode(ctx, affiliate.Code{Code: text(caller), Partner: r.partner, Program: "main", ByPartner: true}))
	})
	added := map[string]bool{}
	for i, err := range errs {
		if err == nil {
			require.False(t, added[text(i)], "%s is added twice", text(i))
			added[text(i)] = true
			continue
		}
		require.True(t, errors.Is(err, affiliate.ErrCodeLimit) || errors.Is(err, affiliate.ErrCodeTaken), err)
	}
	require.Len(t, added, promo.MaxActive-1, "the generated one counts, too")
	require.Equal(t, promo.MaxActive, r.active(t))

	// The owner adds one code many times.
	errs = r.all(t.Context(), func(ctx context.Context, eng *affiliate.Engine, _ int) error {
		return errOf(eng.AddCode(ctx, affiliate.Code{Code: fmt.Sprintf("OWNER-%03d", round), Partner: r.partner, Program: "main"}))
	})
	first := 0
	for _, err := range errs {
		if err == nil {
			first++
			continue
		}
		require.ErrorIs(t, err, affiliate.ErrCodeTaken)
	}
	require.Equal(t, 1, first)
	require.Equal(t, promo.MaxActive+1, r.active(t))

	changes, err := r.store.SetupSince(t.Context(), affiliate.DefaultOrganization, 0)
	require.NoError(t, err)
	seen := map[string]int{}
	for _, c := range changes {
		if c.Kind == program.AddCode {
			seen[c.Key]++
			require.Equal(t, 1, seen[c.Key], c.Key)
		}
	}
}

// active counts the partner's codes that are active at any time from now on.
func (r race) active(t *testing.T) (n int) {
	t.Helper()
	setup, err := r.engines[0].Configuration(t.Context())
	require.NoError(t, err)
	for _, c := range setup.CodesOf(r.partner) {
		if c.ActiveAt(r.engines[0].Now().Add(time.Hour)) {
			n++
		}
	}
	return n
}

// sales has one customer buy many times: all sales are recorded, each after those
// that were recorded before it, so that none of them makes the customer's history
// be read and decided again.
func (r race) sales(t *testing.T, round int) {
	t.Helper()
	customer := fmt.Sprintf("cus_%03d", round)
	r.store.late.Store(0)
	errs := r.all(t.Context(), func(ctx context.Context, eng *affiliate.Engine, caller int) error {
		res, err := eng.RecordConversion(ctx, affiliate.Conversion{
			ID: fmt.Sprintf("in_%03d_%02d", round, caller), Customer: customer, Partner: r.partner, Amount: 1000,
		})
		if err == nil && (res.Duplicate || !res.Attributed) {
			err = fmt.Errorf("not recorded: %+v", res)
		}
		return err
	})
	require.NoError(t, errors.Join(errs...))
	require.Zero(t, r.store.late.Load(), "sales were late")
	balances, err := r.engines[0].Balances(t.Context(), r.partner, time.Time{})
	require.NoError(t, err)
	require.Len(t, balances, 1)
	require.EqualValues(t, callers*200+500, balances[0].Pending+balances[0].Payable)
}

// lateStore counts the reads of whole histories, which a conversion asks for that
// is earlier than one that was decided before.
type lateStore struct {
	storage.Store
	late atomic.Int64
}

// ConversionsOf counts the read.
func (s *lateStore) ConversionsOf(ctx context.Context, org string, customers []string) ([]attribution.Conversion, error) {
	s.late.Add(1)
	return s.Store.ConversionsOf(ctx, org, customers)
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
