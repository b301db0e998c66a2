package affiliatetest_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/internal/reference"
)

// TestAgainstReference runs random scenarios whose expectations a second,
// deliberately naive implementation of the rules computed. REFERENCE_SEEDS says
// how many, REFERENCE_FROM the first.
func TestAgainstReference(t *testing.T) {
	from, seeds := number(t, "REFERENCE_FROM", 0), number(t, "REFERENCE_SEEDS", 60)
	for seed := from; seed < from+seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			data, err := reference.Marshal(reference.Generate(seed))
			require.NoError(t, err)
			s, err := affiliatetest.Parse(fmt.Sprint(seed), data)
			require.NoError(t, err)
			run(t, s)
			s.Steps = affiliatetest.Shuffle(s.Steps, seed)
			run(t, s)
		})
	}
}

func number(t *testing.T, name string, fallback uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err)
	return n
}
