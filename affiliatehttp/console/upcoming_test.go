package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

var (
	tags     = regexp.MustCompile(`\s*<[^>]*>\s*`)
	drawings = regexp.MustCompile(`(?s)<svg.*?</svg>`)
)

// text is a page as people read it.
func text(page string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(drawings.ReplaceAllString(page, ""), " ")), " ")
}

// The owner reads a cut-off as the partner does, whatever zone the pages are in.
func TestThePageOfAPartnerTellsWhatIsDueApartFromWhatComesNext(t *testing.T) {
	w := newWorld(t)
	w.must(errOf(w.eng.EditPartner(w.ctx(), "bob", program.Profile{Payout: payout.Schedule{TimeZone: "Asia/Tokyo"}.Change()}, time.Time{})))
	cut := time.Date(2025, time.November, 30, 15, 0, 0, 0, time.UTC) // 1 December in Tokyo
	for _, days := range []int{-40, -20} {
		w.clock.Set(cut.AddDate(0, 0, days))
		w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: w.id("cus"), Amount: 50_000, Program: "cloud", Currency: "usd", Partner: "bob"})
	}
	w.clock.Set(cut.Add(time.Hour))
	owner := w.owner()
	page := text(owner.ok("/admin/partners/bob"))
	require.Contains(t, page, "Being prepared $100.00 (cut-off 1 Dec 2025). Review and issue")
	require.Contains(t, page, "Next payout in USD $100.00, estimated")
	require.Contains(t, page, "Next cut-off 1 Jan 2026, 00:00 (Asia/Tokyo)")
	require.Contains(t, text(owner.ok("/admin/payouts/run")), "Bob’s Reviews 1 Dec 2025 $100.00")

	_, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
	w.must(err)
	page = text(owner.ok("/admin/partners/bob"))
	require.NotContains(t, page, "Being prepared")
	require.Contains(t, page, "Next payout in USD $100.00, estimated")
	require.Contains(t, text(owner.ok("/admin/payouts/"+w.payouts()[0].ID)), "at the cut-off on 1 Dec 2025, 00:00 (Asia/Tokyo)")
}
