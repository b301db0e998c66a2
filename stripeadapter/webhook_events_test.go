package stripeadapter_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// TestWebhookEvents checks that an endpoint gets the events which the adapter reads,
// and no others.
func TestWebhookEvents(t *testing.T) {
	const handMade = "invoice.payment_succeeded" // says nothing that invoice.paid does not
	read := slices.DeleteFunc(typesRead(t), func(name string) bool { return name == handMade })
	require.Equal(t, slices.Sorted(slices.Values(read)), stripeadapter.WebhookEvents(true))

	const ofConnect = "account.application.deauthorized"
	own := slices.DeleteFunc(stripeadapter.WebhookEvents(true), func(name string) bool { return name == ofConnect })
	require.Equal(t, own, stripeadapter.WebhookEvents(false))

	host := stripetest.NewHost(t, memory.New(), nil, stripeadapter.Config{})
	for _, name := range append(own, handMade) {
		body := fmt.Sprintf(`{"id":"evt_1","type":%q,"created":1,"livemode":false,"data":{"object":{"id":""}}}`, name)
		result, err := host.Adapter.Apply(t.Context(), []byte(body))
		require.NoError(t, err)
		require.ErrorIs(t, result.Err, stripeadapter.ErrMalformed, "%s is read", name)
	}
}

// TestBrokenObjectsAreRefused gives objects that are no JSON to events of all ways:
// read, of no interest, of the other mode, of nobody's account.
func TestBrokenObjectsAreRefused(t *testing.T) {
	host := stripetest.NewHost(t, memory.New(), nil, stripeadapter.Config{})
	apply := func(rest, object string) error {
		_, err := host.Adapter.Apply(t.Context(), []byte(`{"id":"evt_1",`+rest+`,"created":1,"data":{"object":`+object+`}}`))
		return err
	}
	for _, rest := range []string{
		`"type":"invoice.paid","livemode":false`, `"type":"product.created","livemode":false`, `"type":"invoice.paid","livemode":true`,
		`"type":"invoice.paid","livemode":false,"account":"acct_1"`, `"type":"account.application.deauthorized","livemode":false`,
		`"type":"v2.core.account.updated"`,
	} {
		require.NoError(t, apply(rest, `{"id":"in_1"}`), rest)
		for _, broken := range []string{`{"id":"in_1",}`, `{"id":"in_1" "x"}`, `{"id":[}`, `{"id":01}`, "{\"id\":\"\n\"}"} {
			require.ErrorIs(t, apply(rest, broken), stripeadapter.ErrMalformed, "%s %s", rest, broken)
		}
	}
}

// typesRead are the types of events that Adapter.read names.
func typesRead(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "read.go", nil, 0)
	require.NoError(t, err)
	var names []string
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Name.Name != "read" {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			c, ok := n.(*ast.CaseClause)
			if !ok {
				return true
			}
			for _, of := range c.List {
				name, err := strconv.Unquote(of.(*ast.BasicLit).Value)
				require.NoError(t, err)
				names = append(names, name)
			}
			return false
		})
	}
	require.NotEmpty(t, names)
	return names
}

// TestTheGuideNamesAllEvents: whoever ticks what the guide lists misses nothing.
func TestTheGuideNamesAllEvents(t *testing.T) {
	guide, err := os.ReadFile("../docs/guides/stripe-webhook.md")
	require.NoError(t, err)
	for _, event := range stripeadapter.WebhookEvents(true) {
		require.Contains(t, string(guide), "`"+event+"`")
	}
}
