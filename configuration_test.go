package affiliate_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// slowSetup counts how often the configuration is read, which takes its time.
type slowSetup struct {
	storage.Store
	reads atomic.Int32
}

func (s *slowSetup) SetupSince(ctx context.Context, org string, after int64) ([]program.Change, error) {
	s.reads.Add(1)
	time.Sleep(20 * time.Millisecond)
	return s.Store.SetupSince(ctx, org, after)
}

// However many ask at first, the configuration is read once.
func TestTheConfigurationIsReadOnceForAll(t *testing.T) {
	d := newDemo()
	store := &slowSetup{Store: d.store}
	eng, err := affiliate.New(store, affiliate.Config{Now: d.clock.Now})
	require.NoError(t, err)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			s, err := eng.Configuration(d)
			require.NoError(t, err)
			require.Len(t, s.Partners(), 1)
		})
	}
	all.Wait()
	require.EqualValues(t, 1, store.reads.Load())

	ctx, cancel := context.WithCancel(d)
	cancel()
	_, err = eng.Configuration(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// Who and what is new has no past: nothing waits to be decided again. What changes
// the past leaves one note, however many changes a commit makes.
func TestOnlyWhatCanAlterThePastLeavesWork(t *testing.T) {
	d := newEmptyDemo()
	backlog := func() (notes int64) {
		waiting, err := d.Backlog(d)
		require.NoError(t, err)
		for _, w := range waiting {
			notes += w.Notes
		}
		return notes
	}
	require.NoError(t, errOf(d.CreateProgram(d, "main", program.SettingsChange{DestinationURL: home(), Rules: percentRule("20")}, time.Time{})))
	for i := range 3 {
		require.NoError(t, errOf(d.CreatePartner(d, fmt.Sprint("p", i), program.Profile{}, time.Time{})))
	}
	require.Zero(t, backlog())
	require.NoError(t, errOf(d.ApprovePartnership(d, "p1", "main", time.Time{})))
	require.EqualValues(t, 1, backlog(), "an approval, a code and a link")
}
