package commission

import (
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// FactKind is what happened to a conversion after it was made.
type FactKind string

// The kinds of later facts. The last three are the owner's review of one
// commission, the others concern the conversion as a whole.
const (
	Refund       FactKind = "refund"
	RefundFailed FactKind = "refund_failed" // the refund of this id no longer counts
	Dispute      FactKind = "dispute"
	Amendment    FactKind = "amendment" // the conversion's amount is another
	Reject       FactKind = "reject"
	Hold         FactKind = "hold"
	Release      FactKind = "release"
)

// DisputeStatus is the state of a dispute; open and lost ones take money back.
type DisputeStatus string

// The states of a dispute.
const (
	DisputeOpen DisputeStatus = "open"
	DisputeWon  DisputeStatus = "won"
	DisputeLost DisputeStatus = "lost"
)

// Valid reports whether s is a known status.
func (s DisputeStatus) Valid() bool {
	return s == DisputeOpen || s == DisputeWon || s == DisputeLost
}

// Fact is something that happened to a conversion: append-only, dated, and
// stored even when it arrives before its conversion.
type Fact struct {
	Kind       FactKind      `json:"kind"`
	ID         string        `json:"id,omitempty"` // of the refund or dispute
	Conversion string        `json:"conversion"`
	At         time.Time     `json:"at"`
	Amount     int64         `json:"amount,omitempty"` // minor units of the conversion's currency
	All        bool          `json:"all,omitempty"`    // no amount was given: all that is left
	Status     DisputeStatus `json:"status,omitempty"`
	Partner    string        `json:"partner,omitempty"` // reviews: the commission
	Program    string        `json:"program,omitempty"`
	Rule       string        `json:"rule,omitempty"`
	Reason     string        `json:"reason,omitempty"`
	By         string        `json:"by,omitempty"` // reviews: the host's id of whose it is
}

// Key identifies the fact in its organization: a refund by its id, a dispute by
// id and status, an amendment or review by its own time.
func (f Fact) Key() string {
	switch f.Kind {
	case Dispute:
		return join(string(f.Kind), f.ID, string(f.Status))
	case Refund, RefundFailed:
		return join(string(f.Kind), f.ID)
	case Amendment:
		return join(string(f.Kind), f.Conversion) + ":" + f.At.UTC().Format(time.RFC3339Nano)
	default:
		return join(string(f.Kind), f.Conversion, f.Partner, f.Program, f.Rule) + ":" + f.At.UTC().Format(time.RFC3339Nano)
	}
}

// join makes one text of several such that no other parts make the same.
func join(parts ...string) string {
	for i, part := range parts {
		if strings.ContainsAny(part, "%:") {
			parts[i] = strings.ReplaceAll(strings.ReplaceAll(part, "%", "%25"), ":", "%3A")
		}
	}
	return strings.Join(parts, ":")
}

// SortFacts puts facts into time order, ties by key.
func SortFacts(facts []Fact) {
	slices.SortStableFunc(facts, func(a, b Fact) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Key(), b.Key())
	})
}

// AmountOf returns what the conversion's amount is: the latest amendment by
// time, else the amount it came with (semantics 7.2).
func AmountOf(original int64, facts []Fact) int64 {
	amount, latest := original, Fact{}
	for _, f := range facts {
		if f.Kind == Amendment && (latest.Kind == "" || !f.At.Before(latest.At)) {
			amount, latest = f.Amount, f
		}
	}
	return amount
}

// Refunded returns what a conversion's amount is now, and how much of that refunds,
// and disputes that are open or lost, have taken back (semantics 7.2).
func Refunded(original int64, facts []Fact) (amount, refunded int64) {
	amount = AmountOf(original, facts)
	if ladder := ladderOf(amount, facts); len(ladder) > 0 {
		refunded = ladder[len(ladder)-1].Refunded
	}
	return amount, refunded
}

// Level is how much of a conversion is refunded after one of its facts.
type Level struct {
	At       time.Time `json:"at"`
	Cause    string    `json:"cause"`    // key of the fact
	Refunded int64     `json:"refunded"` // R: refunds plus open or lost disputes, at most the amount
	Full     bool      `json:"full,omitempty"`
	Rejected bool      `json:"rejected,omitempty"`

	// InPayout is set where the commission was in a payout, not failed, when
	// this step was posted: it then matures at its own time (semantics 7.2).
	InPayout bool `json:"inPayout,omitempty"`
}

// ladderOf returns the level after each refund, failure and dispute of a
// conversion of the given amount, in time order (semantics 7.2).
func ladderOf(amount int64, facts []Fact) []Level {
	sorted := slices.Clone(facts)
	SortFacts(sorted)
	failed := map[string]time.Time{}
	for _, f := range sorted {
		if f.Kind == RefundFailed {
			failed[f.ID] = f.At
		}
	}
	refunds, disputes := map[string]Fact{}, map[string]Fact{}
	var ladder []Level
	for _, f := range sorted {
		switch f.Kind {
		case Refund:
			if at, ok := failed[f.ID]; !ok || f.At.Before(at) {
				refunds[f.ID] = f
			}
		case RefundFailed:
			delete(refunds, f.ID)
		case Dispute:
			disputes[f.ID] = f
		default:
			continue
		}
		level := Level{At: f.At, Cause: f.Key()}
		level.Refunded, level.Full = refunded(amount, refunds, disputes)
		ladder = append(ladder, level)
	}
	return ladder
}

// refunded adds up what counts. Full is: all of it, by at least one fact.
func refunded(amount int64, refunds, disputes map[string]Fact) (int64, bool) {
	total, count := int64(0), 0
	add := func(f Fact) {
		count++
		part := min(f.Amount, amount)
		if f.All {
			part = amount
		}
		if sum, err := money.Add(total, part); err != nil || sum > amount {
			total = amount
		} else {
			total = sum
		}
	}
	for _, f := range refunds {
		add(f)
	}
	for _, f := range disputes {
		if f.Status != DisputeWon {
			add(f)
		}
	}
	return total, count > 0 && total == amount
}

// levelAt is the last level at or before t.
func levelAt(ladder []Level, t time.Time) Level {
	var last Level
	for _, l := range ladder {
		if l.At.After(t) {
			break
		}
		last = l
	}
	return last
}

// Overrefunds reports whether one more refund would take the refunds together,
// or one dispute, over the amount of the conversion (semantics 7.2). Facts are
// those already stored for the conversion.
func Overrefunds(amount int64, facts []Fact, next Fact) bool {
	if next.Kind == Dispute {
		return !next.All && next.Amount > amount
	}
	failed := map[string]bool{}
	for _, f := range facts {
		if f.Kind == RefundFailed {
			failed[f.ID] = true
		}
	}
	if next.Kind != Refund || next.All || failed[next.ID] {
		return false
	}
	total := next.Amount
	for _, f := range facts {
		if f.Kind != Refund || failed[f.ID] {
			continue
		}
		if f.All {
			if !next.At.Before(f.At) && next.Amount > 0 {
				return true // nothing was left
			}
			continue
		}
		sum, err := money.Add(total, f.Amount)
		if err != nil {
			return true
		}
		total = sum
	}
	return total > amount
}
