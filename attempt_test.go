package affiliate_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// losing is a store on which somebody else is faster some times, and then does
// something.
type losing struct {
	storage.Store
	races int
	lost  func()
}

func (l *losing) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	if l.races > 0 {
		l.races--
		l.lost()
		return []storage.Outcome{storage.Stale}, nil
	}
	return l.Store.Commit(ctx, org, changes)
}

// What gives no time gets that of the attempt that succeeds, not of one that lost a
// race; and if the clock goes back meanwhile, the time does not.
func TestTimeIsOfTheAttemptThatSucceeds(t *testing.T) {
	for name, moves := range map[string]time.Duration{"forward": time.Minute, "back": -time.Minute} {
		t.Run(name, func(t *testing.T) {
			now := march(2)
			store := &losing{Store: memory.New()}
			eng, err := affiliate.New(store, affiliate.Config{Now: func() time.Time { return now }})
			require.NoError(t, err)
			ctx := t.Context()
			require.NoError(t, errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: home(), Rules: percentRule("20")}, affiliate.Always())))
			require.NoError(t, errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
			require.NoError(t, errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
			store.lost = func() { now = now.Add(moves) }
			want := func(at time.Time) time.Time { return later(at, at.Add(2*moves)) }

			began := now
			store.races = 2
			_, err = eng.RecordConversion(ctx, affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 1000})
			require.NoError(t, err)
			stored, err := store.Conversions(ctx, affiliate.DefaultOrganization, []string{"in_1"})
			require.NoError(t, err)
			require.Equal(t, want(began), stored[0].At)

			began, store.races = now, 2
			_, err = eng.RecordRefund(ctx, affiliate.Refund{ID: "re_1", Conversion: "in_1", All: true})
			require.NoError(t, err)
			facts, err := store.FactsByID(ctx, affiliate.DefaultOrganization, "re_1")
			require.NoError(t, err)
			require.Equal(t, want(began), facts[0].At)

			began, store.races = now, 2
			_, err = eng.Identify(ctx, affiliate.Identify{Customer: "cus_1", Visitor: "v_1"})
			require.NoError(t, err)
			_, said, err := store.Touches(ctx, affiliate.DefaultOrganization, []string{"v_1"}, nil)
			require.NoError(t, err)
			require.Equal(t, want(began), said[0].At)

			began, store.races = now, 2
			require.NoError(t, errOf(eng.AddCode(ctx, affiliate.Code{Code: "ADA10", Partner: "ada"})))
			setup, err := eng.Configuration(ctx)
			require.NoError(t, err)
			code, _ := setup.Code("ADA10")
			require.Equal(t, want(began), code.Intervals[0].From)
		})
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
