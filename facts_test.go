package affiliate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// clicked records ada's click and says whose it is.
func (d demo) clicked(id, customer string, at time.Time) {
	_, err := d.RecordClick(d, affiliate.Click{ID: id, Partner: "ada", Program: "main", At: at})
	must(err)
	_, err = d.Identify(d, affiliate.Identify{Customer: customer, Click: id, At: at})
	must(err)
}

// The same facts again are duplicates and change nothing, with their times or
// with the ones that were left out.
func TestRedelivery(t *testing.T) {
	for name, at := range map[string]time.Time{"dated": march(1), "undated": {}} {
		t.Run(name, func(t *testing.T) {
			d := newDemo()
			tell := func() (duplicates []bool) {
				click, err := d.RecordClick(d, affiliate.Click{ID: "k1", At: at, Partner: "ada", Program: "main", Sub: map[string]string{"sub1": "", "sub2": "x"}})
				require.NoError(t, err)
				who, err := d.Identify(d, affiliate.Identify{Customer: "c1", Click: "k1", At: at})
				require.NoError(t, err)
				sold, err := d.RecordConversion(d, affiliate.Conversion{
					ID: "in_1", Customer: "c1", Amount: 10_000, At: at, Metadata: map[string]string{"plan": "pro", "note": ""},
				})
				require.NoError(t, err)
				require.Equal(t, "ada", sold.Credits[0].Partner)
				require.Len(t, sold.Commissions, 1)
				refund, err := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 10, At: at})
				require.NoError(t, err)
				failure, err := d.FailRefund(d, "re_1", "in_1", at)
				require.NoError(t, err)
				dispute, err := d.RecordDispute(d, affiliate.Dispute{ID: "dp_1", Conversion: "in_1", All: true, Status: commission.DisputeOpen, At: at})
				require.NoError(t, err)
				return []bool{click.Duplicate, who.Duplicate, sold.Duplicate, refund.Duplicate, failure.Duplicate, dispute.Duplicate}
			}
			require.Equal(t, make([]bool, 6), tell())
			before := rowsOf(t, d.store)
			if at.IsZero() {
				d.clock.Advance(time.Hour)
			}
			require.Equal(t, []bool{true, true, true, true, true, true}, tell())
			require.Equal(t, before, rowsOf(t, d.store))
		})
	}
}

func TestRedeliveryOfSetup(t *testing.T) {
	d := newDemo()
	tell := func() {
		require.NoError(t, errOf(d.CreateProgram(d, "shop", program.SettingsChange{DestinationURL: home(), Rules: percentRule("5")}, march(1))))
		require.NoError(t, errOf(d.EditProgram(d, "shop", program.SettingsChange{WindowDays: pointer(9)}, march(1))))
		require.NoError(t, errOf(d.CreatePartner(d, "bob", program.Profile{Email: pointer("bob@acme.test")}, march(1))))
		require.NoError(t, errOf(d.ApprovePartnership(d, "bob", "main", march(1))))
		require.NoError(t, errOf(d.ApprovePartnership(d, "bob", "main", march(9))), "a second approval changes nothing")
		require.NoError(t, errOf(d.OverrideTerms(d, "bob", "main", program.TermsChange{HoldbackDays: pointer(1)}, march(1))))
		require.NoError(t, errOf(d.SuspendPartner(d, "bob", march(1))))
		require.NoError(t, errOf(d.AddCode(d, affiliate.Code{Code: "BOB10", Partner: "bob", EffectiveAt: march(1)})))
		require.NoError(t, errOf(d.AddLink(d, affiliate.Link{Key: "bob", Partner: "bob", Program: "main", EffectiveAt: march(1)})))
	}
	tell()
	before := rowsOf(t, d.store)
	tell()
	require.Equal(t, before, rowsOf(t, d.store))
}

