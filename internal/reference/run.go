package reference

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Outcome is what the facts so far have come to.
type Outcome struct {
	At           time.Time
	Commissions  []Commission
	Unattributed []Unattributed
	Balances     []Balance
	Payouts      []PayoutRow
}

// Unattributed is a conversion without credits and the reason of the last method that failed.
type Unattributed struct{ Conversion, Reason string }

// Result is a whole run: an error code for each step ("" for none), the outcome at each inner expectation, and the last.
type Result struct {
	StepErrors []string
	Inner      map[int]Outcome
	Final      Outcome
}

// Run delivers the steps one at a time, in the order of the file.
func Run(s Scenario) Result {
	w := newWorld(s)
	out := Result{Inner: map[int]Outcome{}}
	var latest time.Time
	for i, step := range s.Steps {
		if step.At.After(latest) {
			latest = step.At
		}
		if step.Expect != nil {
			out.StepErrors = append(out.StepErrors, "")
			out.Inner[i] = w.outcome(atOr(step.Expect, latest))
			continue
		}
		out.StepErrors = append(out.StepErrors, w.apply(step))
		w.post()
	}
	out.Final = w.outcome(atOr(s.Expect, latest))
	return out
}

func atOr(e *Expect, latest time.Time) time.Time {
	if e != nil && e.At != nil {
		return *e.At
	}
	return latest
}

func (w *world) outcome(at time.Time) Outcome {
	out := Outcome{At: at, Balances: w.balances(at)}
	awards, decisions := w.awards()
	for _, a := range awards {
		if net := a.net(); net != 0 {
			k := a.key
			out.Commissions = append(out.Commissions, Commission{k.conversion, k.partner, k.program, k.rule, net, k.currency})
		}
	}
	for _, d := range decisions {
		if len(d.credits) == 0 {
			out.Unattributed = append(out.Unattributed, Unattributed{d.conv.ID, or(d.reason, "no_touch")})
		}
	}
	for _, p := range w.ledger.payouts {
		out.Payouts = append(out.Payouts, PayoutRow{p.partner, p.currency, p.amount, p.status})
	}
	return out
}

func (a *award) net() int64 {
	net := a.accrual + a.tier
	for _, r := range a.ladder {
		net += r.amount
	}
	return net
}

// balances splits each partner's money by state; the four figures add up to the net commissions.
func (w *world) balances(at time.Time) []Balance {
	rows := map[[2]string]*Balance{}
	row := func(partner, currency string) *Balance {
		k := [2]string{partner, currency}
		if rows[k] == nil {
			rows[k] = &Balance{Partner: partner, Currency: currency}
		}
		return rows[k]
	}
	for _, e := range w.ledger.entries {
		switch {
		case e.payout != nil:
		case e.maturity.After(at):
			row(e.partner, e.currency).Pending += e.amount
		default:
			row(e.partner, e.currency).Payable += e.amount
		}
	}
	for _, p := range w.ledger.payouts {
		switch {
		case p.status == "paid":
			row(p.partner, p.currency).Paid += p.amount
		case !p.dead():
			row(p.partner, p.currency).InPayout += p.amount
		}
	}
	var out []Balance
	for _, r := range rows {
		if r.Pending != 0 || r.Payable != 0 || r.InPayout != 0 || r.Paid != 0 {
			out = append(out, *r)
		}
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Partner+"\x00"+out[i].Currency < out[j].Partner+"\x00"+out[j].Currency
	})
	return out
}

// Check compares a scenario's own expectations with Run and lists the differences.
func Check(s Scenario) []string {
	result := Run(s)
	var out []string
	for i, step := range s.Steps {
		if result.StepErrors[i] != step.Error {
			out = append(out, fmt.Sprintf("step %d: error %q, expected %q", i, result.StepErrors[i], step.Error))
		}
		if step.Expect != nil {
			out = append(out, compare(fmt.Sprintf("step %d", i), step.Expect, result.Inner[i])...)
		}
	}
	if s.Expect != nil {
		out = append(out, compare("expect", s.Expect, result.Final)...)
	}
	return out
}

// Expectation is an outcome as a scenario file writes it.
func (o Outcome) Expectation() *Expect {
	e := &Expect{At: &o.At, Commissions: []Commission{}, Unattributed: []string{}, Balances: []Balance{}, Payouts: []PayoutRow{}}
	e.Commissions = append(e.Commissions, o.Commissions...)
	for _, u := range o.Unattributed {
		e.Unattributed = append(e.Unattributed, u.Conversion)
	}
	e.Balances = append(e.Balances, o.Balances...)
	e.Payouts = append(e.Payouts, o.Payouts...)
	return e
}

func compare(where string, want *Expect, got Outcome) []string {
	e := got.Expectation()
	var out []string
	if want.Commissions != nil {
		out = append(out, diff(where+": commissions", lines(want.Commissions), lines(e.Commissions))...)
	}
	if want.Unattributed != nil {
		out = append(out, diff(where+": unattributed", lines(want.Unattributed), lines(e.Unattributed))...)
	}
	if want.Balances != nil {
		out = append(out, diff(where+": balances", lines(nonZero(want.Balances)), lines(e.Balances))...)
	}
	if want.Payouts != nil {
		out = append(out, diff(where+": payouts", lines(want.Payouts), lines(e.Payouts))...)
	}
	return out
}

func nonZero(list []Balance) []Balance {
	var out []Balance
	for _, b := range list {
		if b.Pending != 0 || b.Payable != 0 || b.InPayout != 0 || b.Paid != 0 {
			out = append(out, b)
		}
	}
	return out
}

func lines[T any](list []T) map[string]int {
	out := map[string]int{}
	for _, item := range list {
		if c, ok := any(item).(Commission); ok {
			c.Currency = ""
			out[fmt.Sprintf("%+v", c)]++
			continue
		}
		out[fmt.Sprintf("%+v", item)]++
	}
	return out
}

func diff(what string, want, got map[string]int) []string {
	var out []string
	for line, n := range want {
		if got[line] < n {
			out = append(out, what+": missing "+line)
		}
	}
	for line, n := range got {
		if want[line] < n {
			out = append(out, what+": unexpected "+line)
		}
	}
	sort.Strings(out)
	return out
}

func containsWord(list, word string) bool {
	for _, w := range strings.Fields(list) {
		if w == word {
			return true
		}
	}
	return false
}
