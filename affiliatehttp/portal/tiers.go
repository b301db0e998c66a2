package portal

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// tiers says for each rule with tiers how far the partner has come in the period
// that runs now.
func (v *visit) tiers() ([]tierView, error) {
	list := []tierView{}
	for _, p := range v.partnerships() {
		of, _ := v.setup.Program(p.Program)
		if of.LifecycleAt(v.now) != program.Active {
			continue
		}
		terms, _ := v.setup.Terms(v.me.ID, p.Program, v.now)
		for _, r := range terms.Rules {
			if r.Tiers == nil {
				continue
			}
			view, err := v.tier(of, r)
			if err != nil {
				return nil, err
			}
			list = append(list, view)
		}
	}
	return list, nil
}

func (v *visit) tier(of *program.Program, r commission.Rule) (tierView, error) {
	start, end := v.setup.Period(v.me.ID, of.ID, r.Tiers.Period, v.now)
	reached, err := v.reached(of.ID, r, start)
	if err != nil {
		return tierView{}, err
	}
	view := tierView{
		Program: v.ref("program", of.ID), Title: v.title(of.ID), For: words.Rule(r, of.Currency), Period: words.This(r.Tiers.Period),
		Value: words.Rate(r.Type, r.Value, words.RuleCurrency(r, of.Currency)), Steps: []stepView{},
	}
	if !end.IsZero() {
		view.Until = &end
	}
	// Revenue is the sales of customers: their sum is shown where each of them is.
	exact := r.Tiers.Metric == commission.Conversions || v.cfg.ShowSaleAmounts(of.ID)
	next := ""
	for _, t := range r.Tiers.Thresholds {
		value := words.Rate(r.Type, t.Value, words.RuleCurrency(r, of.Currency))
		step := stepView{words.Goal(r.Tiers.Metric, t.At, of.Currency), value, reached >= t.At}
		view.Steps = append(view.Steps, step)
		if step.Reached {
			view.Value = value
			continue
		}
		if next == "" {
			next = fmt.Sprintf("%s from %s", value, step.From)
			if exact {
				next = fmt.Sprintf("%s more for %s", words.Goal(r.Tiers.Metric, t.At-reached, of.Currency), value)
				view.Goal = &t.At
			}
		}
	}
	if exact {
		view.Reached = &reached
	}
	view.Words = next
	if next == "" {
		view.Words = "You have reached the highest tier."
	}
	return view, nil
}

// reached is what the tier counts in the period, as the Engine settled it for the
// partner's latest conversion in it.
func (v *visit) reached(programID string, r commission.Rule, since time.Time) (int64, error) {
	reached := int64(0)
	var failed error
	_, err := v.walk(place{}, func(c affiliate.Commission) bool {
		if c.At.Before(since) {
			return false
		}
		if c.Program != programID || c.Rule != r.ID || c.Status == commission.StatusRejected {
			return true
		}
		if start, _ := v.setup.Period(v.me.ID, programID, r.Tiers.Period, c.At); !start.Equal(since) {
			return true // of a period by an earlier payout schedule
		}
		var rated bool
		reached, rated, failed = v.rated(c, r)
		return failed == nil && !rated
	})
	return reached, errors.Join(err, failed)
}

// rated looks up the metric behind one commission. It is not rated if the
// commission has terms with other tiers.
func (v *visit) rated(c affiliate.Commission, r commission.Rule) (reached int64, rated bool, err error) {
	x, err := v.eng.Explain(v.ctx, c.Conversion)
	if err != nil {
		return 0, false, err
	}
	i := slices.IndexFunc(x.Commissions, func(e affiliate.ExplainedCommission) bool { return e.ID == c.ID && e.Currency == c.Currency })
	if i < 0 {
		return 0, false, nil
	}
	t := x.Commissions[i].Line.Tiers
	if t == nil || t.Metric != r.Tiers.Metric || t.Period != r.Tiers.Period {
		return 0, false, nil
	}
	return x.Commissions[i].Tier.Reached, true, nil
}

func (v *visit) tiersAnswer() (any, error) {
	list, err := v.tiers()
	return ui.List[tierView]{Items: list}, err
}

// Count writes what was reached for people.
func (t tierView) Count() string {
	if t.Reached == nil {
		return ""
	}
	return ui.Group(fmt.Sprint(*t.Reached))
}
