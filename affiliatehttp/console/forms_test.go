package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// settings are a program's in force.
func (w *world) settings(id string) program.Settings {
	w.Helper()
	p, ok := w.setup().Program(id)
	require.True(w, ok)
	s, _ := p.At(w.clock.Now())
	return s
}

// An owner goes from nothing to a partner who can earn, by forms alone.
func TestFirstRun(t *testing.T) {
	w := empty(t)
	owner := w.owner()
	page := owner.sent(owner.fill("/admin/programs/new", "name", "Main", "id", "main", "destinationUrl", "https://acme.example/", "currency", "eur",
		"rules[0].value", "12.5%", "rules[0].eventType", "invoice_paid", "rules[0].months", "6", "rules[0].metric", "revenue", "rules[0].thresholds", "1000.50 = 15\n2000 = 20"))
	require.Contains(t, page, "12.5% of every paid invoice, for 6 months per customer")
	require.Equal(t, commission.Terms{HoldbackDays: 30, Rules: []commission.Rule{{
		ID: "rule-1", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "12.5", Recurring: true, Months: 6,
		Tiers: &commission.Tiers{Metric: commission.Revenue, Period: commission.PerMonth, Thresholds: []commission.Threshold{{At: 100050, Value: "15"}, {At: 200000, Value: "20"}}},
	}}}, w.settings("main").Terms)
	page = owner.sent(owner.fill("/admin/partners/new", "id", "ada", "name", "Ada", "email", "ada@x.example", "program", "main"))
	require.Contains(t, page, "https://acme.example/r/ada")
	require.Contains(t, owner.ok("/admin"), "2 of 4 done")
	_, err := w.eng.RecordConversion(w.ctx(), affiliate.Conversion{ID: "console-test", Type: "test", Customer: "console-test"})
	w.must(err)
	require.Contains(t, owner.ok("/admin/setup"), "Arrived")
	require.Contains(t, owner.ok("/admin"), "3 of 4 done")
	require.Contains(t, reader{t, "owner", w.console(func(c *console.Config) { c.PortalURL = "https://acme.example/portal" })}.ok("/admin"), "To pay out now")
	require.NotContains(t, reader{t, "owner", w.console(func(c *console.Config) { c.PortalURL = "https://acme.example/portal" })}.ok("/admin"), "Get started")
}

// A form that is sent as it came changes nothing.
func TestUntouchedForms(t *testing.T) {
	w := newWorld(t)
	reward := promo.Reward{Kind: promo.AmountOff, Amount: 1050, Currency: "eur", Span: promo.FirstMonths, Months: 3}
	start, end := today.Add(time.Hour+7*time.Second), today.AddDate(1, 0, 0)
	w.must(errOf(w.eng.EditProgram(w.ctx(), "eu", program.SettingsChange{Reward: reward.Change(), StartsAt: &start, EndsAt: &end}, time.Time{})))
	match := []attribution.Condition{{Field: "sub1", Op: attribution.Equals, Value: "a b  c"}, {Field: "campaignId", Op: attribution.StartsWith, Value: "x"}}
	w.must(errOf(w.eng.EditPartner(w.ctx(), "bob", program.Profile{Match: &match}, time.Time{})))
	w.must(errOf(w.eng.EditPartner(w.ctx(), "eve", program.Profile{Payout: payout.Schedule{Cadence: payout.Cron, Cron: "0 9 1,15 * *", TimeZone: "Asia/Tokyo", Minimum: map[money.Currency]int64{"usd": 5000, "jpy": 300}}.Change()}, time.Time{})))
	owner := w.owner()
	_, err := w.eng.Settle(w.ctx(), 0)
	w.must(err)
	before := w.dump()
	for _, target := range []string{
		"/admin/programs/cloud/terms", "/admin/programs/eu/terms", "/admin/programs/cloud/settings", "/admin/programs/eu/settings", "/admin/partners/ada/edit",
		"/admin/partners/bob/edit", "/admin/partners/eve/edit", "/admin/partners/ada/programs/cloud/override",
	} {
		rec := owner.fill(target)
		require.Contains(t, owner.sent(rec), "Nothing was different, so nothing was changed.", target)
	}
	require.Equal(t, before, w.dump())
}

