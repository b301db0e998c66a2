package affiliatetest

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"
)

// Outcome is everything that an expectation can ask for.
type Outcome struct {
	At           time.Time            `json:"at"`
	Commissions  []ExpectedCommission `json:"commissions"`
	Unattributed []string             `json:"unattributed"`
	Balances     []ExpectedBalance    `json:"balances"`
	Payouts      []ExpectedPayout     `json:"payouts"`
}

// settledOutcome settles and reads what has come. What an answer settles for itself has
// to come to the same.
func (r *runner) settledOutcome(where string, at time.Time) (Outcome, error) {
	r.waiting = false
	ahead, err := r.outcome(at)
	if err != nil {
		return ahead, err
	}
	if err := Settle(r.ctx, r.eng); err != nil {
		return ahead, err
	}
	waited := r.waiting
	settled, err := r.outcome(at)
	if err == nil && !waited && !reflect.DeepEqual(ahead, settled) {
		r.differ("%s: ahead of settlement %+v, settled %+v", where, ahead, settled)
	}
	return settled, err
}

// outcome reads what has come of the scenario so far. Its time only splits
// pending from payable.
func (r *runner) outcome(at time.Time) (Outcome, error) {
	out := Outcome{At: at, Commissions: []ExpectedCommission{}, Unattributed: []string{}, Balances: []ExpectedBalance{}, Payouts: []ExpectedPayout{}}
	for _, p := range r.scenario.Partners {
		if err := r.partnerOutcome(p.ID, at, &out); err != nil {
			return out, err
		}
	}
	for _, id := range r.sold {
		c, err := r.eng.Conversion(r.ctx, id)
		if err != nil {
			return out, err
		}
		r.waiting = r.waiting || c.Waiting
		if !c.Attributed {
			out.Unattributed = append(out.Unattributed, id)
		}
	}
	return out, nil
}

func (r *runner) partnerOutcome(partner string, at time.Time, out *Outcome) error {
	for after, more := "", true; more; {
		page, err := r.eng.Commissions(r.ctx, partner, after, 500)
		if err != nil {
			return err
		}
		r.waiting = r.waiting || page.Waiting
		for _, c := range page.Commissions {
			if c.Amount != 0 {
				out.Commissions = append(out.Commissions, ExpectedCommission{c.Conversion, c.Partner, c.Program, c.Rule, c.Amount})
			}
		}
		after, more = page.Next, page.Next != ""
	}
	balances, err := r.eng.Balances(r.ctx, partner, at)
	if err != nil {
		return err
	}
	for _, b := range balances {
		if b.Pending != 0 || b.Payable != 0 || b.InPayout != 0 || b.Paid != 0 {
			out.Balances = append(out.Balances, ExpectedBalance{partner, string(b.Currency), b.Pending, b.Payable, b.InPayout, b.Paid})
		}
	}
	payouts, err := r.eng.Payouts(r.ctx, partner)
	for _, p := range payouts {
		out.Payouts = append(out.Payouts, ExpectedPayout{p.Partner, string(p.Currency), p.Amount, p.Status})
	}
	return err
}

// compare notes each difference between an expectation and what has come.
func (r *runner) compare(where string, want Expect) error {
	at := r.latest
	if want.At != nil {
		at = *want.At
	}
	got, err := r.settledOutcome(where, at)
	if err != nil {
		return err
	}
	r.result.Outcome = got
	diff(r, where+": commission", want.Commissions, got.Commissions)
	diff(r, where+": unattributed", want.Unattributed, got.Unattributed)
	balances := want.Balances
	if balances != nil { // a row of zeros says the same as none
		rows := slices.DeleteFunc(slices.Clone(*balances), func(b ExpectedBalance) bool {
			return b.Pending == 0 && b.Payable == 0 && b.InPayout == 0 && b.Paid == 0
		})
		balances = &rows
	}
	diff(r, where+": balance", balances, got.Balances)
	diff(r, where+": payout", want.Payouts, got.Payouts)
	return nil
}

// diff compares two lists in any order; a nil list is not checked.
func diff[T any](r *runner, what string, want *[]T, got []T) {
	if want == nil {
		return
	}
	missing, extra := lines(*want), lines(got)
	for i := 0; i < len(missing); i++ {
		if at := slices.Index(extra, missing[i]); at >= 0 {
			extra = slices.Delete(extra, at, at+1)
			missing = slices.Delete(missing, i, i+1)
			i--
		}
	}
	for _, m := range missing {
		r.differ("%s missing: %s", what, m)
	}
	for _, e := range extra {
		r.differ("%s unexpected: %s", what, e)
	}
}

func lines[T any](rows []T) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		data, err := json.Marshal(row)
		if err != nil {
			data = []byte(err.Error())
		}
		out[i] = string(data)
	}
	return out
}
