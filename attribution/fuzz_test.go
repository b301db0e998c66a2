package attribution_test

import (
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/attribution"
)

func FuzzNormalizeEmail(f *testing.F) {
	for _, seed := range []string{
		"", "@", "+@", "ada", "ada@example.com", " Ada+Tag@Example.COM ", "a+b@c+d@e", "\xff+\xfe@x", "İ+x@İ", "K@k", "\u2028a@b\u0085",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, email string) {
		got := attribution.NormalizeEmail(email)
		if again := attribution.NormalizeEmail(got); again != got {
			t.Errorf("%q becomes %q and then %q", email, got, again)
		}
		if spaced := attribution.NormalizeEmail(" \t" + email + "\r\n"); spaced != got {
			t.Errorf("%q becomes %q, with space around it %q", email, got, spaced)
		}
		if local, _, ok := cutLast(got); ok && strings.Contains(local, "+") {
			t.Errorf("%q keeps its tag: %q", email, got)
		}
		if local, domain, ok := cutLast(strings.TrimSpace(email)); ok {
			if tagged := attribution.NormalizeEmail(local + "+tag@" + domain); tagged != got {
				t.Errorf("%q becomes %q, with a tag %q", email, got, tagged)
			}
		}
	})
}

// cutLast splits an address at its last @.
func cutLast(email string) (local, domain string, ok bool) {
	at := strings.LastIndexByte(email, '@')
	if at < 0 {
		return email, "", false
	}
	return email[:at], email[at+1:], true
}