// A conversion that carries a click id or a referral code is stitched first.
func TestStitching(t *testing.T) {
	d := newDemo()
	must(d.AddLink(d, affiliate.Link{Key: "ada-blog", Partner: "ada", Program: "main"}))
	_, err := d.RecordClick(d, affiliate.Click{ID: "k1", Link: "ada-blog", Visitor: "v1"})
	must(err)
	for _, c := range []struct {
		name string
		in   affiliate.Conversion
		want bool
	}{
		{"a click id", affiliate.Conversion{ID: "1", Customer: "c1", Click: "k1"}, true},
		{"a click id of a guest", affiliate.Conversion{ID: "2", Click: "k1"}, true},
		{"an unknown click id", affiliate.Conversion{ID: "3", Customer: "c3", Click: "k9"}, false},
		{"a referral code", affiliate.Conversion{ID: "4", Customer: "c4", Referral: "ada-blog"}, true},
		{"a referral code of a guest", affiliate.Conversion{ID: "5", Referral: "ada-blog"}, true},
		{"an unknown referral code", affiliate.Conversion{ID: "6", Referral: "nobody"}, false},
		{"a guest without anything", affiliate.Conversion{ID: "7"}, false},
		{"a guest is nobody else", affiliate.Conversion{ID: "8"}, false},
	} {
		c.in.Amount = 100
		res, err := d.RecordConversion(d, c.in)
		require.NoError(t, err, c.name)
		require.Equal(t, c.want, res.Attributed, c.name)
	}
	_, err = d.RecordClick(d, affiliate.Click{ID: "k9", Partner: "ada", Program: "main"})
	must(err)
	res, err := d.Conversion(d, "3")
	must(err)
	require.True(t, res.Attributed, "attributed later, when the click comes")
	x, err := d.Explain(d, "5")
	must(err)
	require.Empty(t, x.Customer)
	require.Equal(t, "referral:5", x.How.Touches[0].Click)
}

// Joining two customers decides both as one, whatever came first.
func TestAliasJoins(t *testing.T) {
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{}, affiliate.Always()))
	must(d.ApprovePartnership(d, "bob", "main", affiliate.Always()))
	d.clock.Set(march(20))
	d.clicked("k1", "user_1", march(2))
	sell := func(id, customer string, day int, partner string) {
		_, err := d.RecordConversion(d, affiliate.Conversion{ID: id, Customer: customer, Amount: 100, At: march(day), Partner: partner})
		must(err)
	}
	sell("in_1", "user_1", 3, "")
	sell("in_2", "cus_1", 4, "bob")
	sell("in_3", "cus_1", 5, "")
	require.Equal(t, "bob", d.partnerOf("in_3"))
	_, err := d.Identify(d, affiliate.Identify{Customer: "cus_1", Alias: "user_1", At: march(19)})
	must(err)
	require.Equal(t, "ada", d.partnerOf("in_3"), "the first conversion of the one customer set the binding")
	sell("in_4", "user_1", 6, "")
	sell("in_5", "cus_1", 7, "")
	require.Equal(t, "ada", d.partnerOf("in_4"))
	require.Equal(t, "ada", d.partnerOf("in_5"))
	x, err := d.Explain(d, "in_5")
	must(err)
	require.Equal(t, []string{"cus_1", "user_1"}, x.Customer)
}

func (d demo) partnerOf(conversion string) string {
	res, err := d.Conversion(d, conversion)
	must(err)
	if len(res.Credits) == 0 {
		return ""
	}
	return res.Credits[0].Partner
}

// E-mails are compared in any spelling and whatever their time, and are not
// among the facts of customers.
func TestSelfReferralByEmail(t *testing.T) {
	d := newDemo()
	must(d.EditPartner(d, "ada", program.Profile{Email: pointer(" Ada@Acme.test")}, affiliate.Always()))
	d.clock.Set(march(20))
	d.clicked("k1", "c1", march(2))
	_, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "c1", Amount: 100, At: march(3)})
	must(err)
	require.Equal(t, "ada", d.partnerOf("in_1"))
	_, err = d.Identify(d, affiliate.Identify{Customer: "c1", Email: "ADA+shop@acme.test"})
	must(err)
	res, err := d.Conversion(d, "in_1")
	must(err)
	require.Equal(t, attribution.SelfReferral, res.Reason)
	require.NotContains(t, strings.ToLower(rowsOf(t, d.store)), "ada+shop")
	balances, err := d.Balances(d, "ada", time.Time{})
	must(err)
	require.Zero(t, balances[0].Payable+balances[0].Pending)
}

