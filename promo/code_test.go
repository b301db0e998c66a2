package promo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/promo"
)

func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"ADA10":                  "ADA10",
		"ada10":                  "ADA10",
		"  Ada-10\n":             "ADA-10",
		"\u00a0ada10\u2003":      "ADA10",
		"---":                    "---",
		"123":                    "123",
		strings.Repeat("a", 40):  strings.Repeat("A", 40),
		" " + "abc" + "        ": "ABC",
	} {
		got, err := promo.Normalize(in)
		require.NoError(t, err, "%q", in)
		require.Equal(t, want, got)
	}
	for _, bad := range []string{
		"", "   ", "AB", " AB ", strings.Repeat("A", 41), "ADA 10", "ADA_10", "ADA.10", "ADA%", "ÄDA10", "ADAſ", "ADA\x00", "\uff21DA10",
		"ADA\u200b10",
	} {
		_, err := promo.Normalize(bad)
		require.ErrorIs(t, err, promo.ErrInvalid, "%q", bad)
	}
}

func TestGenerate(t *testing.T) {
	for _, c := range []struct{ name, suffix, want string }{
		{"Ada Lovelace", "5F2A", "ADALOVELACE5F2A"},
		{"ada_10@example.com", "0000", "ADA10EXAMPLECOM0000"},
		{"", "5F2A", "PARTNER5F2A"},
		{"Зоя", "5F2A", "PARTNER5F2A"},
		{"Jürgen", "5F2A", "JRGEN5F2A"},
		{strings.Repeat("x", 99), "5F2A", strings.Repeat("X", 36) + "5F2A"},
	} {
		require.Equal(t, c.want, promo.Generate(c.name, c.suffix), c.name)
	}
}

func TestGeneratedCodesAreWellSpelled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		suffix := rapid.StringMatching(`[A-Z0-9]{4,12}`).Draw(t, "suffix")
		code := promo.Generate(rapid.String().Draw(t, "name"), suffix)
		normal, err := promo.Normalize(code)
		require.NoError(t, err)
		require.Equal(t, code, normal)
		require.True(t, strings.HasSuffix(code, suffix))
	})
}

func TestResolve(t *testing.T) {
	twice := promo.Code{Code: "ADA10", Partner: "ada", Program: "main", Intervals: []promo.Interval{
		{From: day(10), To: day(20)}, {From: day(30)},
	}}
	for _, c := range []struct {
		at      time.Time
		program string
		want    attribution.Reason
	}{
		{day(10).Add(-1), "", attribution.CodeUnknown},
		{day(10), "", ""},
		{day(10), "main", ""},
		{day(20).Add(-1), "", ""},
		{day(20), "", attribution.CodeRetired},
		{day(30).Add(-1), "main", attribution.CodeRetired},
		{day(30), "", ""},
		{day(3000), "main", ""},
		{day(15), "other", attribution.CodeOtherProgram},
		{day(25), "other", attribution.CodeOtherProgram},
	} {
		require.Equal(t, c.want, twice.Resolve(c.at, c.program), "%v %q", c.at, c.program)
		if c.program != "other" {
			require.Equal(t, c.want == "", twice.ActiveAt(c.at), c.at)
		}
	}
	require.Equal(t, attribution.CodeUnknown, promo.Code{Program: "main"}.Resolve(day(1), ""), "without an interval")
}

func FuzzNormalizeCode(f *testing.F) {
	for _, seed := range []string{"", "AB", "ada10", " Ada-10 ", "ÄDA10", "ADA\x00", "\xff\xfe\xfd", "ſſſ", strings.Repeat("a", 40), strings.Repeat("a", 41)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, code string) {
		got, err := promo.Normalize(code)
		if err != nil {
			if got != "" {
				t.Errorf("%q is refused and still becomes %q", code, got)
			}
			return
		}
		if len(got) < 3 || len(got) > 40 || strings.Trim(got, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			t.Errorf("%q becomes %q", code, got)
		}
		if !strings.EqualFold(got, strings.TrimSpace(code)) {
			t.Errorf("%q becomes another code: %q", code, got)
		}
		for _, same := range []string{got, strings.ToLower(got), "\t" + got + " "} {
			if again, err := promo.Normalize(same); err != nil || again != got {
				t.Errorf("%q becomes %q, %q becomes %q (%v)", code, got, same, again, err)
			}
		}
	})
}
