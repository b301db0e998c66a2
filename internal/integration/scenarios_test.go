package integration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/internal/reference"
	"github.com/goaffiliate/affiliate/storage"
)

func TestScenariosOnSQLite(t *testing.T) {
	t.Parallel()
	eachSQLite(t, func(t *testing.T, driver, settings string) {
		t.Helper()
		runScenarios(t, func(t *testing.T) storage.Store { t.Helper(); return migrated(t, driver, settings) })
	})
}

func TestReferenceOnSQLite(t *testing.T) {
	t.Parallel()
	d := sqliteDrivers[1]
	runReference(t, 10, func(t *testing.T) storage.Store { t.Helper(); return migrated(t, d.name, d.settings) })
}

func TestScenariosOnPostgres(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		conns := connect(t, driver, 4)
		runScenarios(t, func(t *testing.T) storage.Store { t.Helper(); return conns.fresh(t) })
	})
}

func TestReferenceOnPostgres(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		conns := connect(t, driver, 4)
		runReference(t, 4, func(t *testing.T) storage.Store { t.Helper(); return conns.fresh(t) })
	})
}

// runScenarios runs the scenario files, as they are and in another order of
// arrival.
func runScenarios(t *testing.T, open func(t *testing.T) storage.Store) {
	t.Helper()
	files, err := filepath.Glob("../../testdata/scenarios/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for seed, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		s, err := affiliatetest.Parse(file, data)
		require.NoError(t, err)
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		runScenario(t, name, open, s)
		s.Steps = affiliatetest.Shuffle(s.Steps, uint64(seed))
		runScenario(t, name+" shuffled", open, s)
	}
}

// runReference runs random scenarios whose expectations the naive implementation
// of the rules computed.
func runReference(t *testing.T, seeds uint64, open func(t *testing.T) storage.Store) {
	t.Helper()
	for seed := range seeds {
		data, err := reference.Marshal(reference.Generate(seed))
		require.NoError(t, err)
		name := fmt.Sprint("seed ", seed)
		s, err := affiliatetest.Parse(name, data)
		require.NoError(t, err)
		runScenario(t, name, open, s)
	}
}

func runScenario(t *testing.T, name string, open func(t *testing.T) storage.Store, s affiliatetest.Scenario) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		result, err := affiliatetest.Run(t.Context(), open(t), s)
		require.NoError(t, err)
		require.Empty(t, result.Differences)
	})
}
