package payload_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// TestLines: what a line is of, and what it comes to, wherever a version has it.
func TestLines(t *testing.T) {
	for name, c := range map[string]struct {
		line string
		want payload.Line
	}{
		"pre-basil": {
			`"amount":4800,"quantity":2,"proration":true,"subscription":"sub_1","price":{"id":"price_1","product":"prod_1"},
				"discount_amounts":[{"amount":300,"discount":"di_1"}],"tax_amounts":[{"amount":500,"inclusive":true},{"amount":9,"inclusive":false}]`,
			payload.Line{Product: "prod_1", Price: "price_1", Subscription: "sub_1", Quantity: 2, Net: 4000, Proration: true},
		},
		"a plan alone": {`"amount":1,"price":null,"plan":{"id":"plan_1","product":{"id":"prod_1"}}`, payload.Line{Product: "prod_1", Price: "plan_1", Net: 1}},
		"since basil": {
			`"amount":-4800,"pricing":{"price_details":{"price":"price_1","product":"prod_1"}},
				"parent":{"subscription_item_details":{"subscription":"sub_1","proration":true}},"taxes":[{"amount":-800,"tax_behavior":"inclusive"},{"amount":9,"tax_behavior":"exclusive"}]`,
			payload.Line{Product: "prod_1", Price: "price_1", Subscription: "sub_1", Net: -4000, Proration: true},
		},
		"a quantity that is no whole number": {`"amount":1,"quantity":1.5,"price":"price_1"`, payload.Line{Price: "price_1", Net: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			in, err := payload.ParseInvoice(fmt.Appendf(nil, `{"id":"in_1","lines":{"data":[{"id":"il_1",%s}],"has_more":true}}`, c.line))
			require.NoError(t, err)
			c.want.ID = "il_1"
			require.Equal(t, []payload.Line{c.want}, in.Lines)
			require.True(t, in.MoreLines)
		})
	}
	_, err := payload.ParseInvoice([]byte(`{"id":"in_1","lines":{"data":[{"id":"il_1","amount":-9223372036854775808,"discount_amounts":[{"amount":1}]}]}}`))
	require.ErrorIs(t, err, payload.ErrMalformed)
}
