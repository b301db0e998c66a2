package commission

import (
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Source says where terms come from.
type Source string

// The sources of terms (semantics 2.6).
const (
	FromAmendment Source = "amendment" // agreed with this partner alone: an override
	FromApproval  Source = "approval"  // the program's when the partner was approved
	FromBackfill  Source = "backfill"  // the program's when it was granted to all existing partners
	FromAdoption  Source = "adoption"  // the program's when the owner gave them to the partnership
	FromProgram   Source = "program"   // the program's as they are now
)

// Snapshot is terms as they were in force at some time. Later edits of a program
// do not reach it, so a commission that carries a snapshot's source and time can
// be explained for ever (semantics 2.6).
type Snapshot struct {
	Terms
	Source Source    // where the terms come from
	Since  time.Time // when they came into force
}

// Offer is what a partner is paid by on one program for one conversion.
type Offer struct {
	Partner  string         // id of the partner; empty: every partner of the program
	Program  string         // id of the program
	Currency money.Currency // of fixed rules that name none
	Location *time.Location // whose calendar counts months; nil: UTC
	Ended    bool           // the program is over: nothing repeats (semantics 2.3)
	Snapshot                // the terms in force at the time of the conversion
}

// pays reports whether the offer is for a partner on a program.
func (o *Offer) pays(partner, program string) bool {
	return o.Program == program && (o.Partner == "" || o.Partner == partner)
}

// currencyOf returns the currency of what a rule pays for a conversion in
// another one: a percentage is paid in the conversion's, a fixed amount in its own.
func (o *Offer) currencyOf(rule Rule, paid money.Currency) money.Currency {
	switch {
	case rule.Type != Fixed:
		return paid
	case rule.Currency != "":
		return rule.Currency
	}
	return o.Currency
}
