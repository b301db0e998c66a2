package integration_test

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// readmeRest is what a reader of the README brings along: imports, what the code
// names without saying what it is, and at the end whether it did what it says.
const readmeRest = `package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

IMPORTS

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	ctx, visitor := context.Background(), "visitor-12345678"
	cookieKey, pageKey := []byte(strings.Repeat("c", 64)), []byte(strings.Repeat("p", 64))
	apiKeys := func(*http.Request) (affiliatehttp.Principal, error) { return affiliatehttp.Principal{}, affiliatehttp.ErrForbidden }
	partnerSession := func(*http.Request) (string, error) { return "ada", nil }
	ownerSession := func(*http.Request) (affiliatehttp.Principal, error) {
		return affiliatehttp.Principal{Organization: "default", Role: affiliatehttp.RoleOwner}, nil
	}
	mux, yourPages := http.NewServeMux(), http.NotFoundHandler()
	must(os.Setenv("STRIPE_WEBHOOK_SECRET", "whsec_1"))
	orders := func(db *sql.DB) error {
		_, err := db.Exec("CREATE TABLE orders (id TEXT PRIMARY KEY, cents INTEGER NOT NULL)")
		return err
	}

	CODE
}

func check(sale, second int64, mux http.Handler) {
	if sale != 980 || second != 980 {
		panic(fmt.Sprintf("commissions of %d and %d", sale, second))
	}
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/r/nobody", 404}, {"POST", "/v1/conversions", 403}, {"GET", "/v1/programs", 403}, {"GET", "/affiliate.js", 200},
		{"GET", "/portal/", 200}, {"GET", "/portal/links", 200}, {"GET", "/v1/portal/overview", 200}, {"GET", "/admin/", 200},
		{"GET", "/admin/partners", 200}, {"POST", "/stripe/webhook", 400}, {"POST", "/v1/track/click", 200},
	} {
		r := httptest.NewRequest(c.method, "https://example.com"+c.path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != c.want {
			panic(fmt.Sprintf("%s %s: %d %s %s", c.method, c.path, w.Code, w.Header(), w.Body))
		}
	}
}
`

// The Go code of the README and of the guide that goes on from it, put together, compiles, runs on the
// database that it opens, and does what the text says.
func TestReadmeCodeRuns(t *testing.T) {
	t.Parallel()
	var text []byte
	for _, name := range []string{"../../README.md", "../../docs/guides/embedding.md"} {
		page, err := os.ReadFile(name)
		require.NoError(t, err)
		text = append(text, page...)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(text, -1)
	require.GreaterOrEqual(t, len(blocks), 4)

	first := string(blocks[0][1])
	imports, code, found := strings.Cut(first, "\n)\n")
	require.True(t, found, "the first block imports")
	program := "{\n" + checked(t, code) + "\nmust(orders(db))\n" // blocks are nested, so that each may use what is above it
	for _, block := range blocks[1:] {
		program += "{\n" + checked(t, string(block[1])) + "\n"
	}
	program += "second, err := eng.Conversion(ctx, \"in_1043\")\nmust(err)\ncheck(sale.Commissions[0].Amount, second.Commissions[0].Amount, mux)\n"
	program += strings.Repeat("}\n", len(blocks))
	program = strings.NewReplacer("IMPORTS", imports+"\n)", "CODE", program).Replace(readmeRest)

	dir := t.TempDir()
	file := filepath.Join(dir, "main.go")
	require.NoError(t, os.WriteFile(file, []byte(program), 0o600))
	binary := filepath.Join(dir, "readme")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, file).CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, program)
	run := exec.CommandContext(t.Context(), binary)
	run.Dir = dir
	out, err = run.CombinedOutput()
	require.NoError(t, err, "%s\n%s", out, program)
}

// checked returns code in which every error is looked at and every variable used,
// which the README leaves to its reader.
func checked(t *testing.T, code string) string {
	t.Helper()
	const before = "package p\n\nfunc f() {\n"
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "README.md", before+code+"\n}\n", parser.ParseComments)
	require.NoError(t, err, code)
	body := file.Decls[0].(*ast.FuncDecl).Body
	var out strings.Builder
	for _, statement := range body.List {
		var text bytes.Buffer
		require.NoError(t, format.Node(&text, set, statement))
		out.WriteString(text.String() + "\n")
		assign, ok := statement.(*ast.AssignStmt)
		if !ok {
			continue
		}
		for _, name := range assign.Lhs {
			switch id, ok := name.(*ast.Ident); {
			case !ok || id.Name == "_":
			case id.Name == "err":
				out.WriteString("must(err)\n")
			default:
				out.WriteString("_ = " + id.Name + "\n")
			}
		}
	}
	return out.String()
}

// What the README and the guides tell a reader to run or to read is there.
func TestReadmeCommandsExist(t *testing.T) {
	t.Parallel()
	guides, err := filepath.Glob("../../docs/guides/*.md")
	require.NoError(t, err)
	commands := 0
	for _, page := range append(guides, "../../README.md", "../../docs/README.md", "../../docs/architecture.md", "../../examples/README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, command := range regexp.MustCompile(`go run (\./\S+)`).FindAllSubmatch(text, -1) {
			commands++
			require.DirExists(t, filepath.Join("../..", string(command[1])), page)
		}
		for _, file := range regexp.MustCompile(`\btestdata/scenarios/\S+`).FindAll(text, -1) {
			found, err := filepath.Glob(filepath.Join("../..", strings.TrimRight(string(file), "`.:,")))
			require.NoError(t, err)
			require.NotEmpty(t, found, "%s: %s", page, file)
		}
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)[^):]*\)`).FindAllSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(page), string(link[1])))
			require.NoError(t, err, page)
		}
	}
	require.GreaterOrEqual(t, commands, 10)
}
