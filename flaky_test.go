package affiliate_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

var errDisk = errors.New("disk on fire")

// flaky is a store whose call number n, counted from 1, fails once.
type flaky struct {
	*memory.Store
	n *int
}

func (f flaky) fail() error {
	if *f.n--; *f.n == 0 {
		return errDisk
	}
	return nil
}

// unless returns what a read returns, unless it is its turn to fail.
func unless[T any](f flaky, read func() (T, error)) (T, error) {
	if err := f.fail(); err != nil {
		var none T
		return none, err
	}
	return read()
}

func (f flaky) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	return unless(f, func() ([]storage.Anchor, error) { return f.Store.Load(ctx, org, refs) })
}

func (f flaky) ListAnchors(ctx context.Context, org string, kind storage.AnchorKind, after string, limit int) ([]storage.Anchor, error) {
	return unless(f, func() ([]storage.Anchor, error) { return f.Store.ListAnchors(ctx, org, kind, after, limit) })
}

func (f flaky) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	return unless(f, func() ([]storage.Outcome, error) { return f.Store.Commit(ctx, org, changes) })
}

func (f flaky) Clicks(ctx context.Context, org string, ids []string) ([]attribution.Click, error) {
	return unless(f, func() ([]attribution.Click, error) { return f.Store.Clicks(ctx, org, ids) })
}

func (f flaky) Touches(ctx context.Context, org string, visitors, clicks []string) ([]attribution.Click, []storage.Identify, error) {
	if err := f.fail(); err != nil {
		return nil, nil, err
	}
	return f.Store.Touches(ctx, org, visitors, clicks)
}

func (f flaky) HasIdentify(ctx context.Context, org, key string) (bool, error) {
	return unless(f, func() (bool, error) { return f.Store.HasIdentify(ctx, org, key) })
}

func (f flaky) Conversions(ctx context.Context, org string, ids []string) ([]attribution.Conversion, error) {
	return unless(f, func() ([]attribution.Conversion, error) { return f.Store.Conversions(ctx, org, ids) })
}

func (f flaky) ConversionsOf(ctx context.Context, org string, customers []string) ([]attribution.Conversion, error) {
	return unless(f, func() ([]attribution.Conversion, error) { return f.Store.ConversionsOf(ctx, org, customers) })
}

func (f flaky) ConversionPage(ctx context.Context, org string, since time.Time, after storage.Mark, limit int) ([]attribution.Conversion, error) {
	return unless(f, func() ([]attribution.Conversion, error) { return f.Store.ConversionPage(ctx, org, since, after, limit) })
}

func (f flaky) CustomersSince(ctx context.Context, org string, since time.Time, after string, limit int) ([]string, error) {
	return unless(f, func() ([]string, error) { return f.Store.CustomersSince(ctx, org, since, after, limit) })
}

func (f flaky) FactsOf(ctx context.Context, org string, conversions []string) ([]commission.Fact, error) {
	return unless(f, func() ([]commission.Fact, error) { return f.Store.FactsOf(ctx, org, conversions) })
}

func (f flaky) FactsByID(ctx context.Context, org, id string) ([]commission.Fact, error) {
	return unless(f, func() ([]commission.Fact, error) { return f.Store.FactsByID(ctx, org, id) })
}

func (f flaky) SetupSince(ctx context.Context, org string, after int64) ([]program.Change, error) {
	return unless(f, func() ([]program.Change, error) { return f.Store.SetupSince(ctx, org, after) })
}

func (f flaky) Notes(ctx context.Context, org string, kind storage.NoteKind, after storage.NoteMark, limit int) ([]storage.Note, error) {
	return unless(f, func() ([]storage.Note, error) { return f.Store.Notes(ctx, org, kind, after, limit) })
}

func (f flaky) NotesFor(ctx context.Context, org string, kinds []storage.NoteKind, keys []string, limit int) ([]storage.Note, error) {
	return unless(f, func() ([]storage.Note, error) { return f.Store.NotesFor(ctx, org, kinds, keys, limit) })
}

func (f flaky) Backlog(ctx context.Context, org string) ([]storage.Waiting, error) {
	return unless(f, func() ([]storage.Waiting, error) { return f.Store.Backlog(ctx, org) })
}

