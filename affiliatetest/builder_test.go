package affiliatetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// share is a small offer with one partner whose click is known.
func share() *affiliatetest.Builder {
	b := affiliatetest.NewScenario("a fifth")
	b.Program("main", percentOf("rev", "invoice_paid", "20"))
	b.Partner("ada").Code("ADA10")
	return b.At("2026-05-01").Click("c1", "ada").Customer("cus_1").Builder
}

func TestBuilderRunsAStory(t *testing.T) {
	t.Parallel()
	share().
		At("2026-05-02T10:00:00+02:00").Sale("in_1", "cus_1", 4900).
		Sale("in_2", "cus_2", 1000).Code("ada10").
		Sale("in_3", "cus_3", 1000).
		ExpectCommission("in_1", "ada", "rev", 980).
		ExpectCommission("in_2", "ada", "rev", 200).
		ExpectUnattributed("in_3").
		ExpectBalance(affiliatetest.ExpectedBalance{Partner: "ada", Payable: 1180}).
		ExpectNoPayouts().
		At("2026-06-01").PayoutRun().PayoutStatus("ada", payout.Processing).
		ExpectPayout("ada", 1180, payout.Processing).
		At("2026-06-02").Refund("re_1", "in_1", 4901).Fails(affiliate.ErrOverRefund).
		RefundAll("re_2", "in_1").
		PayoutStatus("ada", payout.Paid).
		ExpectCommission("in_2", "ada", "rev", 200).
		ExpectBalance(affiliatetest.ExpectedBalance{Partner: "ada", Payable: -980, Paid: 1180}).
		Run(t)
}

// TestBuilderSaysWhatAFileSays tells a story with every call, marshals it, and
// reads it back as a scenario file.
func TestBuilderSaysWhatAFileSays(t *testing.T) {
	t.Parallel()
	b := everything()
	built, err := b.Build()
	require.NoError(t, err)
	data, err := json.Marshal(built)
	require.NoError(t, err)
	read, err := affiliatetest.Parse("built", data)
	require.NoError(t, err, string(data))
	reread, err := json.Marshal(read)
	require.NoError(t, err)
	assert.JSONEq(t, string(data), string(reread))

	b.Run(t)
	for seed := range uint64(3) {
		shuffled := built
		shuffled.Steps = affiliatetest.Shuffle(built.Steps, seed)
		run(t, shuffled)
	}
	again, err := b.Build()
	require.NoError(t, err)
	data, err = json.Marshal(again)
	require.NoError(t, err)
	assert.JSONEq(t, string(reread), string(data), "running changes nothing")
}

// percentOf is a rule that pays a percentage of each conversion of an event type.
func percentOf(id, eventType, value string) commission.Rule {
	return commission.Rule{ID: id, Trigger: commission.Every, EventType: eventType, Type: commission.Percent, Value: value}
}

func offers(b *affiliatetest.Builder) {
	b.Program("pro", commission.Rule{
		ID: "first_signup", Trigger: commission.First, EventType: "signup", Type: commission.Fixed, Value: "5000", Currency: "eur",
	}).Starts("2026-02-01").Ends("2027-01-01")
	b.Program("main",
		percentOf("base", "", "10"),
		commission.Rule{
			ID: "subsequent_invoice_paid", Trigger: commission.Subsequent, EventType: "invoice_paid", Type: commission.Percent, Value: "5",
			Recurring: true, Months: 6,
			Tiers: &commission.Tiers{Metric: commission.Conversions, Period: commission.PerMonth, Thresholds: []commission.Threshold{{At: 2, Value: "6"}}},
		},
	).Currency("eur").TimeZone("Europe/Berlin").Model(attribution.Linear).Window(30).
		Methods(attribution.Clicks, attribution.Promo, attribution.Match).Binding(attribution.Sticky).Holdback(10).PartnerCodes(true)
}

