package affiliatehttp

import (
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/calendar"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// What set-up is made of, as a body says it. Whether the values make sense is
// for the Engine to say.

func (o *object) settings() program.SettingsChange {
	s := program.SettingsChange{
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
	terms := o.terms()
	s.Rules, s.HoldbackDays = terms.Rules, terms.HoldbackDays
	return s
}

func (o *object) terms() (terms program.TermsChange) {
	terms.HoldbackDays = o.count("holdbackDays")
	before := len(o.problems)
	given := o.each("rules", func(r *object) { terms.Rules = append(terms.Rules, r.rule()) })
	if given && terms.Rules == nil && len(o.problems) == before {
		o.refuse("rules", "must not be empty")
	}
	return terms
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
			Metric: commission.Metric(t.required("metric")), Period: calendar.Period(t.required("period")),
			Progressive: t.flag("retroactive") == "false",
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

func (o *object) reward() (reward *promo.Reward) {
	o.within("reward", func(r *object) {
		reward = &promo.Reward{
			Kind: promo.RewardKind(r.required("kind")), Currency: r.currency("currency"), Span: promo.RewardSpan(r.chosen("span")),
		}
		reward.Amount, _ = r.minor("amount")
		r.countInto("percent", &reward.Percent)
		r.countInto("months", &reward.Months)
	})
	return reward
}

// countInto takes a count, and leaves what is there without one.
func (o *object) countInto(name string, to *int) {
	if n := o.count(name); n != nil {
		*to = *n
	}
}

func (o *object) profile() program.Profile {
	f := program.Profile{Name: o.maybe("name"), Email: o.maybe("email"), Rank: o.count("rank"), Payout: o.schedule()}
	var match []attribution.Condition
	given := o.each("match", func(m *object) {
		match = append(match, attribution.Condition{
			Field: m.required("field"), Op: attribution.Op(m.required("op")), Value: m.text("value"),
		})
	})
	if given {
		f.Match = &match
		if match == nil {
			f.Match = &[]attribution.Condition{}
		}
	}
	return f
}

// schedule takes the payout schedule, which is always said as a whole.
func (o *object) schedule() (schedule *payout.Schedule) {
	o.within("payout", func(s *object) {
		schedule = &payout.Schedule{
			Cadence: payout.Cadence(s.chosen("cadence")), Weekday: s.weekday("weekday"), TimeZone: s.chosen("timeZone"),
			Cron: s.chosen("cron"), Minimum: s.minimum("minimum"),
		}
		s.countInto("day", &schedule.Day)
		s.countInto("hour", &schedule.Hour)
	})
	return schedule
}

func (o *object) weekday(name string) time.Weekday {
	text := o.chosen(name)
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.ToLower(day.String()) == text {
			return day
		}
	}
	if text != "" {
		o.refuse(name, "must be the name of a day in lower case")
	}
	return time.Monday
}

func (o *object) minimum(name string) (minimum map[money.Currency]int64) {
	o.within(name, func(m *object) {
		minimum = map[money.Currency]int64{}
		for _, field := range m.members {
			amount, _ := m.minor(field.name)
			currency, err := money.ParseCurrency(field.name)
			_, twice := minimum[currency]
			switch {
			case err != nil:
				m.refuse(field.name, "is not a currency")
			case twice:
				m.refuse(field.name, "is there twice")
			}
			minimum[currency] = amount
		}
	})
	return minimum
}

// scheduleNames are where the Engine's names of a schedule are in a body.
func scheduleNames() wireNames {
	names := wireNames{}
	for _, field := range []string{"cadence", "weekday", "day", "hour", "timeZone", "cron", "minimum"} {
		names[field] = "payout." + field
	}
	return names
}
