package commission

import (
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/calendar"
)

// Sale is a conversion with all that happened to it later.
type Sale struct {
	attribution.Conversion
	Facts []Fact // in any order
}

// History is what the conversions of one customer leave for the rules: which was
// the first of its kind, for each partner on each program. The zero value is the
// history of a new customer. It is stored as JSON.
type History struct {
	Firsts map[string]attribution.Mark `json:"firsts,omitempty"` // by program, partner and class of conversion
}

// RuleNote says whether a rule fired for a credit, and why not.
type RuleNote struct {
	Partner string `json:"partner"`       // id of the credited partner
	Program string `json:"program"`       // id of the program
	Rule    string `json:"rule"`          // id of the rule
	Fired   bool   `json:"fired"`         // it pays a commission
	Why     string `json:"why,omitempty"` // why it did not fire
}

// Why a rule did not fire.
const (
	WhyNoMatch    = "no_match"     // another event type, or no positive amount
	WhyNotFirst   = "not_first"    // trigger first, and an earlier conversion took it
	WhyFirst      = "first"        // trigger subsequent, and this is the first
	WhyCapReached = "cap_reached"  // beyond the months of a recurring rule
	WhyEnded      = "ended_repeat" // nothing repeats past the end of a program
)

// Earn returns the commissions that a sale earns: for each credit those of the
// rules of its offer that fire, with amounts that conserve the total across
// partners (semantics 1.3), less what was refunded. A void credit, and one
// without an offer, earns nothing. The notes say of each rule whether it fired.
//
// The sale is taken into the history. Sales must come in order of their time,
// ties by id: first, subsequent and month caps count from what came before.
func (h *History) Earn(sale Sale, credits []attribution.Credit, offers ...Offer) ([]Commission, []RuleNote, error) {
	amount := AmountOf(sale.Amount, sale.Facts)
	facts := slices.Clone(sale.Facts)
	SortFacts(facts)
	ladder := ladderOf(amount, facts)
	kinds := classes(sale.Type, amount)
	var earned []Commission
	var notes []RuleNote
	for _, c := range credits {
		i := slices.IndexFunc(offers, func(o Offer) bool { return o.pays(c.Partner, c.Program) })
		if c.Void != "" || i < 0 {
			continue
		}
		offer := &offers[i]
		for _, rule := range offer.Rules {
			note := h.fires(offer, c, rule, sale.Conversion, amount)
			notes = append(notes, note)
			if note.Fired {
				of := commissionOf(offer, c, rule, sale.Conversion, amount)
				of.review(ladder, facts)
				earned = append(earned, of)
			}
		}
		for _, class := range kinds {
			h.setFirst(firstKey(c, class), attribution.Mark{At: sale.At, ID: sale.ID})
		}
	}
	return earned, notes, accrue(earned)
}

// Review applies what happened to a sale later to the commissions that it earned:
// refunds and disputes take back, reviews hold, release and reject. What the sale
// earned at first, and whom, stays as it is.
func Review(earned []Commission, sale Sale) {
	facts := slices.Clone(sale.Facts)
	SortFacts(facts)
	ladder := ladderOf(AmountOf(sale.Amount, facts), facts)
	for i := range earned {
		earned[i].review(ladder, facts)
	}
}

// Amend is Review for a sale of another amount whose customer is not decided any
// more (semantics 8.7): who is paid and by which rules stays, what they accrue
// follows the amount, as if it had always been.
func Amend(earned []Commission, sale Sale) ([]Commission, error) {
	earned = slices.Clone(earned)
	amount := AmountOf(sale.Amount, sale.Facts)
	for i := range earned {
		earned[i].Amount = amount
	}
	if err := accrue(earned); err != nil {
		return nil, err
	}
	for i := range earned {
		if len(classes(sale.Type, amount)) == 0 { // an amount that no rule pays for
			earned[i].Accrued, earned[i].Exact = 0, "0"
		}
	}
	Review(earned, sale)
	return earned, nil
}

func commissionOf(offer *Offer, c attribution.Credit, rule Rule, sale attribution.Conversion, amount int64) Commission {
	return Commission{
		Conversion: sale.ID, Partner: c.Partner, Program: c.Program, Rule: rule.ID,
		Type: rule.Type, Value: rule.Value, Share: c.Share,
		Amount: amount, Paid: sale.Currency, Currency: offer.currencyOf(rule, sale.Currency),
		Source: offer.Source, TermsFrom: offer.Since,
		At: sale.At, MaturesAt: sale.At.Add(time.Duration(offer.HoldbackDays) * 24 * time.Hour),
		TouchAt: c.TouchAt, TouchID: c.TouchID, Tiers: rule.Tiers, Suspect: c.Suspect,
	}
}

// fires decides whether a rule fires for a credit (semantics 2.3, 4.2–4.4).
func (h *History) fires(offer *Offer, c attribution.Credit, rule Rule, sale attribution.Conversion, amount int64) RuleNote {
	note := RuleNote{Partner: c.Partner, Program: c.Program, Rule: rule.ID}
	if !rule.Matches(sale, amount) {
		note.Why = WhyNoMatch
		return note
	}
	first, repeated := h.Firsts[firstKey(c, rule.class())]
	if !repeated {
		first.At = sale.At
	}
	switch {
	case rule.Trigger == First && repeated:
		note.Why = WhyNotFirst
	case rule.Trigger == Subsequent && !repeated:
		note.Why = WhyFirst
	case rule.Months > 0 && !sale.At.Before(calendar.AddMonths(first.At, rule.Months, offer.Location)):
		note.Why = WhyCapReached
	case offer.Ended && h.repeats(c, rule.classAfterEnd(sale.Type)):
		note.Why = WhyEnded
	default:
		note.Fired = true
	}
	return note
}

// repeats reports whether an earlier conversion of a class was credited alike.
func (h *History) repeats(c attribution.Credit, class string) bool {
	_, repeats := h.Firsts[firstKey(c, class)]
	return repeats
}

func firstKey(c attribution.Credit, class string) string {
	return strings.Join([]string{c.Program, c.Partner, class}, "\x1f")
}

func (h *History) setFirst(key string, m attribution.Mark) {
	if h.Firsts == nil {
		h.Firsts = map[string]attribution.Mark{}
	}
	if _, there := h.Firsts[key]; !there {
		h.Firsts[key] = m
	}
}
