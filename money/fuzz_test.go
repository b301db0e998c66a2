package money_test

import (
	"encoding/binary"
	"math"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/money"
)

// FuzzSplit reads parts as (amount, rate, numerator, denominator) from bytes.
func FuzzSplit(f *testing.F) {
	f.Add([]byte{})
	f.Add(binary.LittleEndian.AppendUint64(nil, 10_000))
	f.Add([]byte("0123456789abcdef0123456789abcdef0123456789abcdef"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var parts []money.Exact
		for ; len(data) >= 16 && len(parts) < 32; data = data[16:] {
			amount := int64(binary.LittleEndian.Uint64(data) & math.MaxInt64)
			rate := money.Rate(binary.LittleEndian.Uint32(data[8:]) % 100_000_001)
			den := int64(binary.LittleEndian.Uint16(data[12:])) + 1
			share, err := money.NewShare(int64(binary.LittleEndian.Uint16(data[14:]))%(den+1), den)
			require.NoError(t, err)
			parts = append(parts, money.Percent(amount, rate, share))
		}
		requireSplit(t, parts)
	})
}

func FuzzParseRate(f *testing.F) {
	for _, s := range []string{"20", "12.5", "0.000001", "100.000001", "-1", "1e5", "", "00100.00", ".5", "5."} {
		f.Add(s)
	}
	plain := regexp.MustCompile(`^[0-9]+(\.[0-9]{1,6})?$`)
	f.Fuzz(func(t *testing.T, s string) {
		rate, err := money.ParseRate(s)
		if err != nil {
			if plain.MatchString(s) {
				require.ErrorIs(t, err, money.ErrTooLarge)
			}
			return
		}
		require.Regexp(t, plain, s)
		require.GreaterOrEqual(t, rate, money.Rate(0))
		require.LessOrEqual(t, rate, money.Rate(100_000_000))
		back, err := money.ParseRate(rate.String())
		require.NoError(t, err)
		require.Equal(t, rate, back)
	})
}
