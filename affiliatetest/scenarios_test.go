package affiliatetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// TestScenarios runs the scenario files, as they are and shuffled. SCENARIOS
// names another folder of them.
func TestScenarios(t *testing.T) {
	dir := filepath.Join("..", "testdata", "scenarios")
	if other := os.Getenv("SCENARIOS"); other != "" {
		dir = other
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := affiliatetest.Parse(file, data)
			require.NoError(t, err)
			run(t, s)
			for seed := range uint64(5) {
				shuffled := s
				shuffled.Steps = affiliatetest.Shuffle(s.Steps, seed+1)
				run(t, shuffled)
			}
		})
	}
}

func run(t *testing.T, s affiliatetest.Scenario) {
	t.Helper()
	result, err := affiliatetest.Run(t.Context(), memory.New(), s)
	require.NoError(t, err)
	require.Empty(t, result.Differences)
}
