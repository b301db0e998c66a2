package affiliate_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// newClaims returns a program that pays 20 % of a sale and 5.00 for a signup, with
// a click of ada's, who is honest, and one of mal's, who is not.
func newClaims(t *testing.T) demo {
	t.Helper()
	d := newDemo()
	rules := append(percentRule("20"), commission.Rule{ID: "signup", Trigger: commission.First, EventType: attribution.Signup, Type: commission.Fixed, Value: "500"})
	require.NoError(t, errOf(d.EditProgram(d, "main", program.SettingsChange{Rules: rules}, affiliate.Always())))
	require.NoError(t, errOf(d.CreatePartner(d, "mal", program.Profile{}, affiliate.Always())))
	require.NoError(t, errOf(d.ApprovePartnership(d, "mal", "main", affiliate.Always())))
	for _, partner := range []string{"ada", "mal"} {
		_, err := d.RecordClick(d, affiliate.Click{ID: "click of " + partner, Partner: partner, Program: "main", Visitor: "visitor of " + partner})
		require.NoError(t, err)
	}
	d.clock.Advance(time.Hour)
	return d
}

// claim tells of a sign-up as the browser of a partner's click does.
func (d demo) claim(t *testing.T, customer, partner string, more ...func(*affiliate.Claim)) affiliate.ClaimStatus {
	t.Helper()
	in := affiliate.Claim{Customer: customer, Click: "click of " + partner, Visitor: "visitor of " + partner}
	for _, set := range more {
		set(&in)
	}
	status, err := d.RecordClaim(d, in)
	require.NoError(t, err)
	return status
}

// earned is what a partner earned in all, in minor units.
func (d demo) earned(t *testing.T, partner string) int64 {
	t.Helper()
	page, err := d.Commissions(d, partner, "", 100)
	require.NoError(t, err)
	var sum int64
	for _, c := range page.Commissions {
		sum += c.Amount
	}
	return sum
}

func withEmail(email string) func(*affiliate.Claim) {
	return func(c *affiliate.Claim) { c.Email = email }
}

// step is one thing that is said of the customer 1001.
type step func(t *testing.T, d demo)

func claimStep(more ...func(*affiliate.Claim)) step {
	return func(t *testing.T, d demo) { t.Helper(); d.claim(t, "1001", "ada", more...) }
}

func identifyStep(in affiliate.Identify) step {
	return func(t *testing.T, d demo) {
		t.Helper()
		in.Customer = "1001"
		_, err := d.Identify(d, in)
		require.NoError(t, err)
	}
}

func leadStep(in affiliate.Lead) step {
	return func(t *testing.T, d demo) {
		t.Helper()
		in.Customer = "1001"
		_, err := d.RecordLead(d, in)
		require.NoError(t, err)
	}
}

func payStep(in affiliate.Conversion) step {
	return func(t *testing.T, d demo) {
		t.Helper()
		in.ID, in.Amount = "in_1", 10_000
		if in.Customer == "" {
			in.Customer = "1001"
		}
		_, err := d.RecordConversion(d, in)
		require.NoError(t, err)
	}
}

// The honest sign-up earns whatever it is confirmed by, whatever comes first.
func TestAnHonestSignupEarnsInEveryOrder(t *testing.T) {
	t.Parallel()
	const email = "ann@site.example"
	pay := payStep(affiliate.Conversion{})
	for name, steps := range map[string][]step{
		"click of an identify":    {claimStep(), identifyStep(affiliate.Identify{Click: "click of ada"}), pay},
		"click of a conversion":   {claimStep(), identifyStep(affiliate.Identify{Email: "x@y.example"}), payStep(affiliate.Conversion{Click: "click of ada"})},
		"visitor of an identify":  {claimStep(), identifyStep(affiliate.Identify{Visitor: "visitor of ada"}), pay},
		"e-mail of an identify":   {claimStep(withEmail("Ann+x@Site.example")), identifyStep(affiliate.Identify{Email: email}), pay},
		"e-mail of the lead":      {claimStep(withEmail(email)), leadStep(affiliate.Lead{Email: email}), pay},
		"click of the lead":       {claimStep(), leadStep(affiliate.Lead{Click: "click of ada"}), pay},
		"an alias with an e-mail": {claimStep(withEmail(email)), identifyStep(affiliate.Identify{Alias: "cus_9", Email: email}), payStep(affiliate.Conversion{Customer: "cus_9"})},
		"a token of the server":   {claimStep(func(c *affiliate.Claim) { c.Signed = true }), identifyStep(affiliate.Identify{Email: "x@y.example"}), pay},
		"keys nobody can guess":   {claimStep(func(c *affiliate.Claim) { c.Unguessable = true }), identifyStep(affiliate.Identify{}), pay},
	} {
		for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
			t.Run(fmt.Sprint(name, order), func(t *testing.T) {
				t.Parallel()
				d := newClaims(t)
				for range 2 { // all of it comes twice
					for _, i := range order {
						steps[i](t, d)
						d.clock.Advance(time.Minute)
					}
				}
				require.Equal(t, int64(2_000+500), d.earned(t, "ada"))
				require.Zero(t, d.earned(t, "mal"))
				rows, err := d.store.Rows(d, d.Organization())
				require.NoError(t, err)
				require.Len(t, rows.Conversions, 2)
			})
		}
	}
}

