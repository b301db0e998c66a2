package affiliate_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// hidden are ids that look like others: with characters that show nothing or turn
// the direction of what follows.
var hidden = []string{"a\u200bb", "a\u200fb", "a\u202eb", "a\u2060b", "a\u2066b", "\ufeffa", "a\u061cb", "a\u00adb", "a\nb", "a\x00b", "a\xffb", "a\u2028b", "a\u0085b"}

// badInput is a call with invalid fields.
type badInput struct {
	call   func(d demo, id string) error // with an id to try
	fields []string
}

// never is later than any time that may be given.
var never = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)

// badInputs are invalid inputs of every method that can be given any. An id that is
// hidden is never valid.
func badInputs() map[string][]badInput {
	all := map[string][]badInput{}
	for _, some := range []map[string][]badInput{badSettings(), badCodes(), badTracking(), badFacts(), badRuns()} {
		maps.Copy(all, some)
	}
	return all
}

func badSettings() map[string][]badInput {
	terms := program.TermsChange{Rules: percentRule("twenty")}
	rules := program.SettingsChange{DestinationURL: home(), Rules: percentRule("20")}
	return map[string][]badInput{
		"CreateProgram": {
			{func(d demo, id string) error { return errOf(d.CreateProgram(d, id, rules, march(1))) }, []string{"id"}},
			{func(d demo, _ string) error { return errOf(d.CreateProgram(d, "x", rules, never)) }, []string{"at"}},
			{func(d demo, id string) error {
				s := program.SettingsChange{DestinationURL: home(), Reward: promo.Reward{Kind: promo.PercentOff, Percent: 101, Span: promo.EveryInvoice}.Change(), Rules: []commission.Rule{
					{ID: id, Trigger: commission.Every, Type: commission.Percent, Value: "20"},
				}}
				return errOf(d.CreateProgram(d, "x", s, march(1)))
			}, []string{"rules[0].id", "reward.percent"}},
		},
		"EditProgram": {
			{func(d demo, _ string) error {
				return errOf(d.EditProgram(d, "main", program.SettingsChange{Rules: percentRule("-1"), Name: pointer("\xff"), Title: pointer("\x00")}, march(1)))
			}, []string{"name", "title", "rules[0].value"}},
		},
		"SetDefaultProgram": {{func(d demo, _ string) error { return errOf(d.SetDefaultProgram(d, "main", never)) }, []string{"at"}}},
		"CreatePartner": {
			{func(d demo, id string) error { return errOf(d.CreatePartner(d, id, program.Profile{}, march(1))) }, []string{"id"}},
			{func(d demo, id string) error {
				return errOf(d.CreatePartner(d, id, program.Profile{Payout: &payout.ScheduleChange{Hour: pointer(24)}, Match: &[]attribution.Condition{{Field: "x", Op: "is", Value: "\n"}}}, march(1)))
			}, []string{"id", "match[0].field", "match[0].op", "match[0].value", "hour"}},
		},
		"EditPartner": {{func(d demo, _ string) error {
			return errOf(d.EditPartner(d, "ada", program.Profile{Name: pointer("\xff"), Email: pointer("\x00")}, march(1)))
		}, []string{"name", "email"}}},
		"ApprovePartnership": {{func(d demo, _ string) error { return errOf(d.ApprovePartnership(d, "bob", "main", never)) }, []string{"at"}}},
		"SuspendPartner":     {{func(d demo, _ string) error { return errOf(d.SuspendPartner(d, "ada", never)) }, []string{"at"}}},
		"ReinstatePartner":   {{func(d demo, _ string) error { return errOf(d.ReinstatePartner(d, "ada", never)) }, []string{"at"}}},
		"RevokePartnership":  {{func(d demo, _ string) error { return errOf(d.RevokePartnership(d, "ada", "main", never)) }, []string{"at"}}},
		"AdoptTerms":         {{func(d demo, _ string) error { return errOf(d.AdoptTerms(d, "main", []string{"ada"}, never)) }, []string{"at"}}},
		"SuspendPartnership": {{func(d demo, _ string) error { return errOf(d.SuspendPartnership(d, "ada", "main", never)) }, []string{"at"}}},
		"ReinstatePartnership": {{func(d demo, _ string) error {
			return errOf(d.ReinstatePartnership(d, "ada", "main", never))
		}, []string{"at"}}},
		"OverrideTerms": {{func(d demo, _ string) error { return errOf(d.OverrideTerms(d, "ada", "main", terms, march(1))) }, []string{"rules[0].value"}}},
		"ClearOverride": {{func(d demo, _ string) error { return errOf(d.ClearOverride(d, "ada", "main", never)) }, []string{"at"}}},
	}
}