// Pending until the holdback is over, then payable, in a payout, paid.
func TestStatusOfACommission(t *testing.T) {
	d := newDemo()
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{HoldbackDays: pointer(30)}, march(1)))
	d.sell("in_1")
	require.Equal(t, commission.StatusPending, d.standing("in_1").Status)
	require.Equal(t, march(31), d.standing("in_1").PayableAt)
	d.clock.Set(march(31).Add(-1))
	require.Equal(t, commission.StatusPending, d.standing("in_1").Status)
	d.clock.Set(march(31))
	require.Equal(t, commission.StatusPayable, d.standing("in_1").Status)
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{At: march(40)})
	must(err)
	require.Equal(t, commission.StatusInPayout, d.standing("in_1").Status)
	_, err = d.MovePayout(d, issued[0].ID, payout.Processing, time.Time{})
	must(err)
	require.Equal(t, commission.StatusInPayout, d.standing("in_1").Status)
	_, err = d.MovePayout(d, issued[0].ID, payout.Paid, time.Time{})
	must(err)
	require.Equal(t, commission.StatusPaid, d.standing("in_1").Status)

	d.clock.Set(march(45))
	_, err = d.RejectCommission(d, adasCommission("in_1"), "fraud", time.Time{})
	must(err)
	require.Equal(t, commission.StatusRejected, d.standing("in_1").Status)
	balances, err := d.Balances(d, "ada", time.Time{})
	must(err)
	require.EqualValues(t, -2000, balances[0].Payable, "a reversal of something paid makes the balance negative")
	require.EqualValues(t, 2000, balances[0].Paid)
	d.sell("in_2")
	d.clock.Set(march(95))
	issued, err = d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	require.Empty(t, issued, "later earnings fill it first")
}

// What is held is in no payout until it is released.
func TestHeldCommissionIsNotPaid(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	d.sell("in_2")
	_, err := d.HoldCommission(d, adasCommission("in_1"), "to check", time.Time{})
	must(err)
	d.clock.Set(march(40))
	issued, err := d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	require.EqualValues(t, 2000, issued[0].Amount)
	_, err = d.ReleaseCommission(d, adasCommission("in_1"), time.Time{})
	must(err)
	d.clock.Set(march(70))
	issued, err = d.RunPayouts(d, affiliate.PayoutRun{})
	must(err)
	require.EqualValues(t, 2000, issued[0].Amount)
}

// Whoever explains a commission can say who reviewed it, when and why; a review
// that is sent again by somebody else stays whose it was.
func TestReviewsAreExplainedWithReasonActorAndTime(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	d.clock.Set(march(2))
	_, err := d.HoldCommission(affiliate.WithActor(d, "owner_7"), adasCommission("in_1"), "unusually large", time.Time{})
	must(err)
	again, err := d.HoldCommission(affiliate.WithActor(d, "owner_8"), adasCommission("in_1"), "unusually large", march(2))
	must(err)
	require.True(t, again.Duplicate)
	d.clock.Set(march(3))
	_, err = d.ReleaseCommission(affiliate.WithActor(d, "owner_8"), adasCommission("in_1"), time.Time{})
	must(err)
	d.clock.Set(march(4))
	_, err = d.RejectCommission(d, adasCommission("in_1"), "fraud", time.Time{})
	must(err)
	x, err := d.Explain(d, "in_1")
	must(err)
	type review struct {
		kind       commission.FactKind
		by, reason string
		at         time.Time
	}
	var got []review
	for _, f := range x.Commissions[0].Reviews {
		got = append(got, review{f.Kind, f.By, f.Reason, f.At})
	}
	require.Equal(t, []review{
		{commission.Hold, "owner_7", "unusually large", march(2)}, {commission.Release, "owner_8", "", march(3)}, {commission.Reject, "", "fraud", march(4)},
	}, got)
	_, err = d.HoldCommission(affiliate.WithActor(d, "a\nb"), adasCommission("in_1"), "", march(4))
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	require.Equal(t, "by", affiliate.Problems(err)[0].Field)
}