func TestEditTerms(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	require.Contains(t, owner.ok("/admin/programs/cloud/terms"), "The 2 partners on this program keep")
	owner.sent(owner.fill("/admin/programs/cloud/terms", "rules[0].value", "24", "rules[1].value", "", "rules[2].value", "99.95", "rules[2].type", "fixed", "endsAt", "2027-01-31T18:30", "holdbackDays", "14"))
	s := w.settings("cloud")
	require.Equal(t, 14, s.Terms.HoldbackDays)
	require.Equal(t, time.Date(2027, 1, 31, 18, 30, 0, 0, time.UTC), s.EndsAt)
	require.Len(t, s.Terms.Rules, 2)
	require.Equal(t, "24", s.Terms.Rules[0].Value)
	require.NotNil(t, s.Terms.Rules[0].Tiers, "what was not touched stays")
	require.Equal(t, "9995", s.Terms.Rules[1].Value)
	terms, _ := w.setup().Terms("ada", "cloud", w.clock.Now())
	require.Equal(t, "20", terms.Rules[0].Value, "partners keep what they joined with")
	require.Contains(t, owner.ok("/admin/partners/ada/programs/cloud"), "Different")

	for field, c := range map[string][2]string{
		"rules[0].value": {"abc", "A percentage like"}, "rules[0].months": {"-1", "A whole number"}, "rules[0].thresholds": {"10 25", "an equals sign"},
		"endsAt": {"soon", "A date and a time"}, "holdbackDays": {"99999", "Must be 0 to"}, "rules[0].id": {s.Terms.Rules[1].ID, "Duplicate id"},
	} {
		rec := owner.fill("/admin/programs/cloud/terms", field, c[0])
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, field)
		require.Contains(t, rec.Body.String(), c[1])
		require.Contains(t, rec.Body.String(), strings.ReplaceAll(c[0], `"`, "&#34;"), "what was typed is kept")
	}
	require.Equal(t, http.StatusUnprocessableEntity, owner.fill("/admin/programs/cloud/terms", "startsAt", "2028-01-01T00:00").Code, "it would end before it starts")
	require.Equal(t, s, w.settings("cloud"))
	owner.sent(owner.fill("/admin/programs/cloud/terms", "endsAt", ""))
	require.True(t, w.settings("cloud").EndsAt.IsZero(), "an end that is cleared is removed")
}

// Whoever edits what somebody else has changed meanwhile is told, and nothing is
// overwritten.
func TestStaleForms(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	for target, change := range map[string][2]string{
		"/admin/programs/cloud/terms": {"holdbackDays", "7"}, "/admin/programs/cloud/settings": {"name", "Other"}, "/admin/partners/ada/edit": {"name", "Augusta"},
		"/admin/partners/ada/programs/cloud/override": {"rules[0].value", "24"},
	} {
		opened := owner.ok(target)
		w.clock.Advance(time.Second)
		rec := owner.fill(target, change[0], change[1])
		if rec.Code == http.StatusOK {
			rec = owner.submit(rec.Body.String(), target)
		}
		owner.sent(rec)
		before := w.dump()
		rec = owner.submit(opened, target, change[0], "9")
		require.Equal(t, http.StatusConflict, rec.Code, target)
		require.Contains(t, rec.Body.String(), "changed while you were editing")
		require.Contains(t, rec.Body.String(), `value="9"`, "what was typed is kept")
		require.Equal(t, before, w.dump(), target)
		w.clock.Advance(time.Second)
		rec = owner.submit(rec.Body.String(), target)
		require.Less(t, rec.Code, 400, "once more is knowingly")
	}
}