func (f flaky) CommissionsOf(ctx context.Context, org, partner, programID, rule string) ([]storage.Commission, error) {
	return unless(f, func() ([]storage.Commission, error) { return f.Store.CommissionsOf(ctx, org, partner, programID, rule) })
}

func (f flaky) CommissionsFor(ctx context.Context, org string, conversions []string) ([]storage.Commission, error) {
	return unless(f, func() ([]storage.Commission, error) { return f.Store.CommissionsFor(ctx, org, conversions) })
}

func (f flaky) CommissionPage(ctx context.Context, org, partner string, after storage.CommissionMark, limit int) ([]storage.Commission, error) {
	return unless(f, func() ([]storage.Commission, error) { return f.Store.CommissionPage(ctx, org, partner, after, limit) })
}

func (f flaky) Sum(ctx context.Context, org, partner string, currency money.Currency, outside payout.Range, at time.Time) (matured, pending int64, err error) {
	if err := f.fail(); err != nil {
		return 0, 0, err
	}
	return f.Store.Sum(ctx, org, partner, currency, outside, at)
}

func (f flaky) Lines(ctx context.Context, org, partner string, currency money.Currency, through int64) ([]storage.LedgerLine, error) {
	return unless(f, func() ([]storage.LedgerLine, error) { return f.Store.Lines(ctx, org, partner, currency, through) })
}

func (f flaky) Payouts(ctx context.Context, org, partner string) ([]payout.Payout, error) {
	return unless(f, func() ([]payout.Payout, error) { return f.Store.Payouts(ctx, org, partner) })
}

func (f flaky) Payout(ctx context.Context, org, id string) (payout.Payout, bool, error) {
	if err := f.fail(); err != nil {
		return payout.Payout{}, false, err
	}
	return f.Store.Payout(ctx, org, id)
}

func (f flaky) ClickCounts(ctx context.Context, org, partner string) ([]storage.ClickCount, error) {
	return unless(f, func() ([]storage.ClickCount, error) { return f.Store.ClickCounts(ctx, org, partner) })
}

func ignore(_ any, err error) error { return err }

// deeds are what a host does, one call each, from creating a program to the statement.
func deeds(d demo, paid *string) []func() error {
	return slices.Concat(founding(d), selling(d), paying(d, paid))
}

func founding(d demo) []func() error {
	tiered := percentRule("20")
	tiered[0].Tiers = &commission.Tiers{Metric: commission.Revenue, Period: "payout", Thresholds: []commission.Threshold{{At: 1, Value: "25"}}}
	settings := program.SettingsChange{DestinationURL: home(), Rules: tiered, HoldbackDays: new(int)}
	ever := affiliate.Always()
	return []func() error{
		func() error { return errOf(d.CreateProgram(d, "main", settings, ever)) },
		func() error {
			return errOf(d.CreatePartner(d, "ada", program.Profile{Email: pointer("ada@acme.test")}, ever))
		},
		func() error { return errOf(d.ApprovePartnership(d, "ada", "main", ever)) },
		func() error { return errOf(d.SetDefaultProgram(d, "main", ever)) },
	}
}

func selling(d demo) []func() error {
	click := func(in affiliate.Click) func() error { return func() error { return ignore(d.RecordClick(d, in)) } }
	identify := func(in affiliate.Identify) func() error { return func() error { return ignore(d.Identify(d, in)) } }
	sell := func(in affiliate.Conversion) func() error {
		return func() error { return ignore(d.RecordConversion(d, in)) }
	}
	refund := affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 500, At: march(4)}
	dispute := affiliate.Dispute{ID: "dp_1", Conversion: "in_3", All: true, Status: commission.DisputeOpen, At: march(6)}
	return []func() error{
		click(affiliate.Click{ID: "k1", Partner: "ada", Program: "main", Visitor: "v1", At: march(1)}),
		identify(affiliate.Identify{Customer: "c1", Visitor: "v1", Email: "x@acme.test", At: march(2)}),
		func() error { return ignore(d.RecordRefund(d, refund)) },
		sell(affiliate.Conversion{ID: "in_1", Customer: "c1", Amount: 10_000, At: march(3)}),
		sell(affiliate.Conversion{ID: "in_2", Customer: "c2", Click: "k2", Amount: 10_000, At: march(3)}),
		click(affiliate.Click{ID: "k2", Partner: "ada", Program: "main", Visitor: "v1", At: march(2)}),
		sell(affiliate.Conversion{ID: "in_3", Customer: "c1", Amount: 10_000, At: march(5)}),
		identify(affiliate.Identify{Customer: "c1", Alias: "c3", At: march(6)}),
		func() error { return ignore(d.RecordDispute(d, dispute)) },
		func() error { return ignore(d.AmendConversion(d, "in_2", 9000, march(7))) },
		func() error { return ignore(d.HoldCommission(d, adasCommission("in_1"), "", march(8))) },
		func() error {
			return errOf(d.OverrideTerms(d, "ada", "main", program.TermsChange{HoldbackDays: pointer(1)}, march(3)))
		},
		func() error { return ignore(d.Settle(d, 0)) },
		func() error { return ignore(d.ReleaseCommission(d, adasCommission("in_1"), march(9))) },
	}
}

