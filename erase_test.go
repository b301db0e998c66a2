package affiliate_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

func ExampleEngine_EraseCustomer() {
	d := newDemo()
	d.sell("in_1") // by cus_in_1
	res, err := d.EraseCustomer(d, "cus_in_1")
	fmt.Println(res.Conversions, err)
	fmt.Println(minor(d.standing("in_1").Amount)) // stays to the cent
	_, err = d.EraseCustomer(d, "cus_in_1")
	fmt.Println(affiliate.ErrorCode(err))
	// Output:
	// 1 <nil>
	// 20.00 USD
	// not_found
}

// canaries fills every personal field of customer canary_key with a text of its own.
func (d demo) canaries(t *testing.T) {
	t.Helper()
	click := func(id, visitor string) {
		_, err := d.RecordClick(d, affiliate.Click{
			ID: id, Partner: "ada", Program: "main", Visitor: visitor, CampaignID: "canary_campaign", Sub: map[string]string{"sub1": "canary_sub"},
			Metadata: map[string]string{"utm_source": "canary_utm"},
		})
		require.NoError(t, err)
	}
	click("canary_click", "canary_visitor")
	click("canary_named", "canary_other_visitor")
	for _, in := range []affiliate.Identify{
		{Customer: "canary_key", Visitor: "canary_visitor", Email: "canary@mail.test"},
		{Customer: "canary_key", Alias: "canary_alias"},
		{Customer: "canary_alias", Click: "canary_named"},
		{Customer: "canary_key", Click: "canary_unrecorded"},
		{Customer: "canary_alias", Email: "canary@second.test"},
	} {
		_, err := d.Identify(d, in)
		require.NoError(t, err)
	}
	_, err := d.RecordLead(d, affiliate.Lead{Customer: "canary_key", Click: "canary_click"})
	require.NoError(t, err)
	_, err = d.RecordClaim(d, affiliate.Claim{Customer: "canary_key", Click: "canary_claim", Visitor: "canary_claimant", Email: "canary@claim.test"})
	require.NoError(t, err)
	_, err = d.RecordConversion(d, affiliate.Conversion{
		ID: "in_1", Customer: "canary_key", Amount: 10_000, Click: "canary_click", CampaignID: "canary_campaign",
		Sub: map[string]string{"sub2": "canary_sub"}, Metadata: map[string]string{"name": "canary_name"},
	})
	require.NoError(t, err)
	_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_2", Customer: "canary_alias", Amount: 5000, Referral: d.link(t)})
	require.NoError(t, err)
}

func (d demo) link(t *testing.T) string {
	t.Helper()
	s, err := d.Configuration(d)
	require.NoError(t, err)
	return s.LinksOf("ada")[0].Key
}

// Nothing of the person is left in any table, whether what waits was settled before
// or not; what was earned stays and is verified.
func TestErasureLeavesNoTrace(t *testing.T) {
	for name, settle := range map[string]bool{"settled": true, "with notes that wait": false} {
		t.Run(name, func(t *testing.T) {
			d := newDemo()
			d.canaries(t)
			if settle {
				_, err := d.Settle(d, 0)
				require.NoError(t, err)
			}
			hashes := d.emailHashes(t)
			require.NotEmpty(t, hashes)
			_, err := d.EraseCustomer(d, "canary_alias")
			require.NoError(t, err)
			require.Equal(t, int64(3000), d.payable(t))
			d.verify(t)
			text := d.dump(t)
			for _, hash := range hashes {
				require.NotContains(t, text, hash)
			}
			for _, line := range strings.Split(text, "\n") {
				if !strings.HasPrefix(line, "event ") || !strings.Contains(line, "signup:") { // the id of a sign-up in the outbox
					require.NotContains(t, touchless(line), "canary")
				}
			}
			left, err := d.Backlog(d)
			require.NoError(t, err)
			require.Empty(t, left)
		})
	}
}

// touchless is a row without the id of the click that a decision stands on, which
// leads to nothing any more.
func touchless(row string) string {
	for _, id := range []string{"canary_click", "canary_named"} {
		row = strings.ReplaceAll(row, `"touchId":"`+id+`"`, "")
	}
	return row
}

func (d demo) emailHashes(t *testing.T) (list []string) {
	t.Helper()
	rows, err := d.store.Rows(d, d.Organization())
	require.NoError(t, err)
	for _, in := range rows.Identifies {
		if in.Email != "" {
			list = append(list, in.Email)
		}
	}
	return list
}