// Destination, window, model and hosts change only after a preview.
func TestSettingsPreview(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	before := w.dump()
	target := "/admin/programs/cloud/settings"
	rec := owner.fill(target, "destinationUrl", "https://new.example/", "deepLinkDomains", "acme.example", "attributionWindowDays", "30", "attributionModel", "linear", "partnerCodes", "", "reward", "free_months", "rewardMonths", "2")
	require.Equal(t, http.StatusOK, rec.Code)
	page := rec.Body.String()
	require.Equal(t, before, w.dump(), "a preview writes nothing")
	for _, says := range []string{
		"lead to https://new.example/ at once. That is 5 links.", "no longer allowed lead to the program’s destination instead. That is 1 link.", "look back 30 days in place of 60 days",
		"all clicks, in equal parts", "give 2 free months",
	} {
		require.Contains(t, page, says)
	}
	owner.sent(owner.submit(page, target))
	s := w.settings("cloud")
	require.Equal(t, "https://new.example/", s.DestinationURL)
	require.Equal(t, []string{"acme.example"}, s.DeepLinkDomains)
	require.Equal(t, 30, s.WindowDays)
	require.Equal(t, attribution.Linear, s.Model)
	require.Equal(t, &promo.Reward{Kind: promo.FreeMonths, Months: 2}, s.Reward)
	require.Contains(t, owner.ok("/admin/programs/cloud"), "2 free months with a code (not applied at checkout)")
	require.Contains(t, owner.ok("/admin/codes"), "Not applied at checkout")
	owner.sent(owner.submit(owner.ok(target), target, "reward", "", "confirm", "1"))
	require.Nil(t, w.settings("cloud").Reward, "a discount can be switched off")
	for field, value := range map[string]string{"destinationUrl": "javascript:alert(1)", "deepLinkDomains": "https://acme.example", "attributionWindowDays": "99999", "attributionModel": "best"} {
		rec := owner.fill(target, field, value)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, field)
	}
}

func TestEndProgram(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	require.Contains(t, owner.ok("/admin/programs/cloud"), "End now")
	require.Contains(t, owner.ok("/admin/programs/cloud/end"), "2 partners and 3 active codes")
	for range 2 {
		require.Contains(t, owner.sent(owner.fill("/admin/programs/cloud/end")), "has ended")
		w.clock.Advance(time.Minute)
		if w.settings("cloud").Lifecycle(w.clock.Now()) == program.Ended {
			break
		}
	}
	ended := w.settings("cloud").EndsAt
	require.NotContains(t, owner.ok("/admin/programs/cloud"), "End now")
	require.Equal(t, http.StatusSeeOther, owner.post("/admin/programs/cloud/end", nil).Code)
	require.Equal(t, ended, w.settings("cloud").EndsAt, "it ends once")
	require.Equal(t, http.StatusUnprocessableEntity, owner.post("/admin/partners/ada/codes", url.Values{"program": {"cloud"}, "code": {"LATE"}}).Code)
	require.Contains(t, owner.sent(owner.post("/admin/programs/eu/default", nil)), "default program now")
}

func TestPartners(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	require.Contains(t, owner.ok("/admin/partners?q=LOVE"), "Ada Lovelace")
	require.NotContains(t, owner.ok("/admin/partners?q=LOVE"), "Reviews")
	require.NotContains(t, owner.ok("/admin/partners?program=eu"), "Reviews")
	require.Contains(t, owner.ok("/admin/partners?state=suspended"), "No partner found")
	owner.sent(owner.fill("/admin/partners/ada/edit", "name", "Augusta", "cadence", "weekly", "weekday", "5", "hour", "9", "minimum", "usd 25\nJPY 1000", "match", "sub1 equals summer", "rank", "3"))
	p, _ := w.setup().Partner("ada")
	require.Equal(t, "Augusta", p.Name)
	require.Equal(t, "ada@partners.example", p.Email, "what was not touched stays")
	require.Equal(t, payout.Schedule{Cadence: payout.Weekly, Weekday: time.Friday, Day: 1, Hour: 9, TimeZone: "Europe/Berlin", Minimum: map[money.Currency]int64{"usd": 2500, "jpy": 1000}}, p.PayoutAt(w.clock.Now()))
	owner.sent(owner.fill("/admin/partners/ada/edit", "minimum", "USD 25"))
	p, _ = w.setup().Partner("ada")
	require.Equal(t, map[money.Currency]int64{"usd": 2500}, p.PayoutAt(w.clock.Now()).Minimum, "a minimum that is cleared is removed")
	require.Equal(t, 3, p.RankAt(w.clock.Now()))
	for field, c := range map[string][2]string{
		"minimum": {"50 dollars", "not a currency and an amount"}, "match": {"sub1 summer", "not a field"}, "hour": {"25", "hour"}, "timeZone": {"Mars/Olympus", "Mars"},
	} {
		rec := owner.fill("/admin/partners/ada/edit", field, c[0])
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, field)
		require.Contains(t, rec.Body.String(), c[1], field)
	}
	require.Contains(t, owner.sent(owner.fill("/admin/partners/ada/suspend")), "is suspended")
	w.clock.Advance(time.Second)
	require.True(t, p.ID == "ada" && strings.Contains(owner.ok("/admin/partners?state=suspended"), "Augusta"))
	require.Contains(t, owner.sent(owner.fill("/admin/partners/ada/reinstate")), "earns again")
	require.Contains(t, owner.sent(owner.fill("/admin/partners/eve/approve", "program", "eu")), "15% of every payment")
	require.Equal(t, http.StatusUnprocessableEntity, owner.post("/admin/partners/eve/approve", url.Values{"program": {"nope"}}).Code)
	rec := owner.fill("/admin/partners/new", "id", "ada", "name", "Twice")
	require.Equal(t, http.StatusConflict, rec.Code)
	require.Contains(t, rec.Body.String(), "This id is taken")
}

