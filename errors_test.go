package affiliate_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// failing is a call that must fail with an error, under a code.
type failing struct {
	name string
	call func(d demo) error
	is   error
	code string
}

// check runs the calls on one Engine: each must fail as it says and change
// nothing.
func check(t *testing.T, d demo, list []failing) {
	t.Helper()
	_, err := d.Settle(d, 0)
	require.NoError(t, err)
	before := rowsOf(t, d.store)
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			err := c.call(d)
			require.ErrorIs(t, err, c.is)
			require.Equal(t, c.code, affiliate.ErrorCode(err))
			require.True(t, strings.HasPrefix(err.Error(), "affiliate: "), err)
			require.Equal(t, before, rowsOf(t, d.store), "nothing is changed")
		})
	}
}

// rowsOf is everything that a store holds, as text.
func rowsOf(t *testing.T, store storage.Store) string {
	t.Helper()
	rows, err := store.Rows(t.Context(), affiliate.DefaultOrganization)
	require.NoError(t, err)
	data, err := rows.Canonical()
	require.NoError(t, err)
	return string(data)
}

func TestErrorsOfPrograms(t *testing.T) {
	d := newDemo()
	bad := program.SettingsChange{Rules: percentRule("twenty")}
	check(t, d, []failing{
		{"create twice", func(d demo) error {
			return errOf(d.CreateProgram(d, "main", program.SettingsChange{DestinationURL: home(), Rules: percentRule("1")}, march(1)))
		}, affiliate.ErrExists, "exists"},
		{"create without rules", func(d demo) error {
			return errOf(d.CreateProgram(d, "new", program.SettingsChange{DestinationURL: home()}, march(1)))
		}, affiliate.ErrInvalidTerms, "invalid_terms"},
		{"create with bad terms", func(d demo) error { return errOf(d.CreateProgram(d, "new", bad, march(1))) }, affiliate.ErrInvalidTerms, "invalid_terms"},
		{"create without an id", func(d demo) error {
			return errOf(d.CreateProgram(d, "", program.SettingsChange{DestinationURL: home(), Rules: percentRule("1")}, march(1)))
		}, program.ErrInvalid, "invalid_input"},
		{"edit nothing", func(d demo) error { return errOf(d.EditProgram(d, "x", program.SettingsChange{}, march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"edit to bad terms", func(d demo) error { return errOf(d.EditProgram(d, "main", bad, march(1))) }, affiliate.ErrInvalidTerms, "invalid_terms"},
		{"end nothing", func(d demo) error { return errOf(d.EndProgram(d, "x")) }, affiliate.ErrNotFound, "not_found"},
		{"no default", func(d demo) error { return errOf(d.SetDefaultProgram(d, "x", march(1))) }, affiliate.ErrNotFound, "not_found"},
	})
	_, err := d.EditProgram(d, "main", bad, march(1))
	require.Equal(t, "rules[0].value", affiliate.Problems(err)[0].Field)
	require.Empty(t, affiliate.Problems(errOf(d.EndProgram(d, "x"))))
}

func TestErrorsOfPartners(t *testing.T) {
	d := newDemo()
	conditions := program.Profile{Match: &[]attribution.Condition{{Field: "country", Op: attribution.Equals}}}
	schedule := program.Profile{Payout: payout.Schedule{Cadence: "yearly"}.Change()}
	terms := program.TermsChange{HoldbackDays: pointer(1)}
	must(d.CreatePartner(d, "bob", program.Profile{}, march(1)))
	check(t, d, []failing{
		{"create twice", func(d demo) error { return errOf(d.CreatePartner(d, "ada", program.Profile{}, march(1))) }, affiliate.ErrExists, "exists"},
		{"create without an id", func(d demo) error { return errOf(d.CreatePartner(d, "", program.Profile{}, march(1))) }, program.ErrInvalid, "invalid_input"},
		{"create with a bad condition", func(d demo) error { return errOf(d.CreatePartner(d, "eve", conditions, march(1))) }, program.ErrInvalid, "invalid_input"},
		{"create with a bad schedule", func(d demo) error { return errOf(d.CreatePartner(d, "eve", schedule, march(1))) }, affiliate.ErrInvalidSchedule, "invalid_schedule"},
		{"edit nobody", func(d demo) error { return errOf(d.EditPartner(d, "x", program.Profile{}, march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"edit to a bad condition", func(d demo) error { return errOf(d.EditPartner(d, "ada", conditions, march(1))) }, program.ErrInvalid, "invalid_input"},
		{"edit to a bad schedule", func(d demo) error { return errOf(d.EditPartner(d, "ada", schedule, march(1))) }, affiliate.ErrInvalidSchedule, "invalid_schedule"},
		{"approve nobody", func(d demo) error { return errOf(d.ApprovePartnership(d, "x", "main", march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"approve nowhere", func(d demo) error { return errOf(d.ApprovePartnership(d, "ada", "x", march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"suspend nobody", func(d demo) error { return errOf(d.SuspendPartner(d, "x", march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"reinstate nobody", func(d demo) error { return errOf(d.ReinstatePartner(d, "x", march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"override without a partnership", func(d demo) error { return errOf(d.OverrideTerms(d, "bob", "main", terms, march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"override with bad terms", func(d demo) error {
			return errOf(d.OverrideTerms(d, "ada", "main", program.TermsChange{HoldbackDays: pointer(-1)}, march(1)))
		}, affiliate.ErrInvalidTerms, "invalid_terms"},
		{"clear without an override", func(d demo) error { return errOf(d.ClearOverride(d, "ada", "main", march(1))) }, affiliate.ErrNotFound, "not_found"},
	})
}

func TestErrorsOfCodesAndLinks(t *testing.T) {
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{}, affiliate.Always()))
	must(d.CreateProgram(d, "ended", program.SettingsChange{DestinationURL: home(), Rules: percentRule("1"), EndsAt: pointer(march(1))}, affiliate.Always()))
	must(d.CreateProgram(d, "soon", program.SettingsChange{DestinationURL: home(), Rules: percentRule("1"), StartsAt: pointer(march(2))}, affiliate.Always()))
	for _, id := range []string{"ended", "soon"} {
		must(d.ApprovePartnership(d, "ada", id, affiliate.Always()))
	}
	must(d.AddCode(d, affiliate.Code{Code: "ADA10", Partner: "ada"}))
	must(d.AddLink(d, affiliate.Link{Key: "ada", Partner: "ada", Program: "main"}))
	code := func(c affiliate.Code) func(d demo) error {
		return func(d demo) error { return errOf(d.AddCode(d, c)) }
	}
	link := func(l affiliate.Link) func(d demo) error {
		return func(d demo) error { return errOf(d.AddLink(d, l)) }
	}
	check(t, d, []failing{
		{"a code of nobody", code(affiliate.Code{Code: "X10", Partner: "x"}), affiliate.ErrNotFound, "not_found"},
		{"a code for nothing", code(affiliate.Code{Code: "X10", Partner: "ada", Program: "x"}), affiliate.ErrNotFound, "not_found"},
		{"not approved comes first", code(affiliate.Code{Code: "!", Partner: "bob", Program: "ended"}), affiliate.ErrNotApproved, "partner_not_approved"},
		{"then not active", code(affiliate.Code{Code: "!", Partner: "ada", Program: "ended"}), affiliate.ErrProgramNotActive, "program_not_active"},
		{"scheduled", code(affiliate.Code{Code: "X10", Partner: "ada", Program: "soon"}), affiliate.ErrProgramNotActive, "program_not_active"},
		{"then its spelling", code(affiliate.Code{Code: "!", Partner: "ada", ByPartner: true}), affiliate.ErrCodeInvalid, "code_invalid"},
		{"then whether it is taken", code(affiliate.Code{Code: "ada10", Partner: "ada", ByPartner: true}), affiliate.ErrCodeTaken, "code_taken"},
		{"then the limit", code(affiliate.Code{Code: "ADA11", Partner: "ada", ByPartner: true}), affiliate.ErrCodeLimit, "code_limit"},
		{"retire no code", func(d demo) error { return errOf(d.RetireCode(d, "NOPE", march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"retire what is none", func(d demo) error { return errOf(d.RetireCode(d, "%", march(1))) }, affiliate.ErrNotFound, "not_found"},
		{"a link of nobody", link(affiliate.Link{Key: "x", Partner: "x", Program: "main"}), affiliate.ErrNotFound, "not_found"},
		{"a link to nothing", link(affiliate.Link{Key: "x", Partner: "ada", Program: "x"}), affiliate.ErrNotFound, "not_found"},
		{"a link of who is not approved", link(affiliate.Link{Key: "x", Partner: "bob", Program: "main"}), affiliate.ErrNotApproved, "partner_not_approved"},
		{"a link to what ended", link(affiliate.Link{Key: "x", Partner: "ada", Program: "ended"}), affiliate.ErrProgramNotActive, "program_not_active"},
		{"a link twice", link(affiliate.Link{Key: "ada", Partner: "ada", Program: "main", URL: "https://acme.test/"}), affiliate.ErrExists, "exists"},
		{"a bad key", link(affiliate.Link{Key: "a b", Partner: "ada", Program: "main"}), program.ErrInvalid, "invalid_input"},
		{"a bad destination", link(affiliate.Link{Key: "x", Partner: "ada", Program: "main", URL: "javascript:x"}), program.ErrInvalid, "invalid_input"},
	})
}

func TestErrorsOfClicksAndIdentifies(t *testing.T) {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "k1", Partner: "ada", Program: "main"})
	must(err)
	click := func(c affiliate.Click) func(d demo) error {
		return func(d demo) error { _, err := d.RecordClick(d, c); return err }
	}
	identify := func(in affiliate.Identify) func(d demo) error {
		return func(d demo) error { _, err := d.Identify(d, in); return err }
	}
	invalid := affiliate.ErrInvalidInput
	check(t, d, []failing{
		{"a partner without a program", click(affiliate.Click{Partner: "ada"}), invalid, "invalid_input"},
		{"a program without a partner", click(affiliate.Click{Program: "main"}), invalid, "invalid_input"},
		{"an unknown sub", click(affiliate.Click{Sub: map[string]string{"sub31": "x"}}), invalid, "invalid_input"},
		{"an endless id", click(affiliate.Click{ID: strings.Repeat("x", 256)}), invalid, "invalid_input"},
		{"control characters", click(affiliate.Click{Visitor: "a\nb"}), invalid, "invalid_input"},
		{"not UTF-8", click(affiliate.Click{CampaignID: "\xff"}), invalid, "invalid_input"},
		{"endless text", click(affiliate.Click{CampaignID: strings.Repeat("x", 2049)}), invalid, "invalid_input"},
		{"in the future", click(affiliate.Click{At: march(1).Add(6 * time.Minute)}), invalid, "invalid_input"},
		{"before all years", click(affiliate.Click{At: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}), invalid, "invalid_input"},
		{"an unknown link", click(affiliate.Click{Link: "x"}), affiliate.ErrNotFound, "not_found"},
		{"an unknown partner", click(affiliate.Click{Partner: "x", Program: "main"}), affiliate.ErrNotFound, "not_found"},
		{"an unknown program", click(affiliate.Click{Partner: "ada", Program: "x"}), affiliate.ErrNotFound, "not_found"},
		{"the same id for another click", click(affiliate.Click{ID: "k1"}), affiliate.ErrConflict, "duplicate_conflict"},
		{"the same id at another time", click(affiliate.Click{ID: "k1", Partner: "ada", Program: "main", At: march(1).Add(-1)}), affiliate.ErrConflict, "duplicate_conflict"},
		{"an identify of nobody", identify(affiliate.Identify{Visitor: "v"}), invalid, "invalid_input"},
		{"an identify in the future", identify(affiliate.Identify{Customer: "c", At: march(2)}), invalid, "invalid_input"},
		{"a bad alias", identify(affiliate.Identify{Customer: "c", Alias: "\x01guest:in_1"}), invalid, "invalid_input"},
		{"a bad e-mail", identify(affiliate.Identify{Customer: "c", Email: "a\x00@b"}), invalid, "invalid_input"},
	})
}

func TestErrorsOfConversions(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	sale := func(change func(in *affiliate.Conversion)) func(d demo) error {
		return func(d demo) error {
			in := affiliate.Conversion{ID: "in_9", Amount: 100}
			change(&in)
			return errOf(d.RecordConversion(d, in))
		}
	}
	metadata := map[string]string{}
	for i := range 51 {
		metadata[strings.Repeat("k", i+1)] = "v"
	}
	invalid, missing, conflict := affiliate.ErrInvalidInput, affiliate.ErrNotFound, affiliate.ErrConflict
	check(t, d, []failing{
		{"without an id", sale(func(in *affiliate.Conversion) { in.ID = "" }), invalid, "invalid_input"},
		{"a negative amount", sale(func(in *affiliate.Conversion) { in.Amount = -1 }), invalid, "invalid_input"},
		{"an unknown currency", sale(func(in *affiliate.Conversion) { in.Currency = "USD" }), invalid, "invalid_input"},
		{"in the future", sale(func(in *affiliate.Conversion) { in.At = march(2) }), invalid, "invalid_input"},
		{"an unknown sub", sale(func(in *affiliate.Conversion) { in.Sub = map[string]string{"sub0": "x"} }), invalid, "invalid_input"},
		{"too much metadata", sale(func(in *affiliate.Conversion) { in.Metadata = metadata }), invalid, "invalid_input"},
		{"bad metadata", sale(func(in *affiliate.Conversion) { in.Metadata = map[string]string{"a": "\xff"} }), invalid, "invalid_input"},
		{"a guest by another name", sale(func(in *affiliate.Conversion) { in.Customer = "\x01guest:in_1" }), invalid, "invalid_input"},
		{"an unknown program", sale(func(in *affiliate.Conversion) { in.Program = "x" }), missing, "not_found"},
		{"an unknown partner", sale(func(in *affiliate.Conversion) { in.Partner = "x" }), missing, "not_found"},
		{"the same id with another amount", sale(func(in *affiliate.Conversion) { in.ID = "in_1" }), conflict, "duplicate_conflict"},
		{"the same id at another time", func(d demo) error {
			return errOf(d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "cus_in_1", Partner: "ada", Amount: 10_000, At: march(1).Add(-time.Second)}))
		}, conflict, "duplicate_conflict"},
		{"no such conversion", func(d demo) error { _, err := d.Conversion(d, "x"); return err }, missing, "not_found"},
		{"nothing to explain", func(d demo) error { _, err := d.Explain(d, "x"); return err }, missing, "not_found"},
	})
}

func TestErrorsOfReads(t *testing.T) {
	d := newDemo()
	check(t, d, []failing{
		{"commissions of nobody", func(d demo) error { _, err := d.Commissions(d, "x", "", 0); return err }, affiliate.ErrNotFound, "not_found"},
		{"balances of nobody", func(d demo) error { _, err := d.Balances(d, "x", time.Time{}); return err }, affiliate.ErrNotFound, "not_found"},
		{"nobody's next payout", func(d demo) error { _, err := d.NextPayout(d, "x"); return err }, affiliate.ErrNotFound, "not_found"},
		{"nobody's upcoming payouts", func(d demo) error { _, err := d.UpcomingPayouts(d, "x"); return err }, affiliate.ErrNotFound, "not_found"},
		{"a statement of no payout", func(d demo) error { _, err := d.Statement(d, "x"); return err }, affiliate.ErrNotFound, "not_found"},
		{"no payout to move", func(d demo) error { _, err := d.MovePayout(d, "x", payout.Paid, march(1)); return err }, affiliate.ErrNotFound, "not_found"},
	})
}

func TestErrorsOfNew(t *testing.T) {
	_, err := affiliate.New(nil, affiliate.Config{Organization: "a\nb"})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	require.Len(t, affiliate.Problems(err), 2)
}

func TestErrorCodeOfOthers(t *testing.T) {
	require.Empty(t, affiliate.ErrorCode(nil))
	require.Empty(t, affiliate.ErrorCode(errors.New("disk full")))
	require.Equal(t, "invalid_reward", affiliate.ErrorCode(promo.Reward{}.Validate()))
}

// busy is a store in which somebody else is always faster.
type busy struct{ *memory.Store }

func (busy) Commit(_ context.Context, _ string, changes []storage.Change) ([]storage.Outcome, error) {
	return slices.Repeat([]storage.Outcome{storage.Stale}, len(changes)), nil
}

func TestBusy(t *testing.T) {
	d := newDemo()
	other := d.Within(busy{d.store})
	_, err := other.RecordClick(d, affiliate.Click{Partner: "ada", Program: "main"})
	require.ErrorIs(t, err, affiliate.ErrBusy)
	require.Equal(t, "busy", affiliate.ErrorCode(err))
}

// A context that is done ends every call, with its error and no change.
func TestCanceled(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d.Context = ctx
	ref := adasCommission("in_1")
	for name, call := range map[string]func() error{
		"click":      func() error { _, err := d.RecordClick(d, affiliate.Click{}); return err },
		"identify":   func() error { _, err := d.Identify(d, affiliate.Identify{Customer: "c", Email: "a@b"}); return err },
		"conversion": func() error { _, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_2"}); return err },
		"refund": func() error {
			return errOf(d.RecordRefund(d, affiliate.Refund{ID: "r", Conversion: "in_1", All: true}))
		},
		"hold":      func() error { _, err := d.HoldCommission(d, ref, "", march(1)); return err },
		"program":   func() error { return errOf(d.EndProgram(d, "main")) },
		"default":   func() error { return errOf(d.SetDefaultProgram(d, "main", march(1))) },
		"partner":   func() error { return errOf(d.CreatePartner(d, "bob", program.Profile{}, march(1))) },
		"settle":    func() error { _, err := d.Settle(d, 0); return err },
		"notify":    func() error { _, err := d.NotifyEnding(d); return err },
		"payouts":   func() error { _, err := d.RunPayouts(d, affiliate.PayoutRun{}); return err },
		"move":      func() error { _, err := d.MovePayout(d, "x", payout.Paid, march(1)); return err },
		"list":      func() error { _, err := d.Payouts(d, ""); return err },
		"balances":  func() error { _, err := d.Balances(d, "ada", time.Time{}); return err },
		"read":      func() error { _, err := d.Conversion(d, "in_1"); return err },
		"explain":   func() error { _, err := d.Explain(d, "in_1"); return err },
		"page":      func() error { _, err := d.Commissions(d, "ada", "", 0); return err },
		"counts":    func() error { _, err := d.ClickCounts(d, "ada"); return err },
		"next":      func() error { _, err := d.NextPayout(d, "ada"); return err },
		"upcoming":  func() error { _, err := d.UpcomingPayouts(d, "ada"); return err },
		"statement": func() error { _, err := d.Statement(d, "x"); return err },
		"setup":     func() error { _, err := d.Configuration(d); return err },
	} {
		err := call()
		require.ErrorIs(t, err, context.Canceled, name)
		require.ErrorIs(t, err, affiliate.ErrCanceled, name)
		require.Equal(t, "canceled", affiliate.ErrorCode(err), name)
	}
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