// Facts of the conversions count on, by their ids; facts of the customer are those
// of somebody else.
func TestErasedCustomerIsClosed(t *testing.T) {
	d := newDemo()
	d.canaries(t)
	_, err := d.EraseCustomer(d, "canary_key")
	require.NoError(t, err)

	again := affiliate.Conversion{ID: "in_1", Customer: "canary_key", Amount: 10_000, Click: "canary_click", Metadata: map[string]string{"name": "x"}}
	res, err := d.RecordConversion(d, again)
	require.NoError(t, err)
	require.True(t, res.Duplicate)
	again.Amount++
	_, err = d.RecordConversion(d, again)
	require.ErrorIs(t, err, affiliate.ErrConflict)

	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 2500})
	require.NoError(t, err)
	require.Equal(t, int64(1500), d.standing("in_1").Amount)
	_, err = d.AmendConversion(d, "in_1", 5000, d.Now())
	require.NoError(t, err)
	require.Equal(t, int64(500), d.standing("in_1").Amount)
	_, err = d.RejectCommission(d, affiliate.CommissionRef{Conversion: "in_2", Partner: "ada", Program: "main", Rule: "rev"}, "fraud", d.Now())
	require.NoError(t, err)
	require.Zero(t, d.standing("in_2").Amount)

	require.NoError(t, errOf(d.EditProgram(d, "main", program.SettingsChange{Rules: percentRule("50")}, affiliate.Always())))
	require.NoError(t, errOf(d.SuspendPartner(d, "ada", affiliate.Always())))
	require.Equal(t, int64(500), d.standing("in_1").Amount, "nothing decides it again")
	require.NoError(t, errOf(d.ReinstatePartner(d, "ada", affiliate.Always())))

	x, err := d.Explain(d, "in_1")
	require.NoError(t, err)
	require.True(t, x.Erased)
	require.Empty(t, x.Customer)
	require.Empty(t, x.Conversion.Customer)
	require.Contains(t, x.String(), "customer     erased")

	res, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_3", Customer: "canary_key", Amount: 10_000})
	require.NoError(t, err)
	require.False(t, res.Attributed, "a new customer has no binding")
	d.verify(t)
}

// A click and a visitor that are somebody else's, too, stay theirs.
func TestErasureKeepsWhatOthersShare(t *testing.T) {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "c", Partner: "ada", Program: "main", Visitor: "v"})
	require.NoError(t, err)
	for _, customer := range []string{"kim", "lee"} {
		_, err = d.Identify(d, affiliate.Identify{Customer: customer, Click: "c", Visitor: "v"})
		require.NoError(t, err)
	}
	_, err = d.EraseCustomer(d, "kim")
	require.NoError(t, err)
	res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "lee", Amount: 100})
	require.NoError(t, err)
	require.True(t, res.Attributed)
	res, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_2", Customer: "kim", Amount: 100})
	require.NoError(t, err)
	require.False(t, res.Attributed)
}

// Whatever is recorded while a customer is erased belongs to the old customer or to
// a new one, and the ledger is whole.
func TestErasureMeetsFacts(t *testing.T) {
	for range 20 {
		d := newDemo()
		d.canaries(t)
		var all sync.WaitGroup
		run := func(fn func() error) { all.Go(func() { require.NoError(t, fn()) }) }
		run(func() error { return errOf(d.EraseCustomer(d, "canary_key")) })
		run(func() error {
			return errOf(d.RecordConversion(d, affiliate.Conversion{ID: "in_9", Customer: "canary_key", Amount: 10_000}))
		})
		run(func() error {
			return errOf(d.RecordRefund(d, affiliate.Refund{ID: "re", Conversion: "in_1", Amount: 100}))
		})
		run(func() error {
			return errOf(d.Identify(d, affiliate.Identify{Customer: "canary_key", Visitor: "canary_visitor"}))
		})
		run(func() error { return errOf(d.Settle(d, 0)) })
		all.Wait()
		_, err := d.Settle(d, 0)
		require.NoError(t, err)
		d.verify(t)
		anchors, err := d.store.ListAnchors(d, d.Organization(), storage.CustomerAnchor, "", 10)
		require.NoError(t, err)
		require.LessOrEqual(t, len(anchors), 2, "the pseudonym, and perhaps a new customer: %+v", anchors)
	}
}
