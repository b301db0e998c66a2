package console_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
)

// The owner sees which commissions wait for a suspect click, and releases them.
func TestOwnerReleasesWhatASuspectClickEarned(t *testing.T) {
	w := newWorld(t)
	click, err := w.eng.RecordClick(w.ctx(), affiliate.Click{Partner: "bob", Program: "cloud", Suspect: "velocity"})
	w.must(err)
	conv := w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: w.id("cus"), Click: click.ClickID, Amount: 4900, Program: "cloud"})
	require.Equal(t, commission.StatusUnderReview, w.status(conv, "share"))
	owner := w.owner()
	require.Contains(t, owner.ok("/admin"), "1 commission waits for you")
	page := owner.ok("/admin/conversions/" + conv)
	require.Contains(t, page, "under review because of a suspect click (velocity)")
	require.Contains(t, page, "Suspect: velocity")
	w.clock.Advance(time.Second)
	address := "/admin/conversions/" + conv + "/review?" + url.Values{"do": {"release"}, "partner": {"bob"}, "program": {"cloud"}, "rule": {"share"}}.Encode()
	require.Contains(t, owner.sent(owner.fill(address)), "is released")
	require.Equal(t, commission.StatusPending, w.status(conv, "share"))
}
