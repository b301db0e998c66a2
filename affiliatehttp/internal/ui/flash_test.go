package ui

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// What was done is told once, in its session, soon, and by nobody else's word.
func TestWhatWasDoneIsToldOnce(t *testing.T) {
	k := newKit(t)
	now := time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC)
	rec := httptest.NewRecorder()
	k.Done(rec, httptest.NewRequest(http.MethodPost, "/x", nil), "ada", "/x/links", "link", now)
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, k.To("/x/links"), rec.Header().Get("Location"), "the address says nothing of it")
	made := rec.Result().Cookies()[0]
	require.True(t, made.HttpOnly)
	require.True(t, made.Secure)
	require.Equal(t, http.SameSiteLaxMode, made.SameSite)
	require.NotContains(t, made.Value, "link")

	told := func(session, value string, at time.Time) (string, []*http.Cookie) {
		r, w := httptest.NewRequest(http.MethodGet, "/x/links?done=link&msg=paid", nil), httptest.NewRecorder()
		if value != "" {
			r.AddCookie(&http.Cookie{Name: made.Name, Value: value})
		}
		return k.Told(w, r, session, at), w.Result().Cookies()
	}
	what, left := told("ada", made.Value, now.Add(time.Minute))
	require.Equal(t, "link", what)
	require.Len(t, left, 1)
	require.Negative(t, left[0].MaxAge, "the cookie is gone once it is told")
	for name, c := range map[string]struct {
		session, value string
		at             time.Time
	}{
		"another session": {"eve", made.Value, now},
		"too late":        {"ada", made.Value, now.Add(time.Minute + time.Second)},
		"too early":       {"ada", made.Value, now.Add(-time.Second)},
		"not sealed":      {"ada", "link", now},
		"changed":         {"ada", "A" + strings.TrimPrefix(made.Value, made.Value[:1]) + "A", now},
		"the address":     {"ada", "", now},
	} {
		what, _ := told(c.session, c.value, c.at)
		require.Empty(t, what, name)
	}
	other, err := newSealer([]byte(strings.Repeat("o", MinKey)), k.opt.Root)
	require.NoError(t, err)
	what, _ = told("ada", other.Seal(flashScope("ada"), "1773403200 link"), now)
	require.Empty(t, what, "the cookie of another key")
}
