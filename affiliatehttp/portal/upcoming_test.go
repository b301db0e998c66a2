package portal_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

var tags = regexp.MustCompile(`\s*<[^>]*>\s*`)

// text is a page as people read it.
func text(page string) string {
	plain := regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(page, "")
	return strings.Join(strings.Fields(tags.ReplaceAllString(plain, " ")), " ")
}

// cut is midnight of 1 December in New York, where ada's cut-offs are.
var cut = time.Date(2025, time.December, 1, 5, 0, 0, 0, time.UTC)

// waiting is ada between the cut-off of 1 December and its run: 171.84 and more
// has matured by then, and 20.00 matures by the next one.
func waiting(t *testing.T) (*world, reader) {
	t.Helper()
	w := newWorld(t)
	minimum := map[money.Currency]int64{"usd": 5000, "eur": 10_000}
	w.must(errOf(w.eng.EditPartner(w.ctx(), "ada", program.Profile{Payout: payout.Schedule{TimeZone: "America/New_York", Minimum: minimum}.Change()}, time.Time{})))
	sell := func(at time.Time, of string, currency money.Currency, amount int64) {
		w.clock.Set(at)
		w.convert(attribution.InvoicePaid, w.id("cus"), amount, affiliate.Conversion{Program: of, Currency: currency, Partner: "ada"})
	}
	sell(cut.AddDate(0, 0, -40), cloud, "usd", 85_920)
	sell(cut.AddDate(0, 0, -40), europe, "eur", 20_000)
	sell(cut.AddDate(0, 0, -20), cloud, "usd", 30_000)
	w.clock.Set(cut.Add(6 * time.Hour))
	return w, w.reader("ada", w.portal())
}

type upcomingBalances struct {
	NextPayoutAt time.Time
	Items        []struct {
		Currency   string
		DuePayout  *struct{ Amount, Cutoff any }
		NextPayout int64
	}
}

func TestAPartnerIsToldWhatIsBeingPreparedAndApartWhatComesNext(t *testing.T) {
	w, ada := waiting(t)
	var got upcomingBalances
	ada.decode("/v1/portal/balances", &got)
	require.Equal(t, "usd", got.Items[0].Currency)
	require.NotNil(t, got.Items[0].DuePayout)
	require.EqualValues(t, 17_184, got.Items[0].DuePayout.Amount)
	require.Equal(t, "2025-12-01T05:00:00Z", got.Items[0].DuePayout.Cutoff)
	require.EqualValues(t, 6000, got.Items[0].NextPayout)
	require.Equal(t, time.Date(2026, time.January, 1, 5, 0, 0, 0, time.UTC), got.NextPayoutAt)
	require.Nil(t, got.Items[1].DuePayout, "30.00 is below the minimum")
	require.EqualValues(t, 3000, got.Items[1].NextPayout)

	page := text(ada.ok("/portal"))
	require.Contains(t, page, "Your next payout, estimated $60.00")
	require.Contains(t, page, "Being prepared: $171.84 (cut-off 1 Dec 2025 )")
	require.Contains(t, page, "Next cut-off: 1 Jan 2026")
	require.Contains(t, page, "€30.00 so far. Minimum payout €100.00.")
	page = text(ada.ok("/portal/payouts"))
	require.Contains(t, page, "Being prepared $171.84 cut-off 1 Dec 2025")
	require.Contains(t, page, "Next payout $60.00 cut-off 1 Jan 2026, estimated")

	_, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
	w.must(err)
	got = upcomingBalances{}
	ada.decode("/v1/portal/balances", &got)
	require.Nil(t, got.Items[0].DuePayout)
	require.EqualValues(t, 6000, got.Items[0].NextPayout, "what comes next is as it was")
	for _, target := range []string{"/portal", "/portal/payouts"} {
		page = text(ada.ok(target))
		require.NotContains(t, page, "Being prepared", target)
		require.Contains(t, page, "$60.00", target)
	}
}

func TestBeforeTheCutoffNothingIsBeingPrepared(t *testing.T) {
	w, ada := waiting(t)
	w.clock.Set(cut.Add(-time.Second))
	for _, target := range []string{"/v1/portal/balances", "/v1/portal/overview"} {
		body := ada.ok(target)
		require.NotContains(t, body, "duePayout", target)
		require.Contains(t, body, `"nextPayout":17184`, target)
	}
	page := text(ada.ok("/portal/payouts"))
	require.NotContains(t, page, "Being prepared")
	require.Contains(t, page, "Next payout $171.84 cut-off 1 Dec 2025, estimated", "the day of New York")
}

func TestRefundsBetweenCutoffAndRunAreSaid(t *testing.T) {
	w, ada := waiting(t)
	_, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
	w.must(err)
	page, err := w.eng.Commissions(w.ctx(), "ada", "", 10)
	w.must(err)
	for _, c := range page.Commissions {
		_, err := w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: w.id("re"), Conversion: c.Conversion, All: true})
		w.must(err)
	}
	var got upcomingBalances
	require.NoError(t, json.Unmarshal([]byte(ada.ok("/v1/portal/balances")), &got))
	require.EqualValues(t, -17_184, got.Items[0].NextPayout)
	require.Contains(t, text(ada.ok("/portal")), "−$171.84 after refunds. New earnings make this up first.")
	require.Contains(t, text(ada.ok("/portal/payouts")), "−$171.84 to make up first")
}
