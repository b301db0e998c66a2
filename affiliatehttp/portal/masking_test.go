package portal_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// dump stands for everything that is stored.
func (w *world) dump() string {
	w.Helper()
	rows, err := w.store.Rows(w.ctx(), w.eng.Organization())
	w.must(err)
	text, err := rows.Canonical()
	w.must(err)
	return string(text)
}

// No page, file or answer holds anything of the owner's, also where sale amounts are
// shown, and in what is refused: every such text in the world begins with the canary.
func TestCanariesAreSilentInErrors(t *testing.T) {
	w, _ := busy(t)
	ada := w.reader("ada", w.portal(func(c *portal.Config) { c.ShowSaleAmounts = func(string) bool { return true } }))
	for target, body := range ada.crawl() {
		require.NotContains(t, strings.ToLower(body), canary, target)
	}
	main := ada.program("Acme Cloud")
	for _, f := range []url.Values{
		{"program": {main}, "key": {"bad key"}},
		{"program": {main}, "destination": {"https://evil.example/"}},
		{"program": {"x"}},
	} {
		rec := ada.post("/portal/links", f)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
		require.NotContains(t, strings.ToLower(rec.Body.String()), canary)
	}
}

// A sale's amount is shown where the program shows it, and nowhere else.
func TestSaleAmounts(t *testing.T) {
	w, ada := busy(t)
	shows := w.reader("ada", w.portal(func(c *portal.Config) { c.ShowSaleAmounts = func(id string) bool { return id == cloud } }))
	first := func(r reader, title string) string {
		var list struct{ Items []struct{ ID string } }
		r.decode("/v1/portal/conversions?limit=1&program="+r.program(title), &list)
		return r.ok("/v1/portal/conversions/" + list.Items[0].ID)
	}
	require.Contains(t, first(shows, "Acme Cloud"), `"sale":{"amount":9900,"currency":"usd"}`)
	require.Contains(t, first(shows, "Acme Cloud"), "20% of $99.00")
	for _, body := range []string{first(ada, "Acme Cloud"), first(shows, "Acme Europe")} {
		require.NotContains(t, body, `"sale"`)
		require.Contains(t, body, "% of the sale")
	}
	var tiers struct {
		Items []struct {
			ProgramTitle  string
			Reached, Goal *int64
			Words         string
		}
	}
	ada.decode("/v1/portal/tiers", &tiers)
	require.Len(t, tiers.Items, 2)
	require.NotNil(t, tiers.Items[0].Reached, "conversions are the partner's own to count")
	require.Nil(t, tiers.Items[1].Reached, "revenue is the sum of sales")
	require.Nil(t, tiers.Items[1].Goal)
}

// Whatever happens to others, the bytes that the partner reads stay the same.
func TestIsolation(t *testing.T) {
	w, ada := busy(t)
	before := ada.crawl()
	w.othersMove()
	after := ada.crawl()
	require.Len(t, after, len(before))
	for target, body := range before {
		require.Equal(t, body, after[target], target)
	}
	bob := w.reader("bob", w.portal()).crawl()
	require.NotEmpty(t, bob)
	for target, body := range bob {
		if strings.Contains(target, "ada-blog") {
			continue // a guess of the test's, which the page repeats
		}
		require.NotContains(t, body, "ada-blog", target)
		require.NotContains(t, body, "Lovelace", target)
	}
}

// othersMove changes everything that is not ada's.
func (w *world) othersMove() {
	w.Helper()
	name, email := canary+" renamed", canary+"-new@bob.example"
	w.must(errOf(w.eng.EditPartner(w.ctx(), "bob", program.Profile{Name: &name, Email: &email}, time.Time{})))
	w.must(errOf(w.eng.EditPartner(w.ctx(), "eve", program.Profile{Name: &name}, time.Time{})))
	w.must(errOf(w.eng.ApprovePartnership(w.ctx(), "eve", cloud, time.Time{})))
	w.link("bob", canary+"-bob-2", cloud, "")
	w.must(errOf(w.eng.AddCode(w.ctx(), affiliate.Code{Code: "CANARY-NEW", Partner: "bob", Program: cloud})))
	w.must(errOf(w.eng.RetireCode(w.ctx(), "CANARY-BOB", time.Time{})))
	w.must(errOf(w.eng.EditProgram(w.ctx(), cloud, program.SettingsChange{Name: &name}, time.Time{})))
	w.must(errOf(w.eng.EditProgram(w.ctx(), hidden, program.SettingsChange{Title: &name}, time.Time{})))
	w.must(errOf(w.eng.CreateProgram(w.ctx(), canary+"-new", program.SettingsChange{
		DestinationURL: home(),
		Title:          &name, Rules: []commission.Rule{{ID: ruleShare, Trigger: commission.Every, Type: commission.Percent, Value: "90"}},
	}, time.Time{})))
	w.must(errOf(w.eng.ApprovePartnership(w.ctx(), "bob", canary+"-new", time.Time{})))
	w.must(errOf(w.eng.OverrideTerms(w.ctx(), "bob", cloud, program.TermsChange{
		Rules: []commission.Rule{{ID: ruleShare, Trigger: commission.Every, Type: commission.Percent, Value: "77"}},
	}, time.Time{})))
	past := today.AddDate(0, -3, 0)
	for i := range 30 {
		w.clock.Set(past.AddDate(0, 0, i))
		_, conv := w.customer(canary+"-bob", 7700, affiliate.Conversion{Program: cloud, Currency: "usd"})
		if i%3 == 0 {
			_, err := w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: w.id("re"), Conversion: conv, All: true})
			w.must(err)
		}
	}
	w.clock.Set(today)
	w.convert(attribution.InvoicePaid, w.id("nobody"), 1000, affiliate.Conversion{})
	_, err := w.eng.Identify(w.ctx(), affiliate.Identify{Customer: w.id("cus"), Visitor: w.id("visitor"), Email: canary + "@x.example"})
	w.must(err)
	issued, err := w.eng.RunPayouts(w.ctx(), affiliate.PayoutRun{})
	w.must(err)
	require.NotEmpty(w, issued)
	for _, p := range issued {
		require.Equal(w, "bob", p.Partner)
		_, err := w.eng.MovePayout(w.ctx(), p.ID, "failed", time.Time{})
		w.must(err)
	}
	w.must(errOf(w.eng.SuspendPartner(w.ctx(), "bob", time.Time{})))
}

