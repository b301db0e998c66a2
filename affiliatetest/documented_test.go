package affiliatetest_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatetest"
)

// The scenario file on the page about them is one: every step and field that it
// shows is known.
func TestDocumentedScenarioIsKnown(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/scenarios.md")
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```jsonc\n(.*?)```").FindSubmatch(page)
	require.NotNil(t, block)
	file := regexp.MustCompile(`(?m)\s//.*$`).ReplaceAll(block[1], nil)
	at, steps := time.Date(2026, time.February, 1, 0, 0, 0, 0, time.UTC), 0
	file = regexp.MustCompile(`"\.\.\."`).ReplaceAllFunc(file, func([]byte) []byte {
		steps++
		at = at.Add(time.Hour)
		return fmt.Appendf(nil, "%q", at.Format(time.RFC3339))
	})
	scenario, err := affiliatetest.Parse("docs/scenarios.md", file)
	require.NoError(t, err)
	require.Greater(t, len(scenario.Steps), 20)
	require.Greater(t, steps, 20)
}