// Signups that a browser makes up earn nothing and take nothing from anybody.
func TestForgedSignupsEarnNothing(t *testing.T) {
	t.Parallel()
	d := newClaims(t)
	for i := range 40 {
		click := fmt.Sprint("forged ", i)
		_, err := d.RecordClick(d, affiliate.Click{ID: click, Partner: "mal", Program: "main", Visitor: click})
		require.NoError(t, err)
		_, err = d.RecordClaim(d, affiliate.Claim{Customer: fmt.Sprint(1001 + i), Click: click, Visitor: click, Email: "mal@evil.example"})
		require.NoError(t, err)
	}
	d.clock.Advance(time.Hour)
	for i := range 40 {
		customer := fmt.Sprint(1001 + i)
		switch i % 4 {
		case 0: // pays, never identified
		case 1: // the host's identify names whose click led here
			_, err := d.Identify(d, affiliate.Identify{Customer: customer, Click: "click of ada"})
			require.NoError(t, err)
		case 2:
			_, err := d.Identify(d, affiliate.Identify{Customer: customer, Email: customer + "@site.example"})
			require.NoError(t, err)
		case 3:
			_, err := d.RecordClick(d, affiliate.Click{Partner: "ada", Program: "main", Visitor: "honest " + customer, At: march(1)})
			require.NoError(t, err)
			_, err = d.RecordLead(d, affiliate.Lead{Customer: customer, Visitor: "honest " + customer})
			require.NoError(t, err)
		}
		res, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_" + customer, Customer: customer, Amount: 10_000})
		require.NoError(t, err)
		if i%4 == 0 || i%4 == 2 {
			require.Equal(t, attribution.ClaimUnconfirmed, res.Reason, customer)
		}
	}
	require.Zero(t, d.earned(t, "mal"))
	require.Equal(t, int64(20*2_000+10*500), d.earned(t, "ada"))
}

// What the server says rules out a claim, before or after it.
func TestClaimsAreDropped(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(t *testing.T, d demo){
		"another click": func(t *testing.T, d demo) {
			t.Helper()
			_, err := d.Identify(d, affiliate.Identify{Customer: "1001", Click: "click of ada"})
			require.NoError(t, err)
		},
		"another click of a conversion": func(t *testing.T, d demo) {
			t.Helper()
			_, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_0", Customer: "1001", Click: "click of ada"})
			require.NoError(t, err)
		},
		"a customer known before the click": func(t *testing.T, d demo) {
			t.Helper()
			_, err := d.Identify(d, affiliate.Identify{Customer: "1001", Email: "x@y.example", At: march(1).Add(-time.Hour)})
			require.NoError(t, err)
		},
		"a sale before the click": func(t *testing.T, d demo) {
			t.Helper()
			_, err := d.RecordConversion(d, affiliate.Conversion{ID: "in_0", Customer: "1001", At: march(1).Add(-time.Hour)})
			require.NoError(t, err)
		},
	} {
		for _, claimFirst := range []bool{true, false} {
			t.Run(fmt.Sprint(name, claimFirst), func(t *testing.T) {
				t.Parallel()
				d := newClaims(t)
				if claimFirst {
					require.Equal(t, affiliate.ClaimPending, d.claim(t, "1001", "mal", withEmail("x@y.example")))
				}
				before(t, d)
				dump := d.dump(t)
				require.Equal(t, affiliate.ClaimRefused, d.claim(t, "1001", "mal", withEmail("x@y.example")))
				require.Equal(t, dump, d.dump(t), "a refused claim leaves nothing")
				_, err := d.Identify(d, affiliate.Identify{Customer: "1001", Email: "x@y.example", Visitor: "visitor of mal"})
				require.NoError(t, err)
				_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "1001", Amount: 10_000})
				require.NoError(t, err)
				_, err = d.Conversion(d, "signup:1001")
				require.ErrorIs(t, err, affiliate.ErrNotFound)
			})
		}
	}
}

// A click is good for one customer, a customer for one signup, and few claims wait.
func TestClaimsAreBounded(t *testing.T) {
	t.Parallel()
	d := newClaims(t)
	require.Equal(t, affiliate.ClaimPending, d.claim(t, "1001", "mal"))
	dump := d.dump(t)
	require.Equal(t, affiliate.ClaimPending, d.claim(t, "1001", "mal"), "again")
	require.Equal(t, affiliate.ClaimRefused, d.claim(t, "1002", "mal"))
	require.Equal(t, dump, d.dump(t))

	for i := range 100 {
		click := fmt.Sprint("flood ", i)
		_, err := d.RecordClick(d, affiliate.Click{ID: click, Partner: "mal", Program: "main"})
		require.NoError(t, err)
		_, err = d.RecordClaim(d, affiliate.Claim{Customer: "1003", Click: click})
		require.NoError(t, err)
	}
	require.Equal(t, affiliate.ClaimPending, d.claim(t, "1003", "ada", withEmail("ann@site.example")), "a flood keeps nobody out")
	require.LessOrEqual(t, strings.Count(d.dump(t), `flood`), 100+100+16, "clicks, their anchors, and few claims")
	_, err := d.Identify(d, affiliate.Identify{Customer: "1003", Email: "ann@site.example"})
	require.NoError(t, err)
	require.Equal(t, int64(500), d.earned(t, "ada"))
	require.Zero(t, d.earned(t, "mal"))
}

