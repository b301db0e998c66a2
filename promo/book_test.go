package promo_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/promo"
)

func added(code, partner string, d int) promo.Change {
	return promo.Change{Code: code, Partner: partner, Program: "main", At: day(d)}
}

func TestACodeBelongsToOnePartnerForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var book promo.Book
		owner := map[string]string{}
		for range rapid.IntRange(1, 40).Draw(t, "changes") {
			c := added(rapid.SampledFrom([]string{"ONE", "TWO", "THREE"}).Draw(t, "code"), rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "partner"), rapid.IntRange(1, 28).Draw(t, "day"))
			c.Retired = rapid.Bool().Draw(t, "retired")
			c.ByPartner = rapid.Bool().Draw(t, "by partner")
			before := book.Clone()
			if err := book.Apply(c); err != nil {
				require.Equal(t, before.Codes(), book.Codes(), "a refused change changes nothing")
				continue
			}
			if owner[c.Code] == "" {
				owner[c.Code] = c.Partner
			}
			code, ok := book.Code(c.Code)
			require.True(t, ok)
			require.Equal(t, owner[c.Code], code.Partner)
			require.True(t, book.Has(c))
			for i, in := range code.Intervals {
				require.True(t, in.To.IsZero() && i == len(code.Intervals)-1 || !in.To.Before(in.From))
				require.True(t, i == 0 || !in.From.Before(code.Intervals[i-1].To), "intervals are in order")
			}
		}
	})
}

func TestPartnersMayHaveAFewCodesAndOwnersAny(t *testing.T) {
	t.Parallel()
	var book promo.Book
	for i := range promo.MaxActive {
		c := added(fmt.Sprint("ADA", i), "ada", 10)
		c.ByPartner = i > 0
		require.NoError(t, book.Apply(c))
	}
	one := added("ONE-MORE", "ada", 11)
	one.ByPartner = true
	require.ErrorIs(t, book.Apply(one), promo.ErrLimit)
	other := one
	other.Program = "shop"
	require.NoError(t, book.Apply(other), "the limit is that of one program")
	require.NoError(t, book.Apply(added("TWO-MORE", "ada", 11)))
	require.NoError(t, book.Apply(promo.Change{Code: "ada0", At: day(12), Retired: true}))
	require.NoError(t, book.Apply(promo.Change{Code: "ada1", At: day(12), Retired: true}))
	one.Code, one.At = "THREE-MORE", day(12)
	require.NoError(t, book.Apply(one))
	require.Equal(t, promo.MaxActive, book.Active("ada", "main", day(12)))
}

func TestACodeOutsideTheBookIsUnknown(t *testing.T) {
	t.Parallel()
	var book promo.Book
	for _, text := range []string{"", "?", "NOBODYS"} {
		code, reason := book.Resolve(text, day(1), "")
		require.Nil(t, code)
		require.Equal(t, attribution.CodeUnknown, reason)
	}
	require.ErrorIs(t, book.Apply(promo.Change{Code: "NOBODYS", At: day(1), Retired: true}), promo.ErrUnknown)
	require.ErrorIs(t, book.Apply(promo.Change{Code: "?", At: day(1), Retired: true}), promo.ErrUnknown)
	require.ErrorIs(t, book.Apply(added("?", "ada", 1)), promo.ErrInvalid)
	require.Empty(t, book.Codes())
}
