package integration_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// shop returns an Engine of a program with one partner and customers whom he
// brought.
func shop(tb testing.TB, store storage.Store, customers ...string) *affiliate.Engine {
	tb.Helper()
	ctx := tb.Context()
	eng, err := affiliate.New(store, affiliate.Config{})
	require.NoError(tb, err)
	rules := []commission.Rule{{
		ID: "rev", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20",
	}}
	require.NoError(tb, errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: new("https://acme.example/"), Rules: rules}, affiliate.Always())))
	require.NoError(tb, errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
	require.NoError(tb, errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
	for _, customer := range customers {
		click, err := eng.RecordClick(ctx, affiliate.Click{Partner: "ada", Program: "main"})
		require.NoError(tb, err)
		_, err = eng.Identify(ctx, affiliate.Identify{Customer: customer, Click: click.ClickID})
		require.NoError(tb, err)
	}
	return eng
}

// begin begins a transaction of a host, which does not outlive the test.
func begin(t *testing.T, h *host) *hostTx {
	t.Helper()
	tx, err := h.begin(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.rollback() }) // which does nothing after its end
	return tx
}

// sell records one sale of 10.00 to a customer.
func sell(ctx context.Context, eng *affiliate.Engine, id, customer string) error {
	_, err := eng.RecordConversion(ctx, affiliate.Conversion{ID: id, Customer: customer, Amount: 1000, Currency: "usd"})
	return err
}

// sold returns how often a sale is stored, and the commissions of it.
func sold(tb testing.TB, store storage.Store, id string) (conversions, entries int) {
	tb.Helper()
	rows, err := store.Rows(tb.Context(), affiliate.DefaultOrganization)
	require.NoError(tb, err)
	for _, c := range rows.Conversions {
		if c.ID == id {
			conversions++
		}
	}
	for _, e := range rows.Entries {
		if e.Conversion == id {
			entries++
			require.Equal(tb, int64(200), e.Amount)
		}
	}
	return conversions, entries
}

// requireSold requires that a sale is stored once, with everything, or not at
// all.
func requireSold(tb testing.TB, store storage.Store, id string, want bool) {
	tb.Helper()
	times := 0
	if want {
		times = 1
	}
	conversions, entries := sold(tb, store, id)
	require.Equal(tb, times, conversions, id)
	require.Equal(tb, times, entries, id)
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
