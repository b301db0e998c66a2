package stripeadapter_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

func TestKeysValidate(t *testing.T) {
	require.NoError(t, stripeadapter.Keys{}.Validate())
	require.NoError(t, stripeadapter.DefaultKeys().Validate())
	require.NoError(t, stripeadapter.Keys{Click: []string{strings.Repeat("ü", 40)}}.Validate())

	err := stripeadapter.Keys{
		Click:    []string{"", strings.Repeat("x", 41)},
		Referral: []string{"ref[0]", "mine"},
		Customer: []string{"mine"},
		Promo:    []string{"affitor_click_id"},
	}.Validate()
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	fields := map[string]string{}
	for _, p := range affiliate.Problems(err) {
		fields[p.Field] = p.Message
	}
	require.Equal(t, map[string]string{
		"keys.click[0]":    "must be 1 to 40 characters without [ and ]",
		"keys.click[1]":    "must be 1 to 40 characters without [ and ]",
		"keys.referral[0]": "must be 1 to 40 characters without [ and ]",
		"keys.customer[0]": "is also keys.referral[1]",
	}, fields)

	require.Error(t, stripeadapter.Keys{Promo: []string{"affitor_click_id"}}.Validate(), "it is also the default of another list")
}

func TestKeysRead(t *testing.T) {
	own := stripeadapter.Keys{Click: []string{"clk", "old_clk"}}
	for name, c := range map[string]struct {
		keys     stripeadapter.Keys
		metadata map[string]string
		want     stripeadapter.Reference
	}{
		"nothing":            {},
		"somebody else's":    {metadata: map[string]string{"order": "7", "Affiliate_click_id": "c"}},
		"ours":               {metadata: ourMetadata(), want: everything()},
		"Afficone's":         {metadata: map[string]string{"_afficoneRef": "ada"}, want: stripeadapter.Reference{Referral: "ada"}},
		"Affitor's":          {metadata: map[string]string{"affitor_click_id": "c1", "affitor_customer_key": "u1", "program_id": "7"}, want: stripeadapter.Reference{Click: "c1", Customer: "u1"}},
		"ours before theirs": {metadata: map[string]string{"affiliate_click_id": "new", "affitor_click_id": "old"}, want: stripeadapter.Reference{Click: "new"}},
		"an empty one":       {metadata: map[string]string{"affiliate_click_id": " \t", "affitor_click_id": "old"}, want: stripeadapter.Reference{Click: "old"}},
		"white space":        {metadata: map[string]string{"affiliate_promo_code": " ADA10\n"}, want: stripeadapter.Reference{PromoCode: "ADA10"}},
		"the host's own":     {keys: own, metadata: map[string]string{"old_clk": "c1", "affiliate_click_id": "no", "affiliate_ref": "ada"}, want: stripeadapter.Reference{Click: "c1", Referral: "ada"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, c.keys.Read(c.metadata))
		})
	}
}

// TestClientReference checks that only what a payment link takes is offered.
func TestClientReference(t *testing.T) {
	long := strings.Repeat("x", 200)
	for name, c := range map[string]struct {
		ref  stripeadapter.Reference
		want string
	}{
		"nothing":           {},
		"referral":          {stripeadapter.Reference{Referral: "Ada_L-1"}, "Ada_L-1"},
		"click":             {stripeadapter.Reference{Click: "0191f3c2-7b1a"}, "0191f3c2-7b1a"},
		"both":              {stripeadapter.Reference{Click: "c1", Referral: "ada"}, "ada"},
		"neither":           {stripeadapter.Reference{Customer: "u1", PromoCode: "ADA10"}, ""},
		"as long as it may": {stripeadapter.Reference{Referral: long}, long},
		"too long":          {stripeadapter.Reference{Referral: long + "x"}, ""},
		"a dot":             {stripeadapter.Reference{Referral: "ada.l"}, ""},
		"another alphabet":  {stripeadapter.Reference{Referral: "zoë"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, c.ref.ClientReference())
		})
	}
}

func everything() stripeadapter.Reference {
	return stripeadapter.Reference{Click: "c1", Referral: "ada", Customer: "u1", PromoCode: "ADA10"}
}

// ourMetadata is what everything is written as.
func ourMetadata() map[string]string {
	return map[string]string{
		"affiliate_click_id": "c1", "affiliate_ref": "ada", "affiliate_customer_key": "u1", "affiliate_promo_code": "ADA10",
	}
}
