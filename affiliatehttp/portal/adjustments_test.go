package portal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
)

// A partner sees what was posted to them and why, and nothing of others.
func TestAdjustmentsAreShown(t *testing.T) {
	w := newWorld(t)
	for _, a := range []affiliate.NewAdjustment{
		{ID: "secret-1", Partner: "ada", Currency: "usd", Amount: -500, Reason: "<i>agreed</i> by phone"},
		{ID: "secret-2", Partner: "bob", Currency: "usd", Amount: 700, Reason: "for bob"},
	} {
		_, err := w.eng.PostAdjustment(w.ctx(), a)
		w.must(err)
	}
	ada := w.reader("ada", w.portal())
	page := ada.ok("/portal/commissions")
	require.Contains(t, page, "&lt;i&gt;agreed&lt;/i&gt; by phone")
	require.NotContains(t, page, "for bob")
	require.NotContains(t, ada.ok("/portal/commissions?state=paid"), "by phone")
	answer := ada.ok("/v1/portal/adjustments")
	require.Contains(t, answer, `"amount":-500`)
	require.NotContains(t, answer, "secret")
	require.NotContains(t, answer, "bob")
}
