package affiliatehttp_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// opened is what a browser has after it opened a page with ?cref=.
type opened struct {
	affiliatehttp.Visit
	cookie string // empty: none was set
}

// openers open a page as a browser does: with the script, or behind Capture.
func (f *fixture) openers(t *testing.T) map[string]func(query, cookie string) opened {
	t.Helper()
	p := newPage(f.handler)
	seen := func(w *httptest.ResponseRecorder, had string) opened {
		o := opened{cookie: cookie(w)}
		o.Visit = f.handler.Visit(asked("/", or(o.cookie, had)))
		return o
	}
	return map[string]func(query, cookie string) opened{
		"script": func(query, had string) opened {
			a, w := f.track(t, `{"url":"https://acme.example/?`+query+`"}`, "Cookie", had)
			o := seen(w, had)
			require.Equal(t, []string{o.Click, o.Referral, o.Visitor}, []string{a.ClickID, a.Referral, a.VisitorID})
			return o
		},
		"capture": func(query, had string) opened {
			w := p.open(t, asked("/?"+query, had))
			o := seen(w, had)
			require.Equal(t, p.told, o.Visit, "the page is told what the browser gets")
			return o
		},
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// buys identifies a customer by what the browser holds, and records a sale. It
// returns whom that is credited to.
func (f *fixture) buys(t *testing.T, customer string, v affiliatehttp.Visit) (partner, reason string) {
	t.Helper()
	f.wait(time.Minute)
	_, err := f.eng.Identify(t.Context(), affiliate.Identify{Customer: customer, Visitor: v.Visitor, Click: v.Click})
	require.NoError(t, err)
	f.wait(time.Second)
	result, err := f.eng.RecordConversion(t.Context(), affiliate.Conversion{
		ID: "sale:" + customer, Customer: customer, Amount: 1000,
	})
	require.NoError(t, err)
	if !result.Attributed {
		return "", string(result.Reason)
	}
	return result.Credits[0].Partner, ""
}

// A link's redirect on one domain and the shop on another: the address alone says
// which click it was.
func TestAFreshClickIsTiedAcrossDomains(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"script", "capture"} {
		f := newFixture(t)
		open := f.openers(t)[name]
		f.visit("/r/alex")
		click := f.clicks(t)[0]
		f.wait(30 * time.Minute)
		had := open("cref="+click.ID, "")
		require.Equal(t, []string{click.ID, "alex"}, []string{had.Click, had.Referral}, name)
		require.NotEqual(t, click.Visitor, had.Visitor, "the visitor is this browser's own")
		require.NotEmpty(t, had.cookie)
		require.Len(t, f.clicks(t), 1, "it makes no click")
		partner, _ := f.buys(t, "ada", had.Visit)
		require.Equal(t, "alex", partner, name)
	}
}

func TestAnAddressCopiedLaterIsIgnored(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"script", "capture"} {
		f := newFixture(t)
		open := f.openers(t)[name]
		first := f.visit("/r/alex")
		click := f.clicks(t)[0]
		f.wait(31 * time.Minute)
		before := f.dump(t)
		require.Empty(t, open("cref="+click.ID, ""), name)
		require.Equal(t, before, f.dump(t))
		second := open("aff=blair&cref="+click.ID, "")
		require.Equal(t, "blair", second.Referral, "what else the address says counts")
		partner, _ := f.buys(t, "ben", second.Visit)
		require.Equal(t, "blair", partner)
		partner, _ = f.buys(t, "ada", f.handler.Visit(asked("/", cookie(first))))
		require.Equal(t, "alex", partner)
	}
	f := newFixture(t)
	f.visit("/r/alex")
	f.wait(31 * time.Minute)
	a, _ := f.track(t, `{"url":"https://acme.example/?cref=`+f.clicks(t)[0].ID+`","visitorId":"0123456789abcdef"}`)
	require.Equal(t, tracked{VisitorID: "0123456789abcdef"}, a)
	_, reason := f.buys(t, "ben", affiliatehttp.Visit{Visitor: a.VisitorID})
	require.Equal(t, "no_touch", reason, "a stale address credits nobody")
}

// Whoever opens a copied address while the click is fresh gets no part in what the
// first visitor does, nor the other way round.
func TestAnAddressCopiedAtOnceTakesNothingFromTheFirstVisitor(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"script", "capture"} {
		for _, byVisitor := range []bool{true, false} {
			f := newFixture(t)
			open := f.openers(t)[name]
			redirected := cookie(f.visit("/r/alex"))
			click := f.clicks(t)[0]
			first := open("cref="+click.ID, redirected)
			require.Equal(t, []string{click.ID, click.Visitor}, []string{first.Click, first.Visitor})
			require.Empty(t, first.cookie, "its cookie says it already")

			f.wait(5 * time.Minute)
			second := open("cref="+click.ID, "")
			require.NotEqual(t, first.Visitor, second.Visitor, name)
			f.wait(time.Minute)
			second = open("aff=blair", second.cookie)
			require.Equal(t, "blair", second.Referral)
			f.wait(time.Minute)
			if byVisitor {
				first.Click = ""
			}
			partner, _ := f.buys(t, "ada", first.Visit)
			require.Equal(t, "alex", partner, name)
			partner, _ = f.buys(t, "ben", second.Visit)
			require.Equal(t, "blair", partner, name)
		}
	}
}

