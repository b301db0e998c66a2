package examples

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every server of an example has all of its timeouts, so that a client that is slow
// or silent holds nothing for long; and none is started in a way that has none.
func TestServersHaveTimeouts(t *testing.T) {
	t.Parallel()
	servers := 0
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if isHTTP(n.Type, "Server") {
					servers++
					checkTimeouts(t, path, n)
				}
			case *ast.CallExpr:
				if isHTTP(n.Fun, "ListenAndServe", "ListenAndServeTLS", "Serve", "ServeTLS") {
					t.Errorf("%s starts a server without timeouts", path)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || servers < 3 {
		t.Fatalf("%d servers %v", servers, err)
	}
}

func checkTimeouts(t *testing.T, path string, server *ast.CompositeLit) {
	t.Helper()
	var set []string
	for _, field := range server.Elts {
		if pair, ok := field.(*ast.KeyValueExpr); ok {
			if name, ok := pair.Key.(*ast.Ident); ok {
				set = append(set, name.Name)
			}
		}
	}
	for _, need := range []string{"ReadHeaderTimeout", "ReadTimeout", "WriteTimeout", "IdleTimeout"} {
		if !slices.Contains(set, need) {
			t.Errorf("a server in %s has no %s", path, need)
		}
	}
}

func isHTTP(x ast.Expr, names ...string) bool {
	selector, ok := x.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	of, ok := selector.X.(*ast.Ident)
	return ok && of.Name == "http" && slices.Contains(names, selector.Sel.Name)
}
