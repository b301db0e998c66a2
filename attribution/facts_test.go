package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/attribution"
)

func TestCustomerKey(t *testing.T) {
	known := attribution.Conversion{ID: "in_1", Customer: "cus_1"}
	require.Equal(t, "cus_1", known.CustomerKey())
	require.False(t, attribution.IsGuest(known.CustomerKey()))

	one, other := attribution.Conversion{ID: "in_1"}, attribution.Conversion{ID: "in_2"}
	require.True(t, attribution.IsGuest(one.CustomerKey()))
	require.NotEqual(t, one.CustomerKey(), other.CustomerKey(), "each is a customer of its own")
	require.False(t, attribution.IsGuest("guest:in_1"), "a host's id is never a guest")
}

func TestBefore(t *testing.T) {
	require.True(t, attribution.Before(day(1), "z", day(2), "a"))
	require.False(t, attribution.Before(day(2), "a", day(1), "z"))
	require.True(t, attribution.Before(day(1), "a", day(1), "b"), "ties by id")
	require.True(t, attribution.Before(day(1), "B", day(1), "a"), "in byte order")
	require.True(t, attribution.Before(day(1), "in_10", day(1), "in_9"))
	require.False(t, attribution.Before(day(1), "a", day(1), "a"))
}

func TestNormalizeEmail(t *testing.T) {
	for in, want := range map[string]string{
		"ada@example.com":                    "ada@example.com",
		"  Ada@Example.COM\t":                "ada@example.com",
		"ada+shop@example.com":               "ada@example.com",
		"ADA+a+b@example.com":                "ada@example.com",
		"a.d.a@example.com":                  "a.d.a@example.com",
		"ada@sub+x.example.com":              "ada@sub+x.example.com",
		`"a@b"+x@example.com`:                `"a@b"@example.com`,
		"ada":                                "ada",
		"Ada+Tag":                            "ada+tag",
		"":                                   "",
		" \n":                                "",
		"@":                                  "@",
		"ÄDA+x@EXAMPLE.com":                  "äda@example.com",
		"\u2003ada@example.com\u00a0":        "ada@example.com",
		"ada@example.com+not-a-tag":          "ada@example.com+not-a-tag",
		"ada@example.com, bob+x@example.com": "ada@example.com, bob@example.com",
	} {
		require.Equal(t, want, attribution.NormalizeEmail(in), "%q", in)
	}
}

func TestNormalizeEmailIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := attribution.NormalizeEmail(rapid.String().Draw(t, "email"))
		require.Equal(t, once, attribution.NormalizeEmail(once))
	})
}

func TestVocabulary(t *testing.T) {
	for _, m := range []attribution.Model{attribution.LastClick, attribution.FirstClick, attribution.Linear, attribution.Position} {
		require.True(t, m.Valid(), m)
	}
	require.False(t, attribution.Model("").Valid())
	require.False(t, attribution.Model("Last_Click").Valid())
	for _, m := range []attribution.Method{attribution.Promo, attribution.Clicks, attribution.Match} {
		require.True(t, m.Orderable(), m)
	}
	require.False(t, attribution.Manual.Orderable(), "manual comes before all and is in no order")
	require.False(t, attribution.Method("").Orderable())
	require.True(t, attribution.Sticky.Valid())
	require.True(t, attribution.PerConversion.Valid())
	require.False(t, attribution.BindingMode("").Valid())
}