func TestTheSameBrowserKeepsItsClickWheneverItReloads(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"script", "capture"} {
		f := newFixture(t)
		open := f.openers(t)[name]
		redirected := cookie(f.visit("/r/alex"))
		address := "cref=" + f.clicks(t)[0].ID
		tied := open(address, "")
		for _, d := range []time.Duration{time.Minute, time.Hour, 240 * time.Hour} {
			f.wait(d)
			require.Equal(t, opened{Visit: tied.Visit}, open(address, tied.cookie), "nothing new: no cookie")
			require.Equal(t, f.handler.Visit(asked("/", redirected)), open(address, redirected).Visit)
		}
		require.Len(t, f.clicks(t), 1)
	}
}

// The last click wins, not the page that was loaded last.
func TestAReloadedAddressTakesNoLaterClicksPlace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"script", "capture"} {
		f := newFixture(t)
		open := f.openers(t)[name]
		f.visit("/r/alex")
		tied := open("cref="+f.clicks(t)[0].ID, "")
		f.wait(time.Minute)
		later := open("aff=blair", tied.cookie)
		f.wait(time.Minute)
		require.Equal(t, opened{Visit: later.Visit}, open("cref="+tied.Click, later.cookie), name)
		f.wait(time.Minute)
		f.visit("/r/alex")
		again := open("cref="+f.clicks(t)[2].ID, later.cookie)
		require.Equal(t, []string{f.clicks(t)[2].ID, tied.Visitor}, []string{again.Click, again.Visitor}, "a newer one does, for the same visitor")
	}
}

// Where cookies are blocked the script keeps the token, and an id of its own.
func TestWithoutCookiesTheTokenProvesATiedClick(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.visit("/r/alex")
	click := f.clicks(t)[0]
	body := `{"url":"https://acme.example/?cref=` + click.ID + `","visitorId":"0123456789abcdef"}`
	a, _ := f.track(t, body)
	require.Equal(t, []string{click.ID, "alex", "0123456789abcdef"}, []string{a.ClickID, a.Referral, a.VisitorID})
	f.wait(time.Minute)
	again, _ := f.track(t, body)
	require.Equal(t, []string{a.ClickID, a.VisitorID}, []string{again.ClickID, again.VisitorID})
	f.wait(31 * time.Minute)
	stale, _ := f.track(t, body)
	require.Empty(t, stale.ClickID, "the script goes on with the token that it has")
	status, _ := f.post(t, "/v1/identify", `{"externalCustomerId":"ada","clickId":"`+a.Token+`"}`)
	require.Equal(t, 200, status)
	f.wait(time.Second)
	_, sale := f.post(t, "/v1/conversions", `{"externalConversionId":"i","externalCustomerId":"ada","amountCents":1000}`)
	require.Equal(t, "alex", sale.Credits[0].PartnerID)
}

func TestHowLongAClickIsFreshIsTheHostsToSay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.TieMaxAge = time.Minute })
	open := f.openers(t)["capture"]
	f.visit("/r/alex")
	f.wait(time.Minute)
	require.NotEmpty(t, open("cref="+f.clicks(t)[0].ID, ""))
	f.wait(time.Second)
	require.Empty(t, open("cref="+f.clicks(t)[0].ID, ""))
}

// A token in an address is copied with it. It says what was clicked, not by whom.
func TestATokenInAnAddressIsNobodysIdentity(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	had := cookie(f.visit("/r/alex"))
	first := f.handler.Visit(asked("/", had))
	f.wait(time.Hour) // of the click
	token := f.handler.IssueToken(f.eng, first)
	for name, open := range f.openers(t) {
		second := open("cref="+token, "")
		require.Equal(t, []string{first.Click, "alex"}, []string{second.Click, second.Referral}, name)
		require.NotEqual(t, first.Visitor, second.Visitor, name)
	}
	elsewhere := cookie(f.visit("/r/blair"))
	other := f.handler.Visit(asked("/", elsewhere))
	told := f.handler.Visit(asked("/?cref="+token, elsewhere))
	require.Equal(t, []string{first.Click, other.Visitor}, []string{told.Click, told.Visitor})
	f.wait(time.Hour + time.Second)
	for name, open := range f.openers(t) {
		require.Empty(t, open("cref="+token, ""), name)
	}
}

// The script takes the click out of the address once it is answered, so the answer
// says so while nobody can tell whether there is such a click.
func TestATieThatTheStoreFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.visit("/r/alex")
	click := f.clicks(t)[0]
	body := `{"url":"https://acme.example/?cref=` + click.ID + `"}`
	f.store.down.Store(true)
	_, w := f.track(t, body)
	require.Equal(t, 503, w.Code)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	f.store.down.Store(false)
	a, _ := f.track(t, body)
	require.Equal(t, click.ID, a.ClickID)
}
