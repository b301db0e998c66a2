package affiliate

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
)

// decided is the event of a decision: who is credited, and what accrued. Like all
// events it names no customer, click or visitor, for it cannot be taken back.
type decided struct {
	Conversion  string              `json:"conversion"`
	Attributed  bool                `json:"attributed"`
	Reason      attribution.Reason  `json:"reason,omitempty"`
	Credits     []decidedCredit     `json:"credits,omitempty"`
	Commissions []decidedCommission `json:"commissions,omitempty"`
}

type decidedCredit struct {
	Partner string             `json:"partner"`
	Program string             `json:"program"`
	Share   money.Share        `json:"share"`
	Method  attribution.Method `json:"method"`
	Void    attribution.Reason `json:"void,omitempty"`
	Suspect string             `json:"suspect,omitempty"`
}

type decidedCommission struct {
	ID       string         `json:"id"`
	Partner  string         `json:"partner"`
	Program  string         `json:"program"`
	Rule     string         `json:"rule"`
	Amount   int64          `json:"amount"` // minor units, before tiers
	Currency money.Currency `json:"currency"`
}

func decidedEvent(sale attribution.Conversion, out decision.Outcome) decided {
	d := decided{Conversion: sale.ID, Attributed: out.Attributed(), Reason: out.Reason}
	for _, c := range out.Credits {
		d.Credits = append(d.Credits, decidedCredit{c.Partner, c.Program, c.Share, c.Method, c.Void, c.Suspect})
	}
	for _, l := range out.Lines {
		net, err := l.Net(0)
		if err != nil {
			continue // Targets reports it where it counts
		}
		d.Commissions = append(d.Commissions, decidedCommission{l.Key(), l.Partner, l.Program, l.Rule, net, l.Currency})
	}
	return d
}
