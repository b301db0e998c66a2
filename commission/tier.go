package commission

import (
	"math"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// TierContext is what tiers need to know beyond the lines.
type TierContext struct {
	Currency money.Currency // the program's: the only one that counts as revenue
	// Start returns when the period that holds t began; the zero time is unbounded.
	// Conversions whose periods began at the same moment count together.
	Start func(p Period, t time.Time) time.Time
}

// Tier is what tiers say of one line.
type Tier struct {
	Value      string `json:"value"`      // the value in force: a threshold's, or the rule's own
	Reached    int64  `json:"reached"`    // the metric that decided
	Adjustment int64  `json:"adjustment"` // what it adds to or takes from the accrual, minor units
}

// Tiered computes the tier of each line from scratch. Lines are all that fired
// for one (program, partner, rule id), in any order; the result is in theirs
// (semantics 5).
func Tiered(lines []Commission, in TierContext) ([]Tier, error) {
	order := make([]int, len(lines))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := lines[a].At.Compare(lines[b].At); c != 0 {
			return c
		}
		return strings.Compare(lines[a].Conversion, lines[b].Conversion)
	})
	periods := map[Period][]time.Time{} // when the period of each line began
	sweeps := map[sweepKey]*sweep{}
	tiers := make([]Tier, len(lines))
	for _, i := range order {
		l := lines[i]
		tiers[i].Value = l.Value
		if l.Tiers == nil || l.Rejected() {
			continue
		}
		p := l.Tiers.Period
		if periods[p] == nil {
			periods[p] = make([]time.Time, len(lines))
			for j := range lines {
				periods[p][j] = in.Start(p, lines[j].At)
			}
		}
		key := sweepKey{l.Tiers.Metric, p, periods[p][i]}
		s := sweeps[key]
		if s == nil {
			members := slices.DeleteFunc(slices.Clone(order), func(j int) bool { return !periods[p][j].Equal(key.start) })
			var err error
			if s, err = newSweep(lines, members, key.metric, in.Currency); err != nil {
				return nil, err
			}
			sweeps[key] = s
		}
		reached := s.total
		if !l.Tiers.IsRetroactive() {
			reached = s.running[i]
		}
		var err error
		if tiers[i], err = l.tierAt(reached); err != nil {
			return nil, err
		}
	}
	return tiers, nil
}

// tierAt rates the line at a metric. The adjustment is the difference of two
// amounts that are rounded on their own, and never takes the sum below zero
// (semantics 5.3).
func (l Commission) tierAt(reached int64) (Tier, error) {
	tier := Tier{Value: l.Value, Reached: reached}
	hit := false
	for _, th := range l.Tiers.Thresholds {
		if reached >= th.At {
			tier.Value, hit = th.Value, true
		}
	}
	if !hit {
		return tier, nil
	}
	at, err := l.exactAt(tier.Value)
	if err != nil {
		return tier, err
	}
	own, err := l.exactAt(l.Value)
	if err != nil {
		return tier, err
	}
	high, err := at.Round()
	if err != nil {
		return tier, err
	}
	low, err := own.Round()
	if err != nil {
		return tier, err
	}
	if tier.Adjustment, err = money.Sub(high, low); err != nil {
		return tier, err
	}
	tier.Adjustment = max(tier.Adjustment, -l.Accrued)
	return tier, nil
}

// sweepKey is one metric over one period.
type sweepKey struct {
	metric Metric
	period Period
	start  time.Time
}

// sweep follows the metric of one period through its conversions in time order:
// in total as known now, and, for progressive tiers, the highest value it had up
// to each conversion's own time.
type sweep struct {
	lines   []Commission
	metric  Metric
	program money.Currency

	sum     big.Int // of counted; revenue may exceed int64
	counted map[int]int64
	total   int64 // sum, at most the largest int64
	running map[int]int64
}

// change is a refund level of a line that takes effect during the sweep.
type change struct {
	line  int
	level Level
}

// newSweep follows the metric through the lines of one period, in their order.
func newSweep(lines []Commission, members []int, metric Metric, program money.Currency) (*sweep, error) {
	s := &sweep{lines: lines, metric: metric, program: program, counted: map[int]int64{}, running: map[int]int64{}}
	var changes []change
	for _, i := range members {
		for _, level := range lines[i].Ladder {
			changes = append(changes, change{i, level})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return a.level.At.Compare(b.level.At) })
	return s, s.follow(members, changes)
}

// follow goes through conversions and refunds in the order of their times. A
// threshold is reached by a conversion only (semantics 5.5).
func (s *sweep) follow(members []int, changes []change) error {
	next, highest := 0, int64(0)
	for _, i := range members {
		at := s.lines[i].At
		for ; next < len(changes) && !changes[next].level.At.After(at); next++ {
			c := changes[next]
			if _, seen := s.counted[c.line]; !seen {
				continue // it comes with the level it has by then
			}
			if err := s.set(c.line, c.level); err != nil {
				return err
			}
		}
		if err := s.set(i, levelAt(s.lines[i].Ladder, at)); err != nil {
			return err
		}
		highest = max(highest, s.total)
		s.running[i] = highest
	}
	for ; next < len(changes); next++ {
		if err := s.set(changes[next].line, changes[next].level); err != nil {
			return err
		}
	}
	return nil
}

// set puts a line at a level.
func (s *sweep) set(i int, level Level) error {
	value, err := s.value(s.lines[i], level)
	if err != nil {
		return err
	}
	s.sum.Add(&s.sum, big.NewInt(value))
	s.sum.Sub(&s.sum, big.NewInt(s.counted[i]))
	s.counted[i] = value
	if s.total = math.MaxInt64; s.sum.IsInt64() {
		s.total = s.sum.Int64()
	}
	return nil
}

func (s *sweep) value(l Commission, level Level) (int64, error) {
	switch {
	case s.metric == Revenue:
		return l.revenue(level, s.program)
	case l.counts(level):
		return 1, nil
	}
	return 0, nil
}
