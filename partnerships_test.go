package affiliate_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

func ExampleEngine_RevokePartnership() {
	d := newDemo()
	must(d.RevokePartnership(d, "ada", "main", march(1)))
	res := d.sell("in_1")
	fmt.Println(res.Attributed, res.Reason)
	must(d.ApprovePartnership(d, "ada", "main", march(1))) // again, with the code of before
	fmt.Println(d.sell("in_2").Attributed)
	// Output:
	// false partner_not_approved
	// true
}

func ExampleEngine_SuspendPartnership() {
	d := newDemo()
	must(d.SuspendPartnership(d, "ada", "main", march(1)))
	fmt.Println(d.sell("in_1").Reason)
	// Output: partner_suspended
}

func ExampleEngine_ReinstatePartnership() {
	d := newDemo()
	must(d.SuspendPartnership(d, "ada", "main", march(1)))
	must(d.ReinstatePartnership(d, "ada", "main", march(1)))
	fmt.Println(d.sell("in_1").Attributed)
	// Output: true
}

func ExampleEngine_AdoptTerms() {
	d := newDemo()
	must(d.EditProgram(d, "main", program.SettingsChange{Rules: percentRule("30")}, march(1)))
	fmt.Println(minor(d.sell("in_1").Commissions[0].Amount))
	must(d.AdoptTerms(d, "main", nil, march(1))) // all who are approved
	fmt.Println(minor(d.sell("in_2").Commissions[0].Amount))
	// Output:
	// 20.00 USD
	// 30.00 USD
}

func TestAdoptTermsWithoutAnybodyChangesNothing(t *testing.T) {
	d := newDemo()
	require.NoError(t, errOf(d.RevokePartnership(d, "ada", "main", march(1))))
	changed, err := d.AdoptTerms(d, "main", nil, march(1))
	require.NoError(t, err)
	require.False(t, changed)
	_, err = d.AdoptTerms(d, "main", []string{"ada"}, march(1))
	require.ErrorIs(t, err, affiliate.ErrNotFound)
	_, err = d.AdoptTerms(d, "none", nil, march(1))
	require.ErrorIs(t, err, affiliate.ErrNotFound)
}

// A partner keeps one generated code through all revocations.
func TestApprovingAgainKeepsTheCode(t *testing.T) {
	d := newDemo()
	require.NoError(t, errOf(d.RevokePartnership(d, "ada", "main", march(1))))
	changed, err := d.ApprovePartnership(d, "ada", "main", march(1))
	require.NoError(t, err)
	require.True(t, changed)
	changed, err = d.ApprovePartnership(d, "ada", "main", march(1))
	require.NoError(t, err)
	require.False(t, changed)
	s, err := d.Configuration(d)
	require.NoError(t, err)
	require.Len(t, s.CodesOf("ada"), 1)
	require.Len(t, s.LinksOf("ada"), 1)
}

func ExampleEngine_GrantProgram() {
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{}, affiliate.Always()))
	must(d.CreateProgram(d, "pro", program.SettingsChange{DestinationURL: home(), Rules: percentRule("30")}, affiliate.Always()))
	n, err := d.GrantProgram(d, "pro")
	fmt.Println(n, err)
	s, err := d.Configuration(d)
	must(err)
	terms, _ := s.Terms("bob", "pro", d.Now())
	fmt.Println(terms.Source, len(s.CodesOf("bob")), len(s.LinksOf("bob")))
	// Output:
	// 2 <nil>
	// backfill 1 1
}

// A grant goes through all partners in commits of some hundred, and changes nothing
// the second time.
func TestGrantProgramToMany(t *testing.T) {
	d := newDemo()
	for i := range 1100 {
		require.NoError(t, errOf(d.CreatePartner(d, fmt.Sprint("p", i), program.Profile{Name: pointer("Same Name")}, affiliate.Always())))
	}
	require.NoError(t, errOf(d.ApprovePartnership(d, "p3", "main", march(1))))
	require.NoError(t, errOf(d.RevokePartnership(d, "p3", "main", march(1))))
	n, err := d.GrantProgram(d, "main")
	require.NoError(t, err)
	require.Equal(t, 1099, n)
	n, err = d.GrantProgram(d, "main")
	require.NoError(t, err)
	require.Zero(t, n)
	s, err := d.Configuration(d)
	require.NoError(t, err)
	require.False(t, s.Approved("p3", "main", d.Now()), "who was revoked stays so")
	require.Len(t, s.Codes(), 1101)
	_, err = d.GrantProgram(d, "none")
	require.ErrorIs(t, err, affiliate.ErrNotFound)
}