func TestOwnTerms(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	const path = "/admin/partners/ada/programs/cloud"
	require.Contains(t, owner.ok(path), "Terms they joined with")
	page := owner.sent(owner.fill(path+"/override", "rules[0].value", "24", "holdbackDays", "0"))
	require.Contains(t, page, "24% of every paid invoice")
	require.Contains(t, page, "payable at once")
	w.clock.Advance(time.Second)
	require.Contains(t, owner.ok(path+"/clear"), "20% of every paid invoice")
	require.Contains(t, owner.sent(owner.fill(path+"/clear")), "The program’s terms")
	w.clock.Advance(time.Second)
	require.Equal(t, http.StatusSeeOther, owner.post(path+"/clear", nil).Code, "sent twice, it is cleared once")
	rec := owner.fill(path+"/override", "rules[0].value", "101")
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
}

func TestCodesAndLinks(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	require.Contains(t, owner.sent(owner.fill("/admin/partners/ada/codes", "code", "ada-20")), "ADA-20")
	w.clock.Advance(time.Second)
	for code, status := range map[string]int{"ADA-20": http.StatusConflict, "x": http.StatusUnprocessableEntity} {
		require.Equal(t, status, owner.fill("/admin/partners/ada/codes", "code", code).Code)
	}
	require.Contains(t, owner.ok("/admin/codes?state=retired"), "OLD-ADA")
	require.NotContains(t, owner.ok("/admin/codes?state=retired"), "ADA-20")
	owner.sent(owner.fill("/admin/codes/ADA-20/retire"))
	w.clock.Advance(time.Second)
	c, _ := w.setup().Code("ADA-20")
	require.False(t, c.ActiveAt(w.clock.Now()))
	require.Contains(t, owner.sent(owner.fill("/admin/codes/ADA-20/reactivate")), "active again")
	require.Contains(t, owner.sent(owner.fill("/admin/partners/ada/links", "key", "spring", "url", "https://docs.acme.example/x")), "https://acme.example/r/spring")
	for field, value := range map[string]string{"key": "a b", "url": "javascript:alert(1)", "program": "nope"} {
		require.Equal(t, http.StatusUnprocessableEntity, owner.fill("/admin/partners/ada/links", field, value).Code, field)
	}
	require.Equal(t, http.StatusUnprocessableEntity, owner.fill("/admin/partners/ada/links", "key", "spring").Code, "taken")
}

func TestTemplatesAndConfig(t *testing.T) {
	w := newWorld(t)
	own := fstest.MapFS{
		"stripe.html": {Data: []byte(`{{define "content"}}<h1>Ours</h1>{{end}}`)}, "programs.html": {Data: []byte(`{{define "content"}}<h1>Our {{len .Body.Programs.Items}}</h1>{{end}}`)},
	}
	require.Contains(t, reader{t, "owner", w.console(func(c *console.Config) { c.Templates = own })}.ok("/admin/programs"), "<h1>Our 2</h1>")
	_, err := console.New(w.eng, console.Config{BaseURL: "acme.example", PortalURL: "x", Key: make([]byte, 32)})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	require.Len(t, affiliate.Problems(err), 2)
	_, err = console.New(w.eng, console.Config{BaseURL: "https://acme.example", Key: []byte("short")})
	require.ErrorIs(t, err, affiliate.ErrInvalidInput)
	themed := w.owner().post("/admin/theme", url.Values{"theme": {"dark"}, "back": {"/admin/codes"}})
	require.Equal(t, "/admin/codes", themed.Header().Get("Location"))
	require.Contains(t, themed.Header().Get("Set-Cookie"), "Path=/admin;")
}
