package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/simulation"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func may(day int) time.Time { return time.Date(2026, 5, day, 12, 0, 0, 0, time.UTC) }

// monthly is an Engine with one program of 20 % without holdback, paid every month,
// and one partner.
func monthly(t *testing.T, store storage.Store) (*affiliate.Engine, *affiliatetest.Clock) {
	t.Helper()
	clock := affiliatetest.NewClock(may(1))
	eng, err := affiliate.New(store, affiliate.Config{Now: clock.Now})
	require.NoError(t, err)
	none := 0
	require.NoError(t, errOf(eng.CreateProgram(t.Context(), "main", program.SettingsChange{
		DestinationURL: new("https://acme.example/"),
		Rules:          []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "20"}},
		HoldbackDays:   &none,
	}, affiliate.Always())))
	require.NoError(t, errOf(eng.CreatePartner(t.Context(), "ada", program.Profile{}, affiliate.Always())))
	require.NoError(t, errOf(eng.ApprovePartnership(t.Context(), "ada", "main", affiliate.Always())))
	return eng, clock
}

func adas(id, customer string, day int) affiliate.Conversion {
	return affiliate.Conversion{ID: id, Customer: customer, Partner: "ada", Amount: 10_000, Currency: "usd", At: may(day)}
}

// The host's order and the commission are committed or vanish together, over one
// connection; errors of the Engine leave the transaction usable.
func TestOrderAndCommissionTogether(t *testing.T) {
	t.Parallel()
	eachHost(t, hosts, 1, func(t *testing.T, h *host) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		eng, clock := monthly(t, h.store)
		clock.Set(may(5))
		sell := func(id string, then error) error {
			return h.within(ctx, func(tx *hostTx) error {
				if err := tx.order(ctx, id); err != nil {
					return err
				}
				joined := eng.Within(tx.store)
				if _, err := joined.RecordConversion(ctx, adas(id, "cus", 2)); err != nil {
					return err
				}
				other := adas(id, "cus", 2)
				other.Amount++
				if _, err := joined.RecordConversion(ctx, other); !errors.Is(err, affiliate.ErrConflict) {
					return fmt.Errorf("other content: %w", err)
				}
				if _, err := joined.RecordConversion(ctx, affiliate.Conversion{}); !errors.Is(err, affiliate.ErrInvalidInput) {
					return fmt.Errorf("no content: %w", err)
				}
				canceled, cancel := context.WithCancel(ctx)
				cancel()
				if _, err := joined.RecordConversion(canceled, adas("canceled", "cus", 2)); !errors.Is(err, context.Canceled) {
					return fmt.Errorf("canceled: %w", err)
				}
				if err := tx.order(ctx, id+" again"); err != nil {
					return fmt.Errorf("after errors: %w", err)
				}
				return then
			})
		}
		failure := errors.New("the host thinks better of it")
		require.ErrorIs(t, sell("in_1", failure), failure)
		_, err := eng.Conversion(ctx, "in_1")
		require.ErrorIs(t, err, affiliate.ErrNotFound)
		orders, err := h.orders(ctx)
		require.NoError(t, err)
		require.Empty(t, orders)

		require.NoError(t, sell("in_1", nil))
		res, err := eng.Conversion(ctx, "in_1")
		require.NoError(t, err)
		require.Len(t, res.Commissions, 1)
		require.EqualValues(t, 2000, res.Commissions[0].Amount)
		orders, err = h.orders(ctx)
		require.NoError(t, err)
		require.Len(t, orders, 2)
		_, err = eng.Conversion(ctx, "canceled")
		require.ErrorIs(t, err, affiliate.ErrNotFound)
	})
}

// factsAround lets much happen, and something else in between.
func factsAround(ctx context.Context, eng *affiliate.Engine, held func() error) error {
	for i := range 30 { // more than settlement decides at once
		if _, err := eng.RecordConversion(ctx, adas(fmt.Sprint("in_", i), fmt.Sprint("cus_", i), 2)); err != nil {
			return err
		}
	}
	if err := held(); err != nil {
		return err
	}
	days := 3
	change := program.TermsChange{HoldbackDays: &days, Rules: []commission.Rule{
		{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "30"},
	}}
	if _, err := eng.OverrideTerms(ctx, "ada", "main", change, may(1)); err != nil {
		return err
	}
	if _, err := eng.RecordConversion(ctx, adas("in_other", "cus_99", 3)); err != nil {
		return err
	}
	if _, err := eng.RecordRefund(ctx, affiliate.Refund{ID: "re", Conversion: "in_3", Amount: 500, At: may(4)}); err != nil {
		return err
	}
	if _, err := eng.Settle(ctx, 0); err != nil {
		return err
	}
	return errOf(eng.Balances(ctx, "ada", may(10)))
}