func TestAClickIsClaimedOnceAlsoAtTheSameTime(t *testing.T) {
	t.Parallel()
	d := newClaims(t)
	var wg sync.WaitGroup
	taken := make(chan string, 32)
	for i := range 32 {
		wg.Go(func() {
			customer := fmt.Sprint(1000 + i)
			status, err := d.RecordClaim(d, affiliate.Claim{Customer: customer, Click: "click of ada", Signed: true})
			if err == nil && status == affiliate.ClaimConfirmed {
				taken <- customer
			}
		})
	}
	wg.Wait()
	require.Len(t, taken, 1)
	require.Equal(t, int64(500), d.earned(t, "ada"))
}

// A sale whose only lead is a claim says so, and the owner may accept it.
func TestTheOwnerAcceptsAClaim(t *testing.T) {
	t.Parallel()
	for name, claimFirst := range map[string]bool{"claim first": true, "sale first": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newClaims(t)
			sale := affiliate.Conversion{ID: "in_1", Customer: "1001", Amount: 10_000, At: march(1).Add(2 * time.Hour)}
			d.clock.Advance(2 * time.Hour)
			if claimFirst {
				d.claim(t, "1001", "ada")
			}
			_, err := d.RecordConversion(d, sale)
			require.NoError(t, err)
			if !claimFirst {
				d.claim(t, "1001", "ada")
			}
			x, err := d.Explain(d, "in_1")
			require.NoError(t, err)
			require.Equal(t, attribution.ClaimUnconfirmed, x.Reason)
			require.Len(t, x.How.Touches, 1)
			require.Equal(t, "click of ada", x.How.Touches[0].Click)

			for _, wrong := range [][2]string{{"in_1", "click of mal"}, {"in_2", ""}} {
				_, err = d.AcceptClaim(d, wrong[0], wrong[1])
				require.ErrorIs(t, err, affiliate.ErrNotFound)
			}
			res, err := d.AcceptClaim(d, "in_1", "")
			require.NoError(t, err)
			require.True(t, res.Attributed)
			require.Equal(t, int64(2_000+500), d.earned(t, "ada"))
			_, err = d.AcceptClaim(d, "in_1", "")
			require.ErrorIs(t, err, affiliate.ErrNotFound, "nothing is left to accept")
		})
	}
}

// A click that could not be recorded is claimed by its link.
func TestAClaimOfALostClick(t *testing.T) {
	t.Parallel()
	d := newClaims(t)
	setup, err := d.Configuration(d)
	require.NoError(t, err)
	link := setup.LinksOf("ada")[0].Key
	status, err := d.RecordClaim(d, affiliate.Claim{Customer: "1001", Click: "lost", Referral: link, Email: "ann@site.example"})
	require.NoError(t, err)
	require.Equal(t, affiliate.ClaimPending, status)
	_, err = d.Identify(d, affiliate.Identify{Customer: "1001", Email: "ann@site.example"})
	require.NoError(t, err)
	_, err = d.RecordConversion(d, affiliate.Conversion{ID: "in_1", Customer: "1001", Amount: 10_000})
	require.NoError(t, err)
	require.Equal(t, int64(2_000+500), d.earned(t, "ada"))
}

// A lead of the server answers from its own commit.
func TestALeadIsRecordedOnce(t *testing.T) {
	t.Parallel()
	d := newClaims(t)
	for _, duplicate := range []bool{false, true} {
		res, err := d.RecordLead(d, affiliate.Lead{Customer: "1001", Click: "click of ada", Email: "ann@site.example"})
		require.NoError(t, err)
		require.Equal(t, duplicate, res.Duplicate)
		require.Equal(t, "signup:1001", res.ConversionID)
		require.Equal(t, int64(500), res.Commissions[0].Amount)
	}
	for field, in := range map[string]affiliate.Lead{"customer": {}, "click": {Customer: "a", Click: "\x00"}, "visitor": {Customer: "a", Visitor: strings.Repeat("x", 300)}} {
		_, err := d.RecordLead(d, in)
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		require.Equal(t, field, affiliate.Problems(err)[0].Field)
	}
	for field, in := range map[string]affiliate.Claim{"customer": {Click: "x"}, "click": {Customer: "a"}, "email": {Customer: "a", Click: "x", Email: "\x00"}} {
		_, err := d.RecordClaim(d, in)
		require.ErrorIs(t, err, affiliate.ErrInvalidInput)
		require.Equal(t, field, affiliate.Problems(err)[0].Field)
	}
}
