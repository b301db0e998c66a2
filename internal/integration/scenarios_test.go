package integration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/internal/reference"
)

// TestScenariosOnSQLite runs the scenario files on every driver, as they are
// and in another order of arrival.
func TestScenariosOnSQLite(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/scenarios/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		for seed, file := range files {
			data, err := os.ReadFile(file)
			require.NoError(t, err)
			s, err := affiliatetest.Parse(file, data)
			require.NoError(t, err)
			runScenario(t, driver, settings, s)
			s.Steps = affiliatetest.Shuffle(s.Steps, uint64(seed))
			runScenario(t, driver, settings, s)
		}
	})
}

// TestReferenceOnSQLite runs random scenarios whose expectations the naive
// implementation of the rules computed.
func TestReferenceOnSQLite(t *testing.T) {
	t.Parallel()
	d := sqliteDrivers[1]
	for seed := range uint64(10) {
		data, err := reference.Marshal(reference.Generate(seed))
		require.NoError(t, err)
		s, err := affiliatetest.Parse(fmt.Sprint("seed ", seed), data)
		require.NoError(t, err)
		runScenario(t, d.name, d.settings, s)
	}
}

func runScenario(t *testing.T, driver, settings string, s affiliatetest.Scenario) {
	t.Helper()
	result, err := affiliatetest.Run(t.Context(), migrated(t, driver, settings), s)
	require.NoError(t, err, s.Name)
	require.Empty(t, result.Differences, s.Name)
}
