package affiliate_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// An edit that arrives late decides again everybody with a conversion at or
// after it, many as they may be, and nobody before.
func TestLateEditReachesAll(t *testing.T) {
	d := newDemo()
	d.clock.Set(march(40))
	const customers = 130
	for i := range customers {
		id := fmt.Sprintf("in_%03d", i)
		_, err := d.RecordConversion(d, affiliate.Conversion{ID: id, Customer: "c" + id, Partner: "ada", Amount: 10_000, At: march(1 + i%10)})
		must(err)
	}
	_, err := d.Settle(d, 0)
	must(err)
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{Rules: percentRule("30")}, march(6)))
	for more := true; more; {
		res, err := d.Settle(d, 0)
		must(err)
		more = res.Left > 0
		require.Positive(t, res.Commits)
	}
	before, since := 0, 0
	for after, more := "", true; more; {
		page, err := d.Commissions(d, "ada", after, 50)
		must(err)
		for _, c := range page.Commissions {
			if c.At.Before(march(6)) {
				require.EqualValues(t, 2000, c.Amount)
				before++
			} else {
				require.EqualValues(t, 3000, c.Amount)
				since++
			}
		}
		after, more = page.Next, page.Next != ""
	}
	require.Equal(t, []int{65, 65}, []int{before, since})
	res, err := d.Settle(d, 0)
	must(err)
	require.Zero(t, res.Commits, "there is nothing left to do")
	problems, err := affiliatetest.Verify(d, d.store, d.Organization())
	must(err)
	require.Empty(t, problems)
}

// Every balance that is read includes what is not settled yet, tiers too.
func TestReadsSettle(t *testing.T) {
	d := newDemo()
	tiered := percentRule("10")
	tiered[0].Tiers = &commission.Tiers{Metric: commission.Conversions, Period: commission.PerMonth, Thresholds: []commission.Threshold{{At: 3, Value: "20"}}}
	must(d.OverrideTerms(d, "ada", "main", program.TermsChange{Rules: tiered}, affiliate.Always()))
	payable := func() int64 {
		balances, err := d.Balances(d, "ada", time.Time{})
		must(err)
		return balances[0].Payable
	}
	d.sell("in_1")
	d.sell("in_2")
	require.EqualValues(t, 2000, payable())
	d.sell("in_3")
	require.EqualValues(t, 6000, payable(), "applies to all of the period")
	x, err := d.Explain(d, "in_1")
	must(err)
	require.Equal(t, commission.Tier{Value: "20", Reached: 3, Adjustment: 1000}, x.Commissions[0].Tier)
	require.Len(t, x.Commissions[0].Posted, 2)
	require.True(t, x.Current)
	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_2", All: true})
	must(err)
	require.EqualValues(t, 2000, payable(), "a refund that drops the partner below takes it back")
}

// The ids of one organization mean nothing to another.
func TestOrganizationsAreApart(t *testing.T) {
	d := newDemo()
	d.sell("in_1")
	other, err := affiliate.New(d.store, affiliate.Config{Organization: "other", Now: d.clock.Now})
	must(err)
	_, err = other.Conversion(d, "in_1")
	require.ErrorIs(t, err, affiliate.ErrNotFound)
	res, err := other.RecordConversion(d, affiliate.Conversion{ID: "in_1", Amount: 5})
	require.NoError(t, err)
	require.False(t, res.Duplicate)
	require.Equal(t, attribution.NoTouch, res.Reason, "there is no program")
}

// endings are the notices that were written: whom they are for and which end
// they announce.
func (d demo) endings() (list []string) {
	events, err := d.store.Events(d, d.Organization(), "", 1000)
	must(err)
	for _, e := range events {
		if e.Type == "program.ending_soon" {
			var doc struct {
				Partner string
				EndsAt  time.Time
			}
			must(json.Unmarshal(e.Data, &doc))
			list = append(list, fmt.Sprint(doc.Partner, " ", doc.EndsAt.YearDay()))
		}
	}
	return list
}

func TestEndingNotices(t *testing.T) {
	d := newDemo()
	for _, id := range []string{"bob", "eve"} {
		must(d.CreatePartner(d, id, program.Profile{}, affiliate.Always()))
	}
	must(d.ApprovePartnership(d, "bob", "main", affiliate.Always()))
	must(d.SuspendPartner(d, "bob", march(1)))
	ends := func(at time.Time) { must(d.EditProgram(d, "main", program.SettingsChange{EndsAt: &at}, time.Time{})) }
	notify := func() int {
		n, err := d.NotifyEnding(d)
		must(err)
		return n
	}
	require.Zero(t, notify(), "no end")
	ends(march(20))
	d.clock.Set(march(13).Add(-1))
	require.Zero(t, notify(), "more than seven days before")
	d.clock.Set(march(13))
	require.Equal(t, 1, notify())
	require.Zero(t, notify(), "once")
	require.Equal(t, []string{" 79", "ada 79"}, d.endings(), "the owner and each who takes part")

	ends(march(16))
	require.Equal(t, 1, notify(), "at once if it is set nearer")
	ends(march(30))
	require.Zero(t, notify())
	d.clock.Set(march(25))
	require.Equal(t, 1, notify(), "moving it re-arms it")
	must(d.EditProgram(d, "main", program.SettingsChange{Remove: []string{"endsAt"}}, time.Time{}))
	require.Zero(t, notify())
	must(d.EndProgram(d, "main"))
	require.Zero(t, notify(), "never for an end at once")
	require.Equal(t, []string{" 79", "ada 79", " 75", "ada 75", " 89", "ada 89"}, d.endings())
}

// A partner is approved once: with a snapshot, a code and a link.
func TestApproval(t *testing.T) {
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{Name: pointer("Bob Smith")}, march(1)))
	must(d.ApprovePartnership(d, "bob", "main", march(5)))
	must(d.ApprovePartnership(d, "bob", "main", march(9)))
	must(d.ApprovePartnership(d, "bob", "main", march(3)))
	setup, err := d.Configuration(d)
	must(err)
	require.Len(t, setup.CodesOf("bob"), 1)
	require.Len(t, setup.LinksOf("bob"), 1)
	require.Regexp(t, "^BOBSMITH[0-9A-F]{4}$", setup.CodesOf("bob")[0].Code)
	p, _ := setup.Partnership("bob", "main")
	require.Equal(t, march(3), p.ApprovedAt, "the earlier of the times")
}