// A transaction that the host holds open keeps nobody waiting but its customer:
// not other customers, nor an edit that concerns it, settlement, balances and
// payouts. In the end it is as if all had come one after the other.
func TestOpenTransactionBlocksOnlyItsCustomer(t *testing.T) {
	t.Parallel()
	eachHost(t, postgresDrivers, 4, func(t *testing.T, h *host) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		eng, clock := monthly(t, h.store)
		clock.Set(may(10))
		var tx *hostTx
		require.NoError(t, factsAround(ctx, eng, func() (err error) {
			if tx, err = h.begin(ctx); err != nil {
				return err
			}
			_, err = eng.Within(tx.store).RecordConversion(ctx, adas("in_held", "cus_7", 3))
			return err
		}), "somebody waited")
		_, err := eng.RunPayouts(ctx, affiliate.PayoutRun{})
		require.NoError(t, err)
		require.NoError(t, tx.commit())
		got, err := simulation.TotalsOf(ctx, eng)
		require.NoError(t, err)

		alone, clock := monthly(t, memory.New())
		clock.Set(may(10))
		require.NoError(t, factsAround(ctx, alone, func() error { return errOf(alone.RecordConversion(ctx, adas("in_held", "cus_7", 3))) }))
		_, err = alone.RunPayouts(ctx, affiliate.PayoutRun{})
		require.NoError(t, err)
		want, err := simulation.TotalsOf(ctx, alone)
		require.NoError(t, err)
		require.Equal(t, want, got)
		problems, err := affiliatetest.Verify(ctx, h.store, affiliate.DefaultOrganization)
		require.NoError(t, err)
		require.Empty(t, problems)
	})
}

// A conversion in a transaction that is open while a payout run happens is paid
// once, by the next run, and the first statement does not change.
func TestPayoutRunMissesNoOpenTransaction(t *testing.T) {
	t.Parallel()
	eachHost(t, postgresDrivers, 4, func(t *testing.T, h *host) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		eng, clock := monthly(t, h.store)
		clock.Set(may(10))
		_, err := eng.RecordConversion(ctx, adas("in_1", "cus_1", 2))
		require.NoError(t, err)
		tx, err := h.begin(ctx)
		require.NoError(t, err)
		_, err = eng.Within(tx.store).RecordConversion(ctx, adas("in_2", "cus_2", 3))
		require.NoError(t, err)

		clock.Set(may(1).AddDate(0, 1, 1))
		first, err := eng.RunPayouts(ctx, affiliate.PayoutRun{})
		require.NoError(t, err)
		require.Len(t, first, 1)
		require.EqualValues(t, 2000, first[0].Amount)
		statement := func(id string) string {
			s, err := eng.Statement(ctx, id)
			require.NoError(t, err)
			text, err := json.Marshal(s)
			require.NoError(t, err)
			return string(text)
		}
		before := statement(first[0].ID)
		require.NoError(t, tx.commit())
		for month := 2; month < 4; month++ {
			clock.Set(may(1).AddDate(0, month, 1))
			run, err := eng.RunPayouts(ctx, affiliate.PayoutRun{})
			require.NoError(t, err)
			if month == 2 {
				require.Len(t, run, 1)
				require.EqualValues(t, 2000, run[0].Amount)
				require.Contains(t, statement(run[0].ID), "in_2")
			} else {
				require.Empty(t, run, "paid once")
			}
			require.Equal(t, before, statement(first[0].ID))
		}
	})
}

// A configuration that a transaction made and rolled back is forgotten, also by Engines
// that worked inside of it.
func TestRolledBackSetup(t *testing.T) {
	t.Parallel()
	eachHost(t, hosts, 1, func(t *testing.T, h *host) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		eng, clock := monthly(t, h.store)
		clock.Set(may(10))
		override := func(eng *affiliate.Engine, percent string) error {
			_, err := eng.OverrideTerms(ctx, "ada", "main", program.TermsChange{Rules: []commission.Rule{
				{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: percent},
			}}, may(1))
			return err
		}
		earns := func(eng *affiliate.Engine, id string, want int64) error {
			res, err := eng.RecordConversion(ctx, adas(id, id, 2))
			if err == nil && res.Commissions[0].Amount != want {
				err = fmt.Errorf("%s earns %d, not %d", id, res.Commissions[0].Amount, want)
			}
			return err
		}
		failure := errors.New("the host thinks better of it")
		err := h.within(ctx, func(tx *hostTx) error {
			if err := override(eng.Within(tx.store), "50"); err != nil {
				return err
			}
			return errors.Join(earns(eng.Within(tx.store), "in_1", 5000), failure)
		})
		require.EqualError(t, err, failure.Error())
		require.NoError(t, earns(eng, "in_2", 2000))
		require.NoError(t, override(eng, "30"))
		require.NoError(t, earns(eng, "in_3", 3000))
		require.NoError(t, h.within(ctx, func(tx *hostTx) error { return earns(eng.Within(tx.store), "in_4", 3000) }))
	})
}
