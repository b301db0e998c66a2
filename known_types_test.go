package affiliate_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// A type that no rule knows is recorded, and the host is told which types rules ask
// for, wherever it looks.
func TestMistypedEventTypeIsReported(t *testing.T) {
	d := newDemo()
	rule := func(id, eventType string) []commission.Rule {
		return []commission.Rule{{ID: id, EventType: eventType, Trigger: commission.Every, Type: commission.Fixed, Value: "100"}}
	}
	sale := affiliate.Conversion{ID: "in_0", Type: "invoice_piad", Customer: "cus_1", Partner: "ada", Amount: 100}
	res, err := d.RecordConversion(d, sale)
	require.NoError(t, err)
	require.Empty(t, res.KnownTypes, "a rule without a type takes whatever brings in money")
	require.NotEmpty(t, res.Commissions)

	d = newDemoOf(t, rule("lead", "signup"))
	require.NoError(t, errOf(d.OverrideTerms(d, "ada", "main", program.TermsChange{Rules: rule("sale", "invoice_paid")}, affiliate.Always())))
	res, err = d.RecordConversion(d, sale)
	require.NoError(t, err)
	require.True(t, res.Attributed)
	require.EqualValues(t, "no_rule", res.Reason)
	known := []string{"invoice_paid", "signup"}
	require.Equal(t, known, res.KnownTypes)

	res, err = d.RecordConversion(d, sale)
	require.NoError(t, err)
	require.True(t, res.Duplicate)
	require.Equal(t, known, res.KnownTypes)
	res, err = d.Conversion(d, "in_0")
	require.NoError(t, err)
	require.Equal(t, known, res.KnownTypes)
	x, err := d.Explain(d, "in_0")
	require.NoError(t, err)
	require.Equal(t, known, x.KnownTypes)

	res, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Type: "sign_up", Customer: "cus_2"})
	require.NoError(t, err)
	require.EqualValues(t, "no_touch", res.Reason, "why nobody is credited")
	require.Equal(t, known, res.KnownTypes)
	res, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_2", Type: "signup", Customer: "cus_2", Partner: "ada"})
	require.NoError(t, err)
	require.Empty(t, res.KnownTypes)
}

// newDemoOf is a demo with other rules.
func newDemoOf(t *testing.T, rules []commission.Rule) demo {
	t.Helper()
	d := newEmptyDemo()
	require.NoError(t, errOf(d.CreateProgram(d, "main", program.SettingsChange{DestinationURL: home(), Rules: rules}, affiliate.Always())))
	require.NoError(t, errOf(d.CreatePartner(d, "ada", program.Profile{}, affiliate.Always())))
	require.NoError(t, errOf(d.ApprovePartnership(d, "ada", "main", affiliate.Always())))
	return d
}

// What becomes of a payout comes after it was issued. A clock that lags behind that
// of the run keeps nobody from saying so now.
func TestPayoutDoesNotMoveBeforeItWasIssued(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(march(40))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	require.NoError(t, err)
	require.Len(t, issued, 1)
	require.Equal(t, march(40), issued[0].IssuedAt)
	_, err = d.MovePayout(d, issued[0].ID, payout.Paid, march(39))
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	require.Equal(t, []string{"at"}, fieldsOf(err))
	_, err = d.MovePayout(d, issued[0].ID, payout.Paid, march(41))
	require.Equal(t, []string{"at"}, fieldsOf(err), "nor in the future")

	d.clock.Set(march(39))
	moved, err := d.MovePayout(d, issued[0].ID, payout.Processing, time.Time{})
	require.NoError(t, err)
	require.Equal(t, march(40), moved.Moves[0].At)
	d.clock.Set(march(41))
	moved, err = d.MovePayout(d, issued[0].ID, payout.Paid, march(40))
	require.NoError(t, err)
	require.Equal(t, payout.Paid, moved.Status)
}

// A run that is dated back, as when a year is brought over from another system,
// issues at its own time.
func TestPayoutRunThatIsDatedBack(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(march(90))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{At: march(33)})
	require.NoError(t, err)
	require.Equal(t, march(33), issued[0].IssuedAt)
	_, err = d.MovePayout(d, issued[0].ID, payout.Paid, march(35))
	require.NoError(t, err)
}
