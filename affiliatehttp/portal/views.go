package portal

import (
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// The types below are all that a partner ever gets to see. They say in JSON and
// on pages the same. References (ids of programs, conversions and commissions)
// are opaque; amounts are in minor units.

// moneyView is an amount.
type moneyView struct {
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
}

// balanceView is what the partner has in one currency.
type balanceView struct {
	Currency money.Currency `json:"currency"`
	Pending  int64          `json:"pending"`
	Payable  int64          `json:"payable"`
	InPayout int64          `json:"inPayout"`
	Paid     int64          `json:"paid"`
	Due      *dueView       `json:"duePayout,omitempty"` // being prepared; nil: nothing
	Next     int64          `json:"nextPayout"`          // what the next cut-off brings apart from that, as far as is known
	Minimum  int64          `json:"minimum"`             // that is paid out
}

// dueView is what is due at the last cut-off and not issued yet.
type dueView struct {
	Amount int64     `json:"amount"`
	Cutoff time.Time `json:"cutoff"`
}

// Pays reports whether the next cut-off pays something out.
func (b balanceView) Pays() bool { return payout.Issuable(b.Next, b.Minimum) }

// programView is a program that the partner is on.
type programView struct {
	ID            string         `json:"id"`
	Title         string         `json:"title"`
	State         string         `json:"state"`
	Currency      money.Currency `json:"currency"`
	Landing       string         `json:"landing,omitempty"`
	DeepLinkHosts []string       `json:"deepLinkHosts"`
	JoinedAt      time.Time      `json:"joinedAt"`
	EndsAt        *time.Time     `json:"endsAt,omitempty"`
	Terms         []string       `json:"terms"` // in words
	Conditions    []string       `json:"conditions"`
	Reward        string         `json:"customerReward,omitempty"`
	OwnCodes      bool           `json:"ownCodes"`
	CodesLeft     int            `json:"codesLeft"`
}

// Since is when the partner joined, if that is known.
func (p programView) Since() bool { return p.JoinedAt.Year() > 1 }

// linkView is a referral link.
type linkView struct {
	Key         string    `json:"key"`
	URL         string    `json:"url"`
	Program     string    `json:"program"`
	Title       string    `json:"programTitle"`
	Destination string    `json:"destination,omitempty"`
	CreatedAt   time.Time `json:"createdAt"`
	Clicks      int64     `json:"clicks"`
}

// codeView is a promo code.
type codeView struct {
	Code      string     `json:"code"`
	Program   string     `json:"program"`
	Title     string     `json:"programTitle"`
	State     string     `json:"state"` // active or retired
	Since     time.Time  `json:"since"`
	RetiredAt *time.Time `json:"retiredAt,omitempty"`
	Reward    string     `json:"customerReward,omitempty"`
	NoReward  bool       `json:"rewardNotApplied,omitempty"` // customers do not get it at checkout, or not yet
	CanRetire bool       `json:"canRetire"`
}

// clickView is how often a link was followed on a day.
type clickView struct {
	Day     string `json:"day"` // UTC
	Link    string `json:"link,omitempty"`
	Program string `json:"program"`
	Title   string `json:"programTitle"`
	Clicks  int64  `json:"clicks"`
}

// commissionView is what one rule pays for one conversion.
type commissionView struct {
	ID         string         `json:"id"`
	Conversion string         `json:"conversion"`
	Program    string         `json:"program"`
	Title      string         `json:"programTitle"`
	For        string         `json:"for"`
	Amount     int64          `json:"amount"`
	Currency   money.Currency `json:"currency"`
	State      string         `json:"state"`
	At         time.Time      `json:"at"`
	PayableAt  *time.Time     `json:"payableAt,omitempty"`
	Reason     string         `json:"reason,omitempty"` // suspect_click: why it is under review
}

// conversionView is a conversion with what it earns the partner.
type conversionView struct {
	ID          string           `json:"id"`
	At          time.Time        `json:"at"`
	Program     string           `json:"program"`
	Title       string           `json:"programTitle"`
	Earned      []moneyView      `json:"earned"`
	Commissions []commissionView `json:"commissions"`
}

// explainedView is a conversion with why it earns what it earns.
type explainedView struct {
	conversionView
	Event string        `json:"event"`
	Sale  *moneyView    `json:"sale,omitempty"` // where the program shows it
	Share string        `json:"share"`
	Why   []string      `json:"why"`
	Parts []earningView `json:"arithmetic"`
}

// earningView is one commission with its arithmetic in words.
type earningView struct {
	Commission commissionView `json:"commission"`
	Steps      []string       `json:"steps"`
	State      string         `json:"note"` // what the state means
}

// tierView is how far the partner is on the way to a better rate.
type tierView struct {
	Program string     `json:"program"`
	Title   string     `json:"programTitle"`
	For     string     `json:"for"`
	Period  string     `json:"period"`
	Until   *time.Time `json:"until,omitempty"`
	Value   string     `json:"value"` // in force
	Reached *int64     `json:"reached,omitempty"`
	Goal    *int64     `json:"goal,omitempty"`
	Words   string     `json:"words"`
	Steps   []stepView `json:"steps"`
}

// stepView is one threshold.
type stepView struct {
	From    string `json:"from"`
	Value   string `json:"value"`
	Reached bool   `json:"reached"`
}

// payoutView is a payout.
type payoutView struct {
	ID       string         `json:"id"`
	Amount   int64          `json:"amount"`
	Currency money.Currency `json:"currency"`
	State    string         `json:"state"`
	Cutoff   time.Time      `json:"cutoff"`
	IssuedAt time.Time      `json:"issuedAt"`
	Moves    []moveView     `json:"moves"`
}

// moveView is one step of a payout on its way.
type moveView struct {
	State string    `json:"state"`
	At    time.Time `json:"at"`
}

// statementView is the account of one payout: opening + posted − amount =
// closing.
type statementView struct {
	Payout   string         `json:"payout"`
	Currency money.Currency `json:"currency"`
	Cutoff   time.Time      `json:"cutoff"`
	IssuedAt time.Time      `json:"issuedAt"`
	Opening  int64          `json:"opening"`
	Posted   int64          `json:"posted"`
	Amount   int64          `json:"amount"`
	Closing  int64          `json:"closing"`
	Lines    []lineView     `json:"lines"`
}

// lineView is one line of a statement.
type lineView struct {
	At         time.Time `json:"at"`
	PayableAt  time.Time `json:"payableAt"`
	Kind       string    `json:"kind"`
	Title      string    `json:"programTitle,omitempty"`
	Conversion string    `json:"conversion,omitempty"`
	Reason     string    `json:"reason,omitempty"` // of an adjustment
	Amount     int64     `json:"amount"`
}

// pointView is a stretch of time with what happened in it, by days in UTC.
type pointView struct {
	From        string      `json:"from"`
	To          string      `json:"to"` // included
	Clicks      int64       `json:"clicks"`
	Conversions int64       `json:"conversions"`
	Earned      []moneyView `json:"earned"`
}

// profileView is what is known of the partner.
type profileView struct {
	Name     string      `json:"name"`
	Email    string      `json:"email,omitempty"`
	State    string      `json:"state"` // active or suspended
	Since    time.Time   `json:"since"`
	TimeZone string      `json:"timeZone"`
	Cadence  string      `json:"payoutCadence"` // in words
	Minimum  []moneyView `json:"payoutMinimum"`
	NextAt   time.Time   `json:"nextPayoutAt"`
}

// overviewView is the first page.
type overviewView struct {
	Name     string        `json:"name"`
	NextAt   time.Time     `json:"nextPayoutAt"`
	Balances []balanceView `json:"balances"`
	Tiers    []tierView    `json:"tiers"`
}
