package affiliatehttp_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

var today = time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC)

const (
	launch = "program_extension_launch"
	home   = "https://acme.example/?plan=pro&a=%2F;b#top"
	key    = "Bearer k"
	owner  = "Bearer owner"
)

// fixture is a shop with two partners on one program of 20 %.
type fixture struct {
	store   *flaky
	eng     *affiliate.Engine
	handler *affiliatehttp.Handler
	routes  http.Handler
	later   atomic.Int64 // how far the clock is wound forward
}

// flaky is a store that can be switched off.
type flaky struct {
	storage.Store
	down  atomic.Bool
	says  error // why it is down; nil: errDown
	loads atomic.Int64
}

var errDown = errors.New("disk full")

func (f *flaky) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	f.loads.Add(1)
	if f.down.Load() {
		return nil, cmp.Or(f.says, errDown)
	}
	return f.Store.Load(ctx, org, refs)
}

func (f *flaky) Clicks(ctx context.Context, org string, ids []string) ([]attribution.Click, error) {
	if f.down.Load() {
		return nil, errDown
	}
	return f.Store.Clicks(ctx, org, ids)
}

func newFixture(t *testing.T, change ...func(*affiliatehttp.Config)) *fixture {
	t.Helper()
	return newFixtureOf(t, change...)
}

func newFixtureOf(tb testing.TB, change ...func(*affiliatehttp.Config)) *fixture {
	tb.Helper()
	f := &fixture{store: &flaky{Store: memory.New()}}
	var err error
	f.eng, err = affiliate.New(f.store, affiliate.Config{Now: f.now})
	require.NoError(tb, err)
	ctx, destination, hosts := tb.Context(), home, []string{"acme.example"}
	require.NoError(tb, errOf(f.eng.CreateProgram(ctx, launch, program.SettingsChange{
		DestinationURL: &destination, DeepLinkDomains: &hosts,
		Rules: []commission.Rule{{ID: "sale", Trigger: commission.Every, Type: commission.Percent, Value: "20"}},
	}, affiliate.Always())))
	for _, id := range []string{"alex", "blair"} {
		require.NoError(tb, errOf(f.eng.CreatePartner(ctx, id, program.Profile{}, affiliate.Always())))
		require.NoError(tb, errOf(f.eng.ApprovePartnership(ctx, id, launch, affiliate.Always())))
		require.NoError(tb, errOf(f.eng.AddLink(ctx, affiliate.Link{Key: id, Partner: id, Program: launch, EffectiveAt: affiliate.Always()})))
	}
	require.NoError(tb, errOf(f.eng.AddCode(ctx, affiliate.Code{Code: "ALEX10", Partner: "alex", Program: launch, EffectiveAt: affiliate.Always()})))
	cfg := affiliatehttp.Config{Authenticate: authenticate}
	for _, c := range change {
		c(&cfg)
	}
	f.handler, err = affiliatehttp.New(f.eng, cfg)
	require.NoError(tb, err)
	f.routes = f.handler.Routes()
	return f
}

func (f *fixture) now() time.Time { return today.Add(time.Duration(f.later.Load())) }

// wait winds the clock forward.
func (f *fixture) wait(d time.Duration) { f.later.Add(int64(d)) }

// cookie returns the cookie header that a browser sends after an answer.
func cookie(w *httptest.ResponseRecorder) string {
	for _, c := range w.Result().Cookies() {
		if c.Name == affiliatehttp.DefaultCookieName {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

func authenticate(r *http.Request) (affiliatehttp.Principal, error) {
	switch r.Header.Get("Authorization") {
	case key:
		return affiliatehttp.Principal{Organization: affiliate.DefaultOrganization, Role: affiliatehttp.RoleServer}, nil
	case "Bearer other":
		return affiliatehttp.Principal{Organization: "other", Role: affiliatehttp.RoleServer}, nil
	case "Bearer partner":
		return affiliatehttp.Principal{Organization: affiliate.DefaultOrganization, Role: affiliatehttp.RolePartner, Partner: "alex"}, nil
	case owner:
		return affiliatehttp.Principal{Organization: affiliate.DefaultOrganization, Role: affiliatehttp.RoleOwner, ID: "owner_7"}, nil
	case "Bearer other owner":
		return affiliatehttp.Principal{Organization: "other", Role: affiliatehttp.RoleOwner}, nil
	case "Bearer suspended":
		return affiliatehttp.Principal{}, affiliatehttp.ErrForbidden
	}
	return affiliatehttp.Principal{}, errors.New("no such key")
}

// do sends a request with the fixture's key unless the headers say otherwise.
func (f *fixture) do(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", key)
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.routes.ServeHTTP(w, r)
	return w
}

// post sends a body and returns status and decoded answer.
func (f *fixture) post(t *testing.T, path, body string) (int, answer) {
	t.Helper()
	w := f.do(http.MethodPost, path, body)
	return w.Code, decoded(t, w)
}

func decoded(t *testing.T, w *httptest.ResponseRecorder) (a answer) {
	t.Helper()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a), w.Body.String())
	want := "application/json"
	if w.Code >= 400 {
		want = "application/problem+json"
		require.Equal(t, w.Code, a.Status)
		require.Equal(t, http.StatusText(w.Code), a.Title)
		require.NotEmpty(t, a.Type)
		require.NotEmpty(t, a.Code)
	}
	require.Equal(t, want, w.Header().Get("Content-Type"))
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	return a
}

// answer is any answer, good or bad.
type answer struct {
	ConversionID string `json:"conversionId"`
	Duplicate    bool   `json:"duplicate"`
	Waiting      bool   `json:"waiting"`
	Attributed   bool   `json:"attributed"`
	Reason       string `json:"reason"`
	Credits      []struct{ PartnerID, ProgramID, Share, Method string }
	Commissions  []struct {
		ID, PartnerID, RuleID, Currency, Status, Reason string
		Amount                                          int64
		PayableAt                                       time.Time
	}

	Type, Title, Code, Detail string
	Status                    int
	Errors                    []struct{ Field, Message string }
}

func (a answer) fields() []string {
	var list []string
	for _, e := range a.Errors {
		list = append(list, e.Field)
	}
	return list
}

// dump stands for every row of the store, byte for byte.
func (f *fixture) dump(t *testing.T) string {
	t.Helper()
	text := f.text(t)
	return fmt.Sprintf("%d bytes, %x", len(text), sha256.Sum256(text))
}

func (f *fixture) text(t *testing.T) []byte {
	t.Helper()
	rows, err := f.store.Rows(t.Context(), f.eng.Organization())
	require.NoError(t, err)
	text, err := rows.Canonical()
	require.NoError(t, err)
	return text
}

// clicks returns the stored clicks in the order in which they were made.
func (f *fixture) clicks(t *testing.T) []attribution.Click {
	t.Helper()
	rows, err := f.store.Rows(t.Context(), f.eng.Organization())
	require.NoError(t, err)
	slices.SortFunc(rows.Clicks, func(a, b attribution.Click) int { return strings.Compare(a.ID, b.ID) })
	return rows.Clicks
}

func loopback() netip.Prefix { return netip.MustParsePrefix("127.0.0.0/8") }

func body(text string) io.Reader { return strings.NewReader(text) }

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
