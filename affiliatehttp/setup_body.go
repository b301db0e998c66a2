package affiliatehttp

import (
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// What configuration is made of, as a body says it. Whether the values make sense is
// for the Engine to say.

func (o *object) settings() (s program.SettingsChange) {
	s.Remove = o.edit(func() {
		s = program.SettingsChange{
			Name: o.maybe("name"), Title: o.maybe("title"), TimeZone: o.maybe("timeZone"),
			DestinationURL: o.maybe("destinationUrl"), DeepLinkDomains: texts[string](o, "deepLinkDomains"),
			Model: named[attribution.Model](o, "attributionModel"), WindowDays: o.count("attributionWindowDays"),
			Methods: texts[attribution.Method](o, "methods"), Binding: named[attribution.BindingMode](o, "binding"),
			StartsAt: o.until("startsAt"), EndsAt: o.until("endsAt"), PartnerCodes: o.whether("partnerCodes"), Reward: o.reward(),
		}
		if o.has("currency") {
			currency := o.currency("currency")
			s.Currency = &currency
		}
		s.Rules, s.HoldbackDays = o.rules(), o.count("holdbackDays")
	})
	return s
}

func (o *object) terms() (terms program.TermsChange) {
	terms.Remove = o.edit(func() { terms.Rules, terms.HoldbackDays = o.rules(), o.count("holdbackDays") })
	return terms
}

// rules takes the rules, which are always said as a whole.
func (o *object) rules() (rules []commission.Rule) {
	if o.each("rules", func(r *object) { rules = append(rules, r.rule()) }) && rules == nil {
		rules = []commission.Rule{} // which is not the same as none
	}
	return rules
}

func (o *object) rule() commission.Rule {
	r := commission.Rule{
		ID: o.required("id"), Trigger: commission.Trigger(o.required("trigger")), EventType: o.chosen("eventType"),
		Type: commission.Type(o.required("type")), Value: o.required("value"), Currency: o.currency("currency"),
		Recurring: o.flag("recurring") == "true",
	}
	if months := o.count("months"); months != nil {
		r.Months = *months
	}
	o.within("tiers", func(t *object) {
		r.Tiers = &commission.Tiers{
			Metric: commission.Metric(t.required("metric")), Period: commission.Period(t.required("period")),
		}
		if t.flag("retroactive") == "false" {
			r.Tiers.Retroactive = new(bool)
		}
		t.each("thresholds", func(th *object) {
			at, given := th.minor("at")
			if !given && !th.has("at") {
				th.refuse("at", "is required")
			}
			r.Tiers.Thresholds = append(r.Tiers.Thresholds, commission.Threshold{At: at, Value: th.required("value")})
		})
	})
	return r
}

func (o *object) reward() (reward *promo.RewardChange) {
	var next promo.RewardChange
	removed := o.part("reward", func(r *object) {
		reward = &next
		next = promo.RewardChange{
			Kind: named[promo.RewardKind](r, "kind"), Span: named[promo.RewardSpan](r, "span"),
			Percent: r.count("percent"), Months: r.count("months"),
		}
		if currency := r.currency("currency"); currency != "" {
			next.Currency = &currency
		}
		if amount, given := r.minor("amount"); given {
			next.Amount = &amount
		}
	})
	next.Remove = removed
	return reward
}

func (o *object) profile() (f program.Profile) {
	f.Remove = o.edit(func() {
		f = program.Profile{Name: o.maybe("name"), Email: o.maybe("email"), Rank: o.count("rank"), Payout: o.schedule()}
		match := []attribution.Condition{}
		given := o.each("match", func(m *object) {
			match = append(match, attribution.Condition{
				Field: m.required("field"), Op: attribution.Op(m.required("op")), Value: m.text("value"),
			})
		})
		if given {
			f.Match = &match
		}
	})
	return f
}

// schedule takes the payout schedule, of which an edit may say a part.
func (o *object) schedule() (schedule *payout.ScheduleChange) {
	var next payout.ScheduleChange
	removed := o.part("payout", func(s *object) {
		schedule = &next
		next = payout.ScheduleChange{
			Cadence: named[payout.Cadence](s, "cadence"), Weekday: s.weekday("weekday"), Day: s.count("day"), Hour: s.count("hour"),
			TimeZone: named[string](s, "timeZone"), Cron: named[string](s, "cron"),
		}
		next.Minimum, next.Remove = s.minimum("minimum")
	})
	next.Remove = append(next.Remove, removed...)
	return schedule
}

func (o *object) weekday(name string) *time.Weekday {
	text := named[string](o, name)
	if text == nil {
		return nil
	}
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.ToLower(day.String()) == *text {
			return &day
		}
	}
	if *text != "" {
		o.refuse(name, "must be the name of a day in lower case")
	}
	return nil
}

// minimum takes least amounts by currency; those of removed currencies are null.
func (o *object) minimum(name string) (minimum map[money.Currency]int64, removed []string) {
	nulls := o.part(name, func(m *object) {
		minimum = map[money.Currency]int64{}
		seen := map[money.Currency]bool{}
		for _, field := range m.members {
			amount, given := m.minor(field.name)
			currency, err := money.ParseCurrency(field.name)
			switch {
			case err != nil:
				m.refuse(field.name, "is not a currency")
			case seen[currency]:
				m.refuse(field.name, "is there twice")
			case given:
				minimum[currency] = amount
			}
			seen[currency] = true
		}
	})
	for _, field := range nulls {
		removed = append(removed, name+"."+strings.ToLower(field))
	}
	return minimum, removed
}

// scheduleNames are where the Engine's names of a schedule are in a body.
func scheduleNames() wireNames {
	names := wireNames{}
	for _, field := range []string{"cadence", "weekday", "day", "hour", "timeZone", "cron", "minimum"} {
		names[field] = "payout." + field
	}
	return names
}
