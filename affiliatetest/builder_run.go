package affiliatetest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// Run runs the scenario in memory. Each difference is an error of the test, with
// the line of the expectation or step, and the test's log gets the reasoning
// behind the conversions concerned. A scenario that cannot be built or set up
// ends the test.
func (b *Builder) Run(tb testing.TB) Result {
	tb.Helper()
	return b.RunOn(tb, memory.New())
}

// RunOn is Run on another store, which must hold nothing of the scenario's
// organization.
func (b *Builder) RunOn(tb testing.TB, store storage.Store) Result {
	tb.Helper()
	s, err := b.Build()
	if err != nil {
		tb.Fatal(err)
	}
	result, err := Run(tb.Context(), store, s)
	if err != nil {
		tb.Fatalf("%s: %s", s.Name, b.located(err.Error()))
	}
	for _, difference := range result.Differences {
		tb.Errorf("%s: %s", s.Name, b.located(difference))
	}
	if ids := result.concerned(); len(ids) > 0 {
		tb.Logf("why:\n%s", result.Describe(ids...))
	}
	return result
}

// located puts the line of the test in the place of a step's number.
func (b *Builder) located(text string) string {
	rest, ok := strings.CutPrefix(text, "step ")
	if !ok {
		return text
	}
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		return text
	}
	n, err := strconv.Atoi(rest[:end])
	if err != nil || n < 1 || n > len(b.lines) {
		return text
	}
	return b.lines[n-1] + rest[end:]
}

// mostConcerned bounds how many conversions are explained where a balance or
// payout is wrong, which concerns all of a partner's.
const mostConcerned = 10

// concerned are the conversions that the differences are about.
func (r Result) concerned() []string {
	ids, partners := map[string]bool{}, map[string]bool{}
	for _, difference := range r.Differences {
		at := strings.Index(difference, ": {")
		if at < 0 {
			_, last, _ := strings.Cut(difference, "unattributed ")
			_, quoted, _ := strings.Cut(last, ": ")
			if id, err := strconv.Unquote(quoted); err == nil {
				ids[id] = true
			}
			continue
		}
		var row struct{ Conversion, Partner string }
		if json.Unmarshal([]byte(difference[at+2:]), &row) == nil {
			ids[row.Conversion] = true
			partners[row.Partner] = row.Conversion == "" || partners[row.Partner]
		}
	}
	delete(ids, "")
	for _, c := range r.Outcome.Commissions {
		if len(ids) < mostConcerned && partners[c.Partner] {
			ids[c.Conversion] = true
		}
	}
	maps.DeleteFunc(ids, func(id string, _ bool) bool { _, ok := r.Explanations[id]; return !ok })
	return slices.Sorted(maps.Keys(ids))
}
