package integration_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each pure package is of use by itself: a program of at most twenty lines, in a
// module of its own that requires nothing else, prints what it says at its end.
func TestEachPurePackageIsDoneInTwentyLines(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	const folder = "testdata/standalone"
	for _, name := range []string{"attribution", "commission", "decision", "payout", "promo"} {
		t.Run(name, func(t *testing.T) {
			source, err := os.ReadFile(filepath.Join(folder, name, "main.go"))
			require.NoError(t, err)
			assert.LessOrEqual(t, bytes.Count(source, []byte("\n")), 20)
			_, want, found := strings.Cut(string(source), "// Output: ")
			require.True(t, found)
			want, _, _ = strings.Cut(want, "\n")

			host := t.TempDir()
			module := "module host.example/program\n\ngo 1.25\n\nrequire github.com/goaffiliate/affiliate v0.0.0\n\n" +
				"replace github.com/goaffiliate/affiliate => " + root + "\n"
			require.NoError(t, os.WriteFile(filepath.Join(host, "go.mod"), []byte(module), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(host, "go.sum"), sums, 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(host, "main.go"), source, 0o600))
			cmd := exec.CommandContext(t.Context(), "go", "run", ".")
			cmd.Dir = host
			cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
			var out, problems bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &problems
			require.NoError(t, cmd.Run(), problems.String())
			assert.Equal(t, want, strings.ReplaceAll(strings.TrimSpace(out.String()), "\n", "; "))
		})
	}
}
