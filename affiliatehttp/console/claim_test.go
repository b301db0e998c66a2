package console_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
)

// The owner sees that a sale's only lead is a sign-up that a browser told of, and
// accepts it, once.
func TestOwnerAcceptsASignup(t *testing.T) {
	w := newWorld(t)
	click, err := w.eng.RecordClick(w.ctx(), affiliate.Click{Partner: "bob", Program: "cloud"})
	w.must(err)
	customer := w.id("cus")
	_, err = w.eng.RecordClaim(w.ctx(), affiliate.Claim{Customer: customer, Click: click.ClickID})
	w.must(err)
	w.clock.Advance(time.Second)
	conv := w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: customer, Amount: 4900, Program: "cloud"})

	owner := w.owner()
	page := owner.ok("/admin/conversions/" + conv)
	require.Contains(t, page, "a sign-up that only the browser told of, not confirmed")
	require.Contains(t, page, "Accept it")
	address := "/admin/conversions/" + conv + "/claim?" + url.Values{"click": {click.ClickID}}.Encode()
	require.Contains(t, owner.sent(owner.fill(address)), "The sign-up is accepted")
	require.Contains(t, owner.sent(owner.send(http.MethodGet, address, "")), "nothing was changed")
	require.NotContains(t, owner.ok("/admin/conversions/"+conv), "Accept it")
	result, err := w.eng.Conversion(w.ctx(), conv)
	w.must(err)
	require.Equal(t, "bob", result.Credits[0].Partner)
}
