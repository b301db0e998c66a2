package browser

import (
	_ "embed" // axe-core
	"fmt"
	"strings"
)

// axe is axe-core 4.14.1 as the npm registry has it, under the MPL-2.0: only
// tests load it.
//
//go:embed axe/axe.min.js
var axe string

// Finding is something on a page that keeps people from using it.
type Finding struct {
	Impact string // minor, moderate, serious or critical
	Rule   string
	Where  string // selectors of the first elements
	Why    string
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s at %s: %s", f.Impact, f.Rule, f.Where, f.Why)
}

// Barriers asks axe-core what is wrong with the page that stands in the tab, by
// some of its rules or by all of them.
func (tab *Tab) Barriers(rules ...string) []Finding {
	tab.tb.Helper()
	options := `{resultTypes: ["violations"]}`
	if len(rules) > 0 {
		options = fmt.Sprintf(`{resultTypes: ["violations"], runOnly: ["%s"]}`, strings.Join(rules, `", "`))
	}
	Eval[bool](tab, axe+"\n;true")
	return Eval[[]Finding](tab, `axe.run(document, `+options+`).then(result => result.violations.map(v => ({
		Impact: v.impact, Rule: v.id, Where: v.nodes.slice(0, 3).map(n => n.target.join(" ")).join(", "), Why: v.nodes[0].failureSummary,
	})))`)
}
