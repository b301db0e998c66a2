package commission

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
)

// Commission is what one rule pays one partner for one conversion. It carries all
// that later refunds, reviews and tiers need, so that none of them has to decide
// anything again.
type Commission struct {
	Conversion string      `json:"conversion"`
	Partner    string      `json:"partner"`
	Program    string      `json:"program"`
	Rule       string      `json:"rule"`
	Type       Type        `json:"type"`
	Value      string      `json:"value"` // the rule's own
	Share      money.Share `json:"share"`

	Amount    int64          `json:"amount"`             // the conversion's, minor units
	Paid      money.Currency `json:"paid"`               // the conversion's currency
	Currency  money.Currency `json:"currency"`           // the commission's
	Accrued   int64          `json:"accrued"`            // at the rule's own value, after conservation
	Exact     string         `json:"exact,omitempty"`    // before rounding
	Source    Source         `json:"source,omitempty"`   // of the terms
	TermsFrom time.Time      `json:"termsFrom,omitzero"` // since when they are in force

	At        time.Time `json:"at"`        // the conversion's
	MaturesAt time.Time `json:"maturesAt"` // At + holdback
	TouchAt   time.Time `json:"touchAt"`
	TouchID   string    `json:"touchId"`

	Tiers  *Tiers  `json:"tiers,omitempty"` // of the conversion's own terms
	Ladder []Level `json:"ladder,omitempty"`
	Held   bool    `json:"held,omitempty"` // under review

	// Suspect is what is suspect about the click behind a commission that is under
	// review for that alone. The owner's first review of it clears the field: from
	// then on the commission stands as that says.
	Suspect string `json:"suspect,omitempty"`
}

// Key identifies the commission in its organization.
func (l Commission) Key() string { return join(l.Conversion, l.Partner, l.Program, l.Rule) }

// Rejected reports whether the owner rejected the commission.
func (l Commission) Rejected() bool {
	return len(l.Ladder) > 0 && l.Ladder[len(l.Ladder)-1].Rejected
}

// exactAt is the exact commission at another value of the same rule.
func (l Commission) exactAt(value string) (money.Exact, error) {
	if l.Type == Fixed {
		minor, err := money.ParseWhole(value)
		if err != nil {
			return money.Exact{}, err
		}
		return money.Fixed(minor, l.Share), nil
	}
	rate, err := money.ParseRate(value)
	if err != nil {
		return money.Exact{}, err
	}
	return money.Percent(l.Amount, rate, l.Share), nil
}

// review applies the ladder of a conversion and the owner's reviews of this
// commission to the line. One with something suspect starts under review.
func (l *Commission) review(ladder []Level, facts []Fact) {
	l.Ladder, l.Held = nil, l.Suspect != ""
	var reject *Fact
	for i, f := range facts { // in time order
		if !f.reviews(*l) {
			continue
		}
		switch f.Kind {
		case Reject:
			if reject == nil {
				reject = &facts[i]
			}
		case Hold:
			l.Held, l.Suspect = true, ""
		case Release:
			l.Held, l.Suspect = false, ""
		default: // concerns the conversion
		}
	}
	if reject == nil {
		l.Ladder = ladder
		return
	}
	l.Held, l.Suspect = false, ""
	for _, level := range ladder {
		if !level.At.After(reject.At) {
			l.Ladder = append(l.Ladder, level)
		}
	}
	last := levelAt(ladder, reject.At)
	l.Ladder = append(l.Ladder, Level{
		At: reject.At, Cause: reject.Key(), Refunded: last.Refunded, Full: last.Full, Rejected: true,
	})
}

// Follow takes over what was noted on the steps of the commission's ladder when it
// was decided before, and notes on each new step whether the commission is in a
// payout now, when the step is posted (semantics 7.2). InPayout is asked at most
// once.
func (l *Commission) Follow(before Commission, inPayout func() (bool, error)) (err error) {
	l.Ladder = slices.Clone(l.Ladder)
	asked, inside := false, false
	for i := range l.Ladder {
		level := &l.Ladder[i]
		if at := slices.IndexFunc(before.Ladder, func(b Level) bool { return b.Cause == level.Cause }); at >= 0 {
			level.InPayout = before.Ladder[at].InPayout
			continue
		}
		if !asked {
			if inside, err = inPayout(); err != nil {
				return err
			}
			asked = true
		}
		level.InPayout = inside
	}
	return nil
}

// Reviews returns the owner's reviews of this commission among the facts of its
// conversion, in their order.
func (l Commission) Reviews(facts []Fact) []Fact {
	var list []Fact
	for _, f := range facts {
		if f.reviews(l) {
			list = append(list, f)
		}
	}
	return list
}

// reviews reports whether the fact is a review of the commission. A fact about the
// conversion as a whole names no partner.
func (f Fact) reviews(l Commission) bool {
	return f.Partner == l.Partner && f.Program == l.Program && f.Rule == l.Rule
}

// reversed is how much of a commission of total minor units is taken back at a
// level: in proportion for a percent commission, all or nothing for a fixed one
// (semantics 7.2).
func (l Commission) reversed(total int64, level Level) (int64, error) {
	switch {
	case level.Rejected:
		return total, nil
	case l.Type == Fixed && level.Full:
		return total, nil
	case l.Type == Fixed || l.Amount == 0:
		return 0, nil
	}
	part, err := money.Ratio(total, level.Refunded, l.Amount)
	if err != nil {
		return 0, err
	}
	return part.Round()
}

// Net is what the commission stands at: accrued plus tier adjustment less
// reversals.
func (l Commission) Net(tier int64) (int64, error) {
	total, err := money.Add(l.Accrued, tier)
	if err != nil || len(l.Ladder) == 0 {
		return total, err
	}
	back, err := l.reversed(total, l.Ladder[len(l.Ladder)-1])
	if err != nil {
		return 0, err
	}
	return money.Sub(total, back)
}

// counts reports whether the conversion counts in tiers at a level: not when it
// is fully refunded or the commission was rejected (semantics 5.2, 7.1).
func (l Commission) counts(level Level) bool { return !level.Full && !level.Rejected }

// revenue is what the conversion adds to the revenue metric at a level, in the
// program's currency only.
func (l Commission) revenue(level Level, program money.Currency) (int64, error) {
	if l.Paid != program || level.Rejected {
		return 0, nil
	}
	rest, err := money.Ratio(l.Amount-level.Refunded, l.Share.Num, l.Share.Den)
	if err != nil {
		return 0, err
	}
	return rest.Round()
}

// Matches reports whether the rule matches a conversion of this type and
// amount, whatever its trigger (semantics 4.2, 4.5).
func (r Rule) Matches(conversion attribution.Conversion, amount int64) bool {
	class := r.class()
	for _, c := range classes(conversion.Type, amount) {
		if c == class {
			return true
		}
	}
	return false
}
