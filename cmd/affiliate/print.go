package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
)

// printText prints one file for people.
func printText(out *output, r report, explain bool) {
	status := "ok  "
	if !r.ok() {
		status = "FAIL"
	}
	out.printf("%s %s\n", status, r.file)
	for _, d := range r.result.Differences {
		indented(out, d)
	}
	if r.err != nil {
		indented(out, r.err.Error())
	}
	if explain {
		indented(out, r.result.Describe())
	}
}

func indented(out *output, text string) {
	if text = strings.TrimRight(text, "\n"); text != "" {
		out.printf("    %s\n", strings.ReplaceAll(text, "\n", "\n    "))
	}
}

// fileJSON is the outcome of one file for programs.
type fileJSON struct {
	File         string                 `json:"file"`
	Name         string                 `json:"name"`
	OK           bool                   `json:"ok"`
	Error        string                 `json:"error,omitempty"` // why the file could not be run
	Differences  []string               `json:"differences"`
	Outcome      *affiliatetest.Outcome `json:"outcome"` // null if it could not be run
	Explanations []explanationJSON      `json:"explanations,omitempty"`
}

// explanationJSON is the reasoning behind one conversion.
type explanationJSON struct {
	Conversion   attribution.Conversion `json:"conversion"`
	Customer     []string               `json:"customer"` // all ids
	Attributed   bool                   `json:"attributed"`
	Reason       attribution.Reason     `json:"reason,omitempty"`
	Credits      []attribution.Credit   `json:"credits"`
	How          decision.Explanation   `json:"how"`
	Commissions  []commissionJSON       `json:"commissions"`
	RulesVersion int                    `json:"rulesVersion"`
}

// commissionJSON is the arithmetic of one commission, in minor units.
type commissionJSON struct {
	Rule     string                `json:"rule"`
	Partner  string                `json:"partner"`
	Program  string                `json:"program"`
	Amount   int64                 `json:"amount"`
	Currency money.Currency        `json:"currency"`
	Status   commission.Status     `json:"status"`
	Line     commission.Commission `json:"line"`
	Tier     *tierJSON             `json:"tier,omitempty"`
	Posted   []commission.Posted   `json:"posted"`
}

type tierJSON struct {
	Value      string `json:"value"`
	Reached    int64  `json:"reached"`
	Adjustment int64  `json:"adjustment"`
}

// printJSON prints all files as one document.
func printJSON(out *output, reports []report, explain bool) {
	files := make([]fileJSON, 0, len(reports))
	for _, r := range reports {
		f := fileJSON{File: r.file, Name: r.name, OK: r.ok(), Differences: append([]string{}, r.result.Differences...)}
		if r.err != nil {
			f.Error = r.err.Error()
		} else {
			f.Outcome = &r.result.Outcome
		}
		if explain {
			f.Explanations = explanations(r.result)
		}
		files = append(files, f)
	}
	data, err := json.MarshalIndent(files, "", "  ")
	if err != nil {
		out.err = err
		return
	}
	out.printf("%s\n", data)
}

// explanations are in the order of their conversions' times.
func explanations(r affiliatetest.Result) []explanationJSON {
	list := make([]explanationJSON, 0, len(r.Explanations))
	for _, x := range r.Explanations {
		out := explanationJSON{
			Conversion: x.Conversion, Customer: append([]string{}, x.Customer...), Attributed: x.Attributed, Reason: x.Reason,
			Credits: append([]attribution.Credit{}, x.Credits...), How: x.How, RulesVersion: x.RulesVersion,
			Commissions: []commissionJSON{},
		}
		for _, c := range x.Commissions {
			out.Commissions = append(out.Commissions, explainedJSON(c))
		}
		list = append(list, out)
	}
	slices.SortFunc(list, func(a, b explanationJSON) int {
		if c := a.Conversion.At.Compare(b.Conversion.At); c != 0 {
			return c
		}
		return strings.Compare(a.Conversion.ID, b.Conversion.ID)
	})
	return list
}

func explainedJSON(c affiliate.ExplainedCommission) commissionJSON {
	out := commissionJSON{
		Rule: c.Rule, Partner: c.Partner, Program: c.Program, Amount: c.Amount, Currency: c.Currency, Status: c.Status,
		Line: c.Line, Posted: append([]commission.Posted{}, c.Posted...),
	}
	if c.Line.Tiers != nil {
		out.Tier = &tierJSON{c.Tier.Value, c.Tier.Reached, c.Tier.Adjustment}
	}
	return out
}