// Ids of others, guessed or stolen, are not found, and neither is what is made up.
func TestGuessing(t *testing.T) {
	w, ada := busy(t)
	w.othersMove()
	bob := w.reader("bob", w.portal())
	var conversions, payouts struct{ Items []struct{ ID string } }
	bob.decode("/v1/portal/conversions", &conversions)
	bob.decode("/v1/portal/payouts", &payouts)
	bobs := "canary-bob-2"
	list := []string{conversions.Items[0].ID, "in_1", canary + "_conv_00003", strings.Repeat("A", 22), strings.Repeat("A", 4000), "%00", "'", "%2e%2e%2f"}
	for _, id := range append(list, payouts.Items[0].ID) {
		for _, route := range []string{"/conversions/%s", "/payouts/%s", "/payouts/%s/statement", "/payouts/%s/statement.csv", "/codes/%s/retire"} {
			path := strings.Replace(route, "%s", url.PathEscape(id), 1)
			require.Equal(t, http.StatusNotFound, ada.get("/portal"+path).Code, path)
			if !strings.Contains(route, "retire") {
				require.Equal(t, http.StatusNotFound, ada.get("/v1/portal"+path).Code, path)
			}
		}
	}
	require.Equal(t, http.StatusOK, bob.get("/portal/payouts/"+payouts.Items[0].ID).Code)
	for _, code := range []string{"CANARY-NEW", "CANARY-BOB", "NOPE"} {
		require.Equal(t, http.StatusNotFound, ada.get("/portal/codes/"+code+"/retire").Code)
		require.Equal(t, http.StatusNotFound, ada.post("/portal/codes/"+code+"/retire", url.Values{}).Code)
		require.Equal(t, http.StatusNotFound, ada.send(http.MethodDelete, "/v1/portal/codes/"+code, "").Code)
	}
	require.Equal(t, http.StatusUnprocessableEntity, ada.get("/v1/portal/deep-links?link="+bobs+"&to=https://acme.example/").Code)
	theirs := bob.program("Acme Cloud")
	require.Equal(t, http.StatusUnprocessableEntity, ada.get("/v1/portal/commissions?program="+theirs).Code)
	require.Equal(t, http.StatusUnprocessableEntity, ada.post("/portal/links", url.Values{"program": {theirs}}).Code)
	require.Equal(t, http.StatusUnprocessableEntity, ada.post("/portal/links", url.Values{"program": {cloud}}).Code)
	require.Equal(t, http.StatusUnprocessableEntity, ada.get("/v1/portal/commissions?after="+theirs).Code)
}

// Nothing of a commission's cursor can be read: the store's names ids.
func TestCursorsAreSealed(t *testing.T) {
	_, ada := busy(t)
	var page struct{ NextAfter string }
	ada.decode("/v1/portal/commissions?limit=3", &page)
	require.Regexp(t, regexp.MustCompile(`^[A-Za-z0-9_-]{40,}$`), page.NextAfter)
	require.Equal(t, http.StatusUnprocessableEntity, ada.get("/v1/portal/commissions?after="+page.NextAfter[1:]).Code)
}

// silent is a store that fails with a message that nobody may read.
type silent struct {
	storage.Store
	down bool
	says error // default: downError
}

type downError struct{}

func (downError) Error() string { return canary + " disk 3 of db7 is full" }

func (s *silent) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	if s.down && s.says != nil {
		return nil, s.says
	}
	if s.down {
		return nil, downError{}
	}
	return s.Store.Load(ctx, org, refs)
}

func TestStoreIsDown(t *testing.T) {
	store := &silent{Store: memory.New()}
	w := newWorld(t, store)
	ada := w.reader("ada", w.portal())
	store.down = true
	for _, target := range []string{"/portal", "/portal/links", "/v1/portal/overview"} {
		rec := ada.get(target)
		require.Equal(t, http.StatusServiceUnavailable, rec.Code)
		require.Equal(t, "5", rec.Header().Get("Retry-After"))
		require.False(t, bytes.Contains(rec.Body.Bytes(), []byte("disk")))
	}
}

// Nor does anything without sale amounts, nor the log, while all works and while
// nothing does.
func TestCanariesAreSilent(t *testing.T) {
	store := &silent{Store: memory.New(), says: storage.ErrUnavailable}
	w := newWorld(t, store)
	w.year("ada-blog")
	var log bytes.Buffer
	ada := w.reader("ada", w.portal(func(c *portal.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) }))
	pages := ada.crawl()
	store.down = true
	for target, body := range pages {
		require.NotContains(t, strings.ToLower(body), canary, target)
		ada.get(target)
	}
	require.NotEmpty(t, log.String())
	require.NotContains(t, strings.ToLower(log.String()), canary)
}
