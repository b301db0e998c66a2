package ui

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestForm(t *testing.T) {
	k := newKit(t, func(o *Options) {
		o.Pages = fstest.MapFS{
			"common.html": {Data: []byte(`{{define "own"}}<i>{{.}}</i>{{end}}`)},
			"a.html":      {Data: []byte(`{{define "content"}}{{template "own" .Title}}{{template "form" form . .Body}}{{end}}`)},
		}
	})
	w := httptest.NewRecorder()
	f := Form{Action: "/x", Button: "Go", Hidden: []Pair{{"was", `"1"`}}, Problems: []Fault{{Text: "<no>"}, {"Oh", "#f-a"}}, Groups: []Fieldset{{Legend: "L", Fields: []Field{
		{Name: "a[0].b", Label: "A", Kind: "text", Value: `<a">`, Help: "H", Wrong: "W", Suggest: []string{"s"}},
		{Name: "c", Label: "C", Kind: Check, Value: "1"},
		{Name: "d", Label: "D", Kind: Select, Options: Choices("y", "x", "X", "y", "Y")},
		{Name: "e", Label: "E", Kind: Area, Value: "1\n2", Required: true},
	}}}}
	require.NoError(t, k.Render(w, httptest.NewRequest(http.MethodGet, "/portal", nil), http.StatusOK, "a", "s", Page{Title: "T", Body: f}))
	page := w.Body.String()
	for _, part := range []string{
		"<i>T</i>", `name="csrf" value="` + k.Token("s") + `"`, `name="was" value="&#34;1&#34;"`, "&lt;no&gt;", `<label for="f-a-0-b">A <span class="muted">(optional)</span></label>`,
		`name="a[0].b" value="&lt;a&#34;&gt;"`, `aria-describedby="f-a-0-b-help f-a-0-b-wrong" aria-invalid="true"`, `name="c" value="1" checked`,
		`<option value="y" selected>Y</option>`, "required>\n1\n2</textarea>",
	} {
		require.Contains(t, page, part)
	}
}

func TestPageOf(t *testing.T) {
	items := []string{"a", "b", "c"}
	page := func(query string) (List[string], error) {
		return PageOf(httptest.NewRequest(http.MethodGet, "/x?"+query, nil), items, func(s string) string { return s })
	}
	first, err := page("limit=2")
	require.NoError(t, err)
	require.Equal(t, List[string]{[]string{"a", "b"}, "b"}, first)
	rest, err := page("limit=2&after=b")
	require.NoError(t, err)
	require.Equal(t, List[string]{[]string{"c"}, ""}, rest)
	for _, bad := range []string{"limit=0", "limit=201", "limit=x", "after=z"} {
		_, err := page(bad)
		var a *AnswerError
		require.ErrorAs(t, err, &a, bad)
		require.Equal(t, http.StatusUnprocessableEntity, a.Status)
	}
	k := newKit(t)
	require.Equal(t, "/x?after=b&q=1", k.Next(httptest.NewRequest(http.MethodGet, "/x?q=1&after=a", nil), "b"))
	require.Empty(t, k.Next(httptest.NewRequest(http.MethodGet, "/x", nil), ""))
	require.Equal(t, "/x?b=%26", Query("/x", "a", "", "b", "&"))
}

// The points of a span follow each other without gaps up to today.
func TestSpan(t *testing.T) {
	now := time.Date(2026, time.March, 1, 23, 0, 0, 0, time.FixedZone("", 3600))
	for days, n := range map[string]int{"": 30, "30": 30, "90": 13, "365": 12} {
		s, ok := NewSpan(days, now)
		require.True(t, ok)
		require.Equal(t, n, s.Len())
		require.Equal(t, n-1, s.At(now))
		require.Equal(t, -1, s.At(s.From.Add(-time.Second)))
		require.Equal(t, -1, s.At(now.Add(24*time.Hour)))
		for i := 1; i < n; i++ {
			_, end := s.Point(i - 1)
			from, _ := s.Point(i)
			require.Equal(t, from, end.AddDate(0, 0, 1))
			require.Equal(t, i, s.At(from))
		}
		c := s.Chart("x", "X", func(i int) int64 { return int64(i) }, nil, 7)
		require.Len(t, c.Bars, n)
		require.Equal(t, "7", c.Total)
	}
	_, ok := NewSpan("31", now)
	require.False(t, ok)
}
