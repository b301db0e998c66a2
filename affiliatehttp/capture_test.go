package affiliatehttp_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// page is a host's page behind Capture, and what it was told.
type page struct {
	handler http.Handler
	told    affiliatehttp.Visit
}

func newPage(h *affiliatehttp.Handler) *page {
	p := &page{}
	p.handler = h.Capture(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.told = affiliatehttp.FromRequest(r)
		w.WriteHeader(http.StatusTeapot)
	}))
	return p
}

func (p *page) open(t *testing.T, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	p.told = affiliatehttp.Visit{}
	w := httptest.NewRecorder()
	p.handler.ServeHTTP(w, r)
	require.Equal(t, http.StatusTeapot, w.Code, "the page is always shown")
	return w
}

func TestCaptureRecordsTheClickOfAPage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := newPage(f.handler)
	for i, name := range []string{"aff", "via", "ref"} {
		w := p.open(t, asked("/pricing?"+name+"=alex&campaignId=spring&sub2=b&utm_medium=m", ""))
		clicks := f.clicks(t)
		require.Len(t, clicks, i+1)
		c := clicks[i]
		require.Equal(t, []string{"alex", launch, "alex", "spring", "b", "m"},
			[]string{c.Partner, c.Program, c.Link, c.CampaignID, c.Sub["sub2"], c.Metadata["utm_medium"]})
		require.Equal(t, affiliatehttp.Visit{Visitor: c.Visitor, Click: c.ID, Referral: "alex", At: today}, p.told)
		require.Equal(t, "private", w.Header().Get("Cache-Control"))
		require.Equal(t, p.told, f.handler.Visit(asked("/", cookie(w))))
	}
}

func TestCaptureLeavesOtherPagesAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := newPage(f.handler)
	before := f.dump(t)
	post := asked("/?aff=alex", "")
	post.Method = http.MethodPost
	bot := asked("/?aff=alex", "")
	bot.Header.Set("User-Agent", "Twitterbot/1.0")
	prefetch := asked("/?aff=alex", "")
	prefetch.Header.Set("Sec-Purpose", "prefetch")
	frame := asked("/?aff=alex", "")
	frame.Header.Set("Sec-Fetch-Dest", "iframe")
	for _, r := range []*http.Request{
		asked("/", ""), asked("/?ref=producthunt", ""), asked("/?aff=Alex", ""), asked("/?utm_source=x", ""), asked("/?aff=", ""),
		asked("/?sub31=x&sub0=y", ""), asked("/?cref=nobodys", ""), asked("/?campaignId=%00", ""), post, bot, prefetch, frame,
	} {
		w := p.open(t, r)
		require.Empty(t, w.Header(), r.URL)
		require.Empty(t, p.told)
	}
	require.Equal(t, before, f.dump(t))
	had := cookie(p.open(t, asked("/?aff=alex", "")))
	visit := p.told
	require.Empty(t, p.open(t, asked("/", had)).Header(), "nothing new: no cookie")
	require.Equal(t, visit, p.told)
	post.Header.Set("Cookie", had)
	p.open(t, post)
	require.Equal(t, visit, p.told, "forms are told, too")
}

func TestCaptureOfACampaignWithoutAPartner(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := newPage(f.handler)
	p.open(t, asked("/?ref=producthunt&campaignId=launch", ""))
	c := f.clicks(t)[0]
	require.Equal(t, []string{"", "", "", "launch"}, []string{c.Partner, c.Program, c.Link, c.CampaignID})
	require.Empty(t, p.told.Referral)
	require.Equal(t, c.ID, p.told.Click)
}

// A redirect on another host gave its click to the address.
func TestCaptureTiesTheClickOfARedirect(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := newPage(f.handler)
	f.visit("/r/alex")
	click := f.clicks(t)[0]
	w := p.open(t, asked("/?cref="+click.ID, ""))
	require.Equal(t, affiliatehttp.Visit{Visitor: p.told.Visitor, Click: click.ID, Referral: "alex", At: today}, p.told)
	require.NotEmpty(t, cookie(w))
	token := f.handler.IssueToken(f.eng, p.told)
	p.open(t, asked("/?cref="+token, ""))
	require.Equal(t, click.ID, p.told.Click)
	require.Empty(t, p.open(t, asked("/?cref="+click.ID, cookie(w))).Header(), "the same again")
	require.Len(t, f.clicks(t), 1)
}

func TestCaptureAsConfigured(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(c *affiliatehttp.Config) { c.CodeParams, c.ClickParam = []string{"partner"}, "k" })
	p := newPage(f.handler)
	p.open(t, asked("/?aff=alex&ref=alex", ""))
	require.Empty(t, p.told)
	p.open(t, asked("/?partner=alex", ""))
	require.Equal(t, "alex", p.told.Referral)
	w := p.open(t, asked("/?k="+p.told.Click, ""))
	require.NotEmpty(t, cookie(w))
}

func TestCaptureSurvivesTheStore(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	p := newPage(f.handler)
	f.store.down.Store(true)
	p.open(t, asked("/?aff=alex", ""))
	p.open(t, asked("/?cref=x", ""))
	require.Empty(t, p.told)
	f.store.down.Store(false)
	had := cookie(p.open(t, asked("/?aff=alex", "")))
	visit := p.told
	f.store.down.Store(true)
	p.open(t, asked("/?aff=blair", had))
	require.Equal(t, []string{visit.Visitor, "", "blair"}, []string{p.told.Visitor, p.told.Click, p.told.Referral}, "the code is kept")
	p.open(t, asked("/?aff=nobody", had))
	require.Equal(t, visit, p.told, "what was known is more than what may be no link")
	require.Equal(t, int64(2), f.handler.LostClicks())
}
