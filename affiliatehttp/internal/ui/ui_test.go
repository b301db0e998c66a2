package ui

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/money"
)

var errBase = errors.New("base")

func options() Options {
	return Options{Key: make([]byte, MinKey), Root: "/portal", Pages: fstest.MapFS{
		"a.html":   {Data: []byte(`{{define "content"}}<h1>{{.Body}}</h1>{{template "csrf" .}}{{end}}`)},
		"bad.html": {Data: []byte(`{{define "content"}}{{.Body.Nope}}{{end}}`)},
	}}
}

func newKit(t *testing.T, change ...func(*Options)) *Kit {
	t.Helper()
	opt := options()
	for _, c := range change {
		c(&opt)
	}
	k, err := New(opt, errBase)
	require.NoError(t, err)
	return k
}

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		minor       int64
		currency    money.Currency
		full, brief string
	}{
		{0, "usd", "$0.00", "$0"},
		{123450, "usd", "$1,234.50", "$1,234.50"},
		{-320, "eur", "−€3.20", "−€3.20"},
		{100000000, "gbp", "£1,000,000.00", "£1,000,000"},
		{1200, "jpy", "¥1,200", "¥1,200"},
		{1234567, "kwd", "KWD\u00a01,234.567", "KWD\u00a01,234.567"},
		{math.MinInt64, "usd", "−$92,233,720,368,547,758.08", "−$92,233,720,368,547,758.08"},
	} {
		require.Equal(t, c.full, Money(c.minor, c.currency))
		require.Equal(t, c.brief, ShortMoney(c.minor, c.currency))
	}
	require.Equal(t, "-3.20", Plain(-320, "eur"))
}

// Text can be read on every accent that an owner may choose.
func TestAccentsCanBeRead(t *testing.T) {
	light, err := parseColor(lightGround)
	require.NoError(t, err)
	dark, err := parseColor(darkGround)
	require.NoError(t, err)
	for r := 0; r < 256; r += 17 {
		for g := 0; g < 256; g += 17 {
			for b := 0; b < 256; b += 17 {
				c := color{uint8(r), uint8(g), uint8(b)}
				require.GreaterOrEqual(t, c.contrast(c.ink()), readable, c)
				require.GreaterOrEqual(t, c.readableOn(light).contrast(light), readable, c)
				require.GreaterOrEqual(t, c.readableOn(dark).contrast(dark), readable, c)
			}
		}
	}
	require.InDelta(t, 21, color{}.contrast(color{255, 255, 255}), 0.001)
}

func TestSheet(t *testing.T) {
	sheet, err := Brand{Accent: "#ffcc00", AccentDark: "#003300"}.sheet()
	require.NoError(t, err)
	require.Contains(t, sheet, ":root{--accent:#ffcc00;--on-accent:#000000;")
	require.Contains(t, sheet, ":root[data-theme=dark]{--accent:#003300;--on-accent:#ffffff;")
	for _, bad := range []string{"red", "#fff", "#12345g", "#123456}", "#+12345"} {
		_, err := New(Options{Key: make([]byte, MinKey), Brand: Brand{Accent: bad}, Pages: fstest.MapFS{}}, errBase)
		require.ErrorIs(t, err, errBase, bad)
	}
}

func TestSealer(t *testing.T) {
	k := newKit(t)
	ref := k.Seal.Seal("conversion\x00ada", "in_1")
	require.Equal(t, ref, k.Seal.Seal("conversion\x00ada", "in_1"), "the same every time")
	require.NotContains(t, ref, "in_1")
	text, ok := k.Seal.Open("conversion\x00ada", ref)
	require.True(t, ok)
	require.Equal(t, "in_1", text)
	other := newKit(t, func(o *Options) { o.Key = append(make([]byte, MinKey), 1) })
	_, ok = other.Seal.Open("conversion\x00ada", ref)
	require.False(t, ok, "another key")
	for _, bad := range []string{"", "a", ref[1:], ref + "A", ref[:len(ref)-1], strings.ToUpper(ref), "!!!", strings.Repeat("A", 22)} {
		_, ok = k.Seal.Open("conversion\x00ada", bad)
		require.False(t, ok, bad)
	}
	_, ok = k.Seal.Open("conversion\x00bob", ref)
	require.False(t, ok, "another scope")
	require.Regexp(t, `^[0-9A-F]{4}-[0-9A-F]{4}$`, Short(ref))
}

func TestChart(t *testing.T) {
	c := Chart{Bars: []Bar{{"a", 0}, {"b", 3}, {"c", -5}, {"d", 7}}}
	require.EqualValues(t, 10, c.Top())
	require.Equal(t, []string{"10", "5", "0"}, c.Axis())
	shapes := c.Shapes()
	require.Zero(t, shapes[0].H)
	require.Zero(t, shapes[2].H, "below zero is drawn as zero")
	require.Equal(t, "d: 7", shapes[3].Text)
	require.Equal(t, chartHeight, shapes[3].Y+shapes[3].H)
	require.Equal(t, chartWidth, shapes[3].SlotX+shapes[3].SlotW)
	require.Equal(t, []string{"a", "c", "d"}, c.Ends())
	require.False(t, c.Empty())
	require.True(t, Chart{Bars: []Bar{{"a", 0}}}.Empty())
	huge := Chart{Bars: []Bar{{"a", math.MaxInt64}, {"b", 1}}}
	for _, s := range huge.Shapes() {
		require.LessOrEqual(t, s.H, chartHeight)
		require.GreaterOrEqual(t, s.Y, 0)
	}
}

func TestCell(t *testing.T) {
	for _, bad := range []string{"=1", "+1", "-1", "@a", "\ta", "\ra", "\na"} {
		require.Equal(t, "'"+bad, Cell(bad))
	}
	for _, good := range []string{"", "a=1", "1-2", "Acme"} {
		require.Equal(t, good, Cell(good))
	}
}

// A page is whole or an error, never half of it.
func TestRender(t *testing.T) {
	k := newKit(t)
	render := func(name string) (*httptest.ResponseRecorder, error) {
		w := httptest.NewRecorder()
		err := k.Render(w, httptest.NewRequest(http.MethodGet, "/portal", nil), http.StatusOK, name, "s", Page{Title: "T", Body: "<b>"})
		return w, err
	}
	w, err := render("a")
	require.NoError(t, err)
	require.Contains(t, w.Body.String(), "<h1>&lt;b&gt;</h1>")
	require.Contains(t, w.Body.String(), `value="`+k.Token("s")+`"`)
	require.Contains(t, w.Body.String(), "<title>T · Partner program</title>")
	for _, name := range []string{"bad", "none"} {
		w, err = render(name)
		require.Error(t, err)
		require.Equal(t, http.StatusInternalServerError, w.Code)
		require.NotContains(t, w.Body.String(), "<html")
	}
}

func TestWords(t *testing.T) {
	for state, want := range map[string][2]string{
		"pending": {"Pending", "wait"}, "in_payout": {"In payout", "info"}, "rejected": {"Rejected", "bad"}, "reversed": {"Refunded", "calm"},
		"paid": {"Paid", "good"}, "something_new": {"Something new", "calm"}, "": {"", "calm"},
	} {
		require.Equal(t, want, [2]string{Words(state), Tone(state)})
	}
}
