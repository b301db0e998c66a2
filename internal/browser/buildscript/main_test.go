package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const folder = "../../../affiliatehttp/script"

// What is served is what can be read.
func TestCommittedFileIsBuiltFromItsSource(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(folder, sourceName))
	require.NoError(t, err)
	committed, err := os.ReadFile(filepath.Join(folder, outputName))
	require.NoError(t, err)
	for range 3 {
		built, err := build(source)
		require.NoError(t, err)
		require.Equal(t, string(built), string(committed), "run go generate ./affiliatehttp/script")
	}
}

func TestRunWritesTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, sourceName), []byte("const first = window.name; window.second = first + first; // gone"), 0o600))
	require.NoError(t, run([]string{dir}))
	code, err := os.ReadFile(filepath.Join(dir, outputName))
	require.NoError(t, err)
	assert.Regexp(t, `^\(\(\)=>\{const (\w)=window\.name;window\.second=\w\+\w;?\}\)\(\);\n$`, string(code))
}

func TestMistakesAreReportedWithTheirPlace(t *testing.T) {
	t.Parallel()
	_, err := build([]byte("let a;\nlet a;"))
	require.ErrorContains(t, err, "affiliate.js:2:4: ")
	require.Error(t, run(nil))
	require.Error(t, run([]string{t.TempDir()}))
}
