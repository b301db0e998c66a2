package portal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
)

// A partner reads why a commission is under review that nobody held.
func TestPartnerReadsWhyASuspectClickWaits(t *testing.T) {
	w := newWorld(t)
	click, err := w.eng.RecordClick(w.ctx(), affiliate.Click{Link: "ada-blog", Suspect: "velocity"})
	w.must(err)
	w.convert(attribution.InvoicePaid, w.id("cus"), 4900, affiliate.Conversion{Click: click.ClickID})
	ada := w.reader("ada", w.portal())
	var page struct {
		Items []struct{ Conversion, State, Reason string }
	}
	ada.decode("/v1/portal/commissions", &page)
	require.Equal(t, []string{"under_review", "suspect_click"}, []string{page.Items[0].State, page.Items[0].Reason})
	require.Contains(t, ada.ok("/portal/conversions/"+page.Items[0].Conversion), "under review because of a suspect click")
}