func paying(d demo, paid *string) []func() error {
	run := func(at time.Time) func() error {
		return func() error { return ignore(d.RunPayouts(d, affiliate.PayoutRun{At: at})) }
	}
	refund := affiliate.Refund{ID: "re_2", Conversion: "in_2", All: true, At: march(35)}
	return []func() error{
		run(march(33)),
		func() error {
			list, err := d.Payouts(d, "ada")
			for _, p := range list {
				*paid = p.ID
			}
			return err
		},
		func() error { return ignore(d.MovePayout(d, *paid, payout.Failed, march(34))) },
		func() error { return ignore(d.RecordRefund(d, refund)) },
		run(march(64)),
		func() error { return ignore(d.Statement(d, *paid)) },
		func() error { return ignore(d.Explain(d, "in_1")) },
		func() error { return ignore(d.Conversion(d, "in_1")) },
		func() error { return ignore(d.Commissions(d, "ada", "", 9)) },
		func() error { return ignore(d.ClickCounts(d, "ada")) },
		func() error {
			return errOf(d.EditProgram(d, "main", program.SettingsChange{EndsAt: pointer(march(95))}, march(50)))
		},
		func() error { return ignore(d.NotifyEnding(d)) },
	}
}

// play does all deeds while store call number n fails, repeats the one that
// failed, and returns what has come of it and whether anything failed.
func play(t *testing.T, n int) (outcome string, failed bool) {
	t.Helper()
	clock, store := affiliatetest.NewClock(march(90)), memory.New()
	eng, err := affiliate.New(flaky{store, &n}, affiliate.Config{Now: clock.Now})
	require.NoError(t, err)
	d, paid := demo{eng, t.Context(), clock, store}, ""
	for i, deed := range deeds(d, &paid) {
		if err := deed(); err != nil {
			require.ErrorIs(t, err, errDisk, "deed %d", i)
			require.False(t, failed, "it fails once")
			failed = true
			require.NoError(t, deed(), "deed %d again", i)
		}
	}
	n = 0 // nothing fails any more
	list, err := d.Commissions(d, "ada", "", 50)
	require.NoError(t, err)
	for _, c := range list.Commissions {
		outcome += c.ID + " " + minor(c.Amount) + "\n"
	}
	balances, err := d.Balances(d, "ada", time.Time{})
	require.NoError(t, err)
	for _, b := range balances {
		outcome += minor(b.Payable) + " " + minor(b.Pending) + " " + minor(b.InPayout) + " " + minor(b.Paid) + "\n"
	}
	require.NoError(t, affiliatetest.Settle(d, d.Engine))
	problems, err := affiliatetest.Verify(d, store, d.Organization())
	require.NoError(t, err)
	require.Empty(t, problems)
	return outcome, failed
}

// Whichever call of the store fails (every other one is tried), the operation says so, nothing is half
// done, and doing it again leads to the same end.
func TestAnyCallMayFail(t *testing.T) {
	want, _ := play(t, 0)
	require.NotEmpty(t, want)
	for n, failed := 1, true; failed; n += 2 {
		var got string
		got, failed = play(t, n)
		require.Equal(t, want, got, "call %d", n)
	}
}