func everything() *affiliatetest.Builder {
	b := affiliatetest.NewScenario("everything").Organization("acme").DefaultProgram("main")
	offers(b)
	b.Partner("ada").Email("ada@partners.test").Programs("main", "pro").Code("ADA10").CodeOn("ADAPRO", "pro").
		PaidOut(payout.Schedule{Cadence: payout.Monthly, Day: 1})
	b.Partner("bob").Programs().Match("sub2", attribution.Equals, "bob")
	b.At("2026-03-01").Approve("bob", "main").
		Click("c1", "ada").Visitor("v1").Campaign("spring").Sub("sub1", "x").
		Click("c2", "ada").On("pro").Customer("cus_2").
		Click("c3", "bob").Visitor("v1").Flag("bot").
		Click("c4", "").Customer("cus_3").Sub("sub2", "bob").
		Identify("cus_1").Visitor("v1").Email("kim@customers.test").Alias("user_1").
		Identify("cus_1").FromClick("c1").
		At("2026-03-02").Sale("in_1", "user_1", 10000).
		Sale("in_2", "cus_1", 10000).
		Conversion("sg_1", "signup", "cus_2").On("pro").
		Conversion("in_3", "invoice_paid", "cus_3").Amount(2000).Currency("usd").Campaign("x").Sub("sub3", "y").
		Sale("in_4", "cus_4", 1000).CreditTo("bob").
		Sale("in_5", "", 1000).FromClick("c1").
		Sale("in_6", "cus_6", 1000).Code("ADA10")
	b.At("2026-03-03").Refund("re_1", "in_1", 5000).
		Dispute("dp_1", "in_2", 5000, commission.DisputeOpen).
		DisputeAll("dp_2", "in_4", commission.DisputeLost)
	b.At("2026-03-04").AddCode("EXTRA", "ada", "").AddCodeByPartner("OWN-ADA", "ada", "main").RetireCode("EXTRA").
		EditProgram("main", percentOf("base", "", "1")).Holdback(0).
		Override("bob", "main", percentOf("deal", "", "50")).Holdback(5).
		AddCode("EXTRA", "bob", "main").Fails(affiliate.ErrCodeTaken)
	b.At("2026-03-05").ClearOverride("bob", "main").Suspend("bob").Reinstate("bob").
		EditProgram("pro").NoStart().NoEnd().
		EditPartner("bob").Email("bob@partners.test").Match("sub3", attribution.Equals, "bob").NoMatch().
		EditPartner("ada").PaidOut(payout.ScheduleChange{Remove: []string{"minimum"}}).
		RefundAll("re_3", "in_6").RefundFailed("re_3").Amend("in_6", 1000).
		Hold("in_6", "ada", "base", "odd").Release("in_6", "ada", "base").
		Reject("in_6", "bob", "base", "not bob's").Fails(affiliate.ErrNotFound)
	b.AtTime(time.Date(2026, 3, 6, 0, 0, 0, 0, time.UTC)).
		ExpectUnattributed().
		ExpectCommission("in_1", "ada", "base", 500).
		ExpectCommission("in_2", "ada", "base", 500).
		ExpectCommission("in_2", "ada", "subsequent_invoice_paid", 250).
		ExpectCommission("sg_1", "ada", "first_signup", 5000).
		ExpectCommission("in_3", "bob", "base", 200).
		ExpectCommission("in_5", "ada", "base", 100).
		ExpectCommission("in_6", "ada", "base", 100).
		Expect(affiliatetest.Expect{Balances: &[]affiliatetest.ExpectedBalance{{Partner: "bob", Currency: "usd", Pending: 200}}}).
		ExpectBalance(affiliatetest.ExpectedBalance{Partner: "ada", Pending: 1450, Payable: 5000})
	return b.At("2026-04-01").PayoutRun().ExpectPayout("ada", 6450, payout.Issued).
		Expect(affiliatetest.Expect{Payouts: &[]affiliatetest.ExpectedPayout{
			{Partner: "bob", Currency: "usd", Amount: 200, Status: payout.Issued},
		}}).
		PayoutStatus("ada", payout.Failed).
		Step(affiliatetest.Step{Click: &affiliatetest.Click{Partner: "ada"}})
}

func TestBuilderCollectsMistakes(t *testing.T) {
	t.Parallel()
	b := affiliatetest.NewScenario("wrong").Sale("in_0", "cus_1", 1).
		At("yesterday").
		At("2026-01-01").Fails(affiliate.ErrConflict).
		Click("c1", "ada").Fails(errors.New("mine")).
		Step(affiliatetest.Step{})
	_, err := b.Build()
	require.ErrorIs(t, err, affiliatetest.ErrScenario)
	for _, want := range []string{
		"wrong: builder_test.go:", "a time is needed first", `At: "yesterday" is neither a date nor RFC 3339`,
		"Fails: there is no step", "Fails: mine is no error of package affiliate", "exactly one thing, not 0", "needs a program",
	} {
		require.ErrorContains(t, err, want)
	}

	_, err = share().ExpectCommission("in_1", "ada", "revenue", 1).Build()
	require.ErrorContains(t, err, `no program has a rule "revenue"`)
	b = share()
	b.Program("p").Ends("never")
	_, err = b.Build()
	require.ErrorContains(t, err, `Ends: "never"`)
}

// recorder is a test that notes what it is told.
type recorder struct {
	testing.TB
	text   strings.Builder
	failed bool
}

func (*recorder) Helper() {}

func (*recorder) Context() context.Context { return context.Background() }

func (r *recorder) Errorf(format string, args ...any) {
	r.failed = true
	fmt.Fprintf(&r.text, format+"\n", args...)
}

func (r *recorder) Logf(format string, args ...any) { fmt.Fprintf(&r.text, format+"\n", args...) }

func (r *recorder) Fatal(args ...any) {
	r.Errorf("%s", fmt.Sprint(args...))
	panic(r)
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	panic(r)
}

func TestBuilderReportsDifferences(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	share().
		At("2026-05-02").Sale("in_1", "cus_1", 4900).Sale("in_2", "cus_2", 100).Refund("re_1", "in_1", 5000).
		ExpectCommission("in_1", "ada", "rev", 981).ExpectUnattributed("in_9").
		RunOn(r, memory.New())
	text := r.text.String()
	require.True(t, r.failed)
	for _, want := range []string{
		"a fifth: builder_test.go:", ": unexpected error over_refund", `: commission missing: {"conversion":"in_1"`,
		`"amount":981}`, `: commission unexpected: {"conversion":"in_1"`, `: unattributed missing: "in_9"`, `: unattributed unexpected: "in_2"`,
		"980 -> 980 minor units", "unattributed no_touch",
	} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "step ")

	r = &recorder{}
	share().At("2026-05-02").Sale("in_1", "cus_1", 4900).ExpectNoBalances().ExpectNoCommissions().Run(r)
	assert.Contains(t, r.text.String(), "balance unexpected")
	assert.Contains(t, r.text.String(), "rev pays ada on main: 9.80 USD")
}

func TestBuilderEndsATestThatCannotRun(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	assert.Panics(t, func() { affiliatetest.NewScenario("empty").Run(r) })
	assert.Contains(t, r.text.String(), "needs a program")
	r = &recorder{}
	assert.Panics(t, func() {
		affiliatetest.NewScenario("too much").Program("main", percentOf("base", "", "101")).Run(r)
	})
	assert.Contains(t, r.text.String(), "rules[0].value")
}