func badCodes() map[string][]badInput {
	return map[string][]badInput{
		"AddCode": {
			{func(d demo, id string) error { return errOf(d.AddCode(d, affiliate.Code{Code: id, Partner: "ada"})) }, []string{"code"}},
			{func(d demo, _ string) error {
				return errOf(d.AddCode(d, affiliate.Code{Code: "ADA10", Partner: "ada", EffectiveAt: never}))
			}, []string{"at"}},
		},
		"RetireCode": {{func(d demo, _ string) error { return errOf(d.RetireCode(d, "ADA10", never)) }, []string{"at"}}},
		"AddLink": {
			{func(d demo, id string) error {
				return errOf(d.AddLink(d, affiliate.Link{Key: id, Partner: "ada", Program: "main"}))
			}, []string{"key"}},
			{func(d demo, _ string) error {
				return errOf(d.AddLink(d, affiliate.Link{Key: "x", Partner: "ada", Program: "main", URL: "javascript:1"}))
			}, []string{"url"}},
		},
	}
}

func badTracking() map[string][]badInput {
	return map[string][]badInput{
		"RecordClick": {
			{func(d demo, id string) error { return errOf(d.RecordClick(d, affiliate.Click{ID: id, Visitor: id})) }, []string{"id", "visitor"}},
			{func(d demo, _ string) error {
				return errOf(d.RecordClick(d, affiliate.Click{Partner: "ada", Sub: map[string]string{"sub31": "x", "sub1": "\n"}, At: never}))
			}, []string{"sub.sub1", "sub", "at", "partner"}},
		},
		"RecordLateClick": {{func(d demo, id string) error {
			return errOf(d.RecordLateClick(d, affiliate.Click{ID: id, Visitor: id}))
		}, []string{"id", "visitor"}}},
		"RecordClicks":  {{func(d demo, id string) error { return errOf(d.RecordClicks(d, []affiliate.Click{{}, {ID: id}})) }, []string{"id"}}},
		"EraseCustomer": {{func(d demo, id string) error { return errOf(d.EraseCustomer(d, id)) }, []string{"customer"}}},
		"Identify": {{func(d demo, id string) error {
			return errOf(d.Identify(d, affiliate.Identify{Customer: id, Visitor: id, Click: id, Alias: id, Email: "\n", At: never}))
		}, []string{"customer", "visitor", "click", "alias", "email", "at"}}},
		"RecordClaim": {{func(d demo, id string) error {
			return errOf(d.RecordClaim(d, affiliate.Claim{Customer: id, Click: id, Visitor: id, Referral: id, Email: "\n", At: never, ClickAt: never}))
		}, []string{"customer", "click", "visitor", "referral", "email", "at", "clickAt"}}},
		"RecordLead": {{func(d demo, id string) error {
			return errOf(d.RecordLead(d, affiliate.Lead{Customer: id, Click: id, Visitor: id, Email: "\n", At: never}))
		}, []string{"customer", "click", "visitor", "email", "at"}}},
		"RecordConversion": {{func(d demo, id string) error {
			_, err := d.RecordConversion(d, affiliate.Conversion{
				ID: id, Type: id, Customer: id, Amount: -1, Currency: "xxy", At: never, Program: id, PromoCode: id, Referral: id,
				Click: id, Partner: id, CampaignID: "\n", Metadata: map[string]string{"k": "\xff"},
			})
			return err
		}, []string{"id", "type", "customer", "amount", "currency", "at", "program", "promoCode", "referral", "click", "partner", "campaignId", "metadata"}}},
	}
}

