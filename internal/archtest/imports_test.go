package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pkg is what go list tells about a package.
type pkg struct {
	ImportPath   string
	Standard     bool
	DepOnly      bool
	Imports      []string
	TestImports  []string
	XTestImports []string
}

func TestImportsFollowTheFlowOfData(t *testing.T) {
	t.Parallel()
	for _, violation := range checkImports(listPackages(t)) {
		t.Error(violation)
	}
}

func TestCheckerReportsForbiddenImports(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		pkg  pkg
		want string
	}{
		{"engine imports a store", module(".", "storage/sqlite"), "(root) imports storage/sqlite"},
		{"against the flow", module("money", "attribution"), "money imports attribution"},
		{"the contract imports a helper", module("storage", "internal/sqlstore"), "storage imports internal/sqlstore"},
		{"a rule reaches for a helper", module("commission", "internal/sqlstore"), "commission imports internal/sqlstore"},
		{"a leaf imports back", module("internal/calendar", "money"), "internal/calendar imports money"},
		{"a package that nobody placed", module("utils"), "utils has no row"},
		{"an impure decision", foreign("attribution", "context"), "attribution is pure but imports context"},
		{"an impure folder", foreign("decision/fold", "database/sql"), "decision/fold is pure but imports database/sql"},
		{"ids made in a rule", foreign("commission", "github.com/google/uuid"), "commission is pure but imports github.com/google/uuid"},
		{"a driver", foreign("storage/sqlite", "modernc.org/sqlite"), "storage/sqlite brings modernc.org/sqlite"},
		{"a driver in a test", pkg{ImportPath: modulePath, XTestImports: []string{"github.com/lib/pq"}}, "tests of (root) import github.com/lib/pq"},
		{"a test library", foreign("affiliatetest", "github.com/stretchr/testify/assert"), "affiliatetest brings github.com/stretchr/testify/assert"},
		{"a driver far down", pkg{ImportPath: "example.org/orm", DepOnly: true, Imports: []string{"github.com/mattn/go-sqlite3"}}, "example.org/orm brings github.com/mattn/go-sqlite3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := checkImports([]pkg{test.pkg})
			require.Len(t, got, 1)
			assert.Contains(t, got[0], test.want)
		})
	}
}

func TestCheckerAcceptsTheFlow(t *testing.T) {
	t.Parallel()
	assert.Empty(t, checkImports([]pkg{
		{ImportPath: "database/sql", Standard: true, Imports: []string{"context"}},
		module("commission", "promo", "attribution", "money", "internal/calendar"),
		module(".", "storage", "decision", "internal/problem"),
		module("affiliatetest", ".", "storage/memory"),
		foreign("storage/sqlite", "database/sql"),
		foreign("storage/storagetest", "github.com/stretchr/testify/require"),
		foreign("program", "net/url"),
		foreign("money", "github.com/shopspring/decimal"),
	}))
}

// checkImports returns one sentence per forbidden edge.
func checkImports(pkgs []pkg) []string {
	var violations []string
	for _, p := range pkgs {
		if p.Standard {
			continue
		}
		violations = append(violations, checkPlace(p)...)
		violations = append(violations, checkLibraries(p)...)
	}
	return violations
}

// checkPlace judges a package of the module by the layout table.
func checkPlace(p pkg) []string {
	from, ok := relative(p.ImportPath)
	if !ok {
		return nil
	}
	own := rowOf(from)
	if own == nil {
		return []string{from + " has no row in the layout table of internal/archtest"}
	}
	var violations []string
	for _, path := range p.Imports {
		to, inModule := relative(path)
		switch {
		case inModule && !mayImport(own, rowOf(to)):
			violations = append(violations, fmt.Sprintf("%s imports %s, which the layout table forbids", from, to))
		case !inModule && slices.Contains(pureRows, own.pattern) && matchAny(impure, path):
			violations = append(violations, fmt.Sprintf("%s is pure but imports %s", from, path))
		}
	}
	return violations
}

// checkLibraries reports drivers and test libraries, also where a dependency
// brings them.
func checkLibraries(p pkg) []string {
	name, inModule := relative(p.ImportPath)
	if matchAny(drivers, name) || matchAny(testLibraries, name) {
		return nil // reported at the package that brings it
	}
	var violations []string
	for _, path := range p.Imports {
		suite := inModule && matchAny(testSuites, name)
		if matchAny(drivers, path) || (matchAny(testLibraries, path) && !suite) {
			violations = append(violations, fmt.Sprintf("%s brings %s into the builds of hosts", name, path))
		}
	}
	for _, path := range append(slices.Clone(p.TestImports), p.XTestImports...) {
		if matchAny(drivers, path) {
			violations = append(violations, fmt.Sprintf("tests of %s import %s: move them to a nested module", name, path))
		}
	}
	return violations
}

func mayImport(from, to *row) bool {
	if to == nil {
		return false
	}
	return from.pattern == to.pattern || slices.Contains(leaves, to.pattern) || slices.Contains(from.may, to.pattern)
}

// rowOf returns the row of a package: its own, else that of the nearest folder
// above it, else nil.
func rowOf(name string) *row {
	var best *row
	for i, r := range layout {
		if !match(r.pattern, name) {
			continue
		}
		if !strings.HasSuffix(r.pattern, "/...") {
			return &layout[i]
		}
		if best == nil || len(r.pattern) > len(best.pattern) {
			best = &layout[i]
		}
	}
	return best
}

// relative names a package inside the module by its folder, the root by
// "(root)". Any other path is returned as it is.
func relative(path string) (string, bool) {
	if path == modulePath {
		return "(root)", true
	}
	if rest, ok := strings.CutPrefix(path, modulePath+"/"); ok {
		return rest, true
	}
	return path, false
}

func match(pattern, name string) bool {
	if pattern == "." {
		return name == "(root)"
	}
	folder, deep := strings.CutSuffix(pattern, "/...")
	return name == folder || (deep && strings.HasPrefix(name, folder+"/"))
}

func matchAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return match(pattern, name) })
}

// listPackages returns the packages of the root module with all that they
// import outside tests. The workspace is left out: it would mix in the versions
// that the nested modules need.
func listPackages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps",
		"-json=ImportPath,Standard,DepOnly,Imports,TestImports,XTestImports", "./...")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())

	var pkgs []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			require.NotEmpty(t, pkgs)
			return pkgs
		}
		require.NoError(t, err)
		if p.DepOnly {
			p.TestImports, p.XTestImports = nil, nil // not in anybody's build
		}
		pkgs = append(pkgs, p)
	}
}

func module(name string, imports ...string) pkg {
	p := pkg{ImportPath: inModule(name)}
	for _, path := range imports {
		p.Imports = append(p.Imports, inModule(path))
	}
	return p
}

func foreign(name string, imports ...string) pkg {
	return pkg{ImportPath: inModule(name), Imports: imports}
}

func inModule(name string) string {
	if name == "." {
		return modulePath
	}
	return modulePath + "/" + name
}
