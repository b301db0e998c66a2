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