func badFacts() map[string][]badInput {
	ref := func(id string) affiliate.CommissionRef {
		return affiliate.CommissionRef{Conversion: id, Partner: id, Program: id, Rule: id}
	}
	refFields := []string{"conversion", "partner", "program", "rule"}
	return map[string][]badInput{
		"RecordRefund": {{func(d demo, id string) error {
			return errOf(d.RecordRefund(d, affiliate.Refund{ID: id, Conversion: id, At: never}))
		}, []string{"id", "conversion", "at", "amount"}}},
		"PostAdjustment": {{func(d demo, id string) error {
			return errOf(d.PostAdjustment(d, affiliate.NewAdjustment{ID: id, Partner: id, Currency: "xxy", At: never}))
		}, []string{"id", "partner", "currency", "amount", "reason", "at"}}},
		"FailRefund": {{func(d demo, id string) error { _, err := d.FailRefund(d, id, id, never); return err }, []string{"id", "conversion", "at"}}},
		"RecordDispute": {{func(d demo, id string) error {
			return errOf(d.RecordDispute(d, affiliate.Dispute{ID: id, Conversion: id, Status: "closed", At: never}))
		}, []string{"id", "conversion", "at", "amount", "status"}}},
		"AmendConversion":   {{func(d demo, id string) error { _, err := d.AmendConversion(d, id, -1, never); return err }, []string{"conversion", "amount", "at"}}},
		"RejectCommission":  {{func(d demo, id string) error { return errOf(d.RejectCommission(d, ref(id), "\n", never)) }, append(slices.Clone(refFields), "reason", "at")}},
		"HoldCommission":    {{func(d demo, id string) error { return errOf(d.HoldCommission(d, ref(id), "", march(1))) }, refFields}},
		"ReleaseCommission": {{func(d demo, id string) error { return errOf(d.ReleaseCommission(d, ref(id), march(1))) }, refFields}},
	}
}

func badRuns() map[string][]badInput {
	return map[string][]badInput{
		"Atomically": {{func(d demo, id string) error {
			return d.Atomically(d, func(b *affiliate.Tx) error { return b.PutDocument(id, []byte("{")) })
		}, []string{"key", "data"}}},
		"RunPayouts": {{func(d demo, _ string) error { _, err := d.RunPayouts(d, affiliate.PayoutRun{At: never}); return err }, []string{"at"}}},
		"MovePayout": {
			{func(d demo, id string) error { return errOf(d.MovePayout(d, "po", payout.Status(id), march(1))) }, []string{"status"}},
			{func(d demo, _ string) error { _, err := d.MovePayout(d, "po", payout.Paid, never); return err }, []string{"at"}},
		},
		"Commissions": {{func(d demo, id string) error { _, err := d.Commissions(d, "ada", id, 0); return err }, []string{"after"}}},
		"Stats": {{func(d demo, id string) error {
			_, err := d.Stats(d, affiliate.StatsQuery{By: affiliate.StatsKey(id)})
			return err
		}, []string{"by"}}},
		"PurgeClicks": {{func(d demo, _ string) error { return errOf(d.PurgeClicks(d, affiliate.Purge{Before: never})) }, []string{"before"}}},
	}
}

// harmless are the methods whose input is either there or not found.
var harmless = []string{
	"AcceptClaim", "Adjustments", "AppliesRewards", "Backlog", "Balances", "Click", "ClickCounts", "CodeRewards", "Commits", "Conversion", "Conversions", "Customer", "CustomerClicks", "Customers", "Deliver", "Document",
	"EndProgram", "Explain", "GrantProgram", "ListCommissions", "NextPayout", "Now",
	"NotifyEnding", "Organization", "Payout", "Payouts", "Settle", "Configuration", "Statement", "UpcomingPayouts", "Within",
}

// Every invalid input is refused with each field that is wrong, and changes nothing.
func TestEveryInvalidInputNamesItsFields(t *testing.T) {
	table := badInputs()
	engine := reflect.TypeFor[*affiliate.Engine]()
	for i := range engine.NumMethod() {
		name := engine.Method(i).Name
		if _, ok := table[name]; !ok {
			require.Contains(t, harmless, name, "has no invalid input in the table")
		}
	}
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{}, affiliate.Always()))
	must(d.AddCode(d, affiliate.Code{Code: "ADA10", Partner: "ada"}))
	_, err := d.Settle(d, 0)
	require.NoError(t, err)
	before := rowsOf(t, d.store)
	for name, inputs := range table {
		for _, in := range inputs {
			for _, id := range hidden {
				err := in.call(d, id)
				require.Error(t, err, name)
				require.NotEmpty(t, affiliate.ErrorCode(err), "%s: %v", name, err)
				require.ElementsMatch(t, in.fields, fieldsOf(err), "%s with %q: %v", name, id, err)
				for _, p := range affiliate.Problems(err) {
					require.NotEmpty(t, p.Message, name)
				}
			}
		}
	}
	require.Equal(t, before, rowsOf(t, d.store), "nothing is changed")
	for _, id := range hidden {
		require.False(t, program.ValidID(id), "%q", id)
	}
	require.True(t, program.ValidID("Zoë_李-1 €"))
}
