package commission

// What the tests look at from within.
var (
	Accrue   = accrue
	Classes  = classes
	LadderOf = ladderOf
)

// Review applies a ladder and the owner's reviews to a commission.
func (l *Commission) Review(ladder []Level, facts []Fact) { l.review(ladder, facts) }

// Class is the class of conversions that the rule matches.
func (r Rule) Class() string { return r.class() }
