package affiliate

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// EventType is what an event of the outbox tells of.
type EventType string

// The types of events, with what Event.Payload returns for each. An event names no
// customer, visitor or click, for what was published cannot be taken back. A payload
// only ever gets more fields; what means something else gets another type.
const (
	EventConversionDecided EventType = "conversion.decided"  // ConversionDecided, also each time it is decided otherwise
	EventPayoutIssued      EventType = "payout.issued"       // PayoutChanged
	EventPayoutProcessing  EventType = "payout.processing"   // PayoutChanged
	EventPayoutPaid        EventType = "payout.paid"         // PayoutChanged
	EventPayoutFailed      EventType = "payout.failed"       // PayoutChanged
	EventPayoutCanceled    EventType = "payout.canceled"     // PayoutChanged
	EventAdjustmentPosted  EventType = "adjustment.posted"   // Adjustment
	EventCustomerErased    EventType = "customer.erased"     // ErasureResult
	EventProgramEndingSoon EventType = "program.ending_soon" // ProgramEndingSoon, one for the owner and one for each partner

	// EventSetup starts the type of a configuration change, such as
	// "setup.create_partner": ConfigurationChanged.
	EventSetup EventType = "setup."
)

// Event is something that happened, as the outbox tells of it.
type Event struct {
	ID   string          `json:"id"` // the same however often it is delivered
	Type EventType       `json:"type"`
	At   time.Time       `json:"at"`   // when it was recorded
	Data json.RawMessage `json:"data"` // see Payload
}

// Payload returns what the event says, as its type has it. It is nil for a type that
// this version does not know.
func (e Event) Payload() (any, error) {
	switch {
	case e.Type == EventConversionDecided:
		return payload[ConversionDecided](e)
	case strings.HasPrefix(string(e.Type), "payout."):
		return payload[PayoutChanged](e)
	case e.Type == EventAdjustmentPosted:
		return payload[Adjustment](e)
	case e.Type == EventCustomerErased:
		return payload[ErasureResult](e)
	case e.Type == EventProgramEndingSoon:
		return payload[ProgramEndingSoon](e)
	case strings.HasPrefix(string(e.Type), string(EventSetup)):
		return payload[ConfigurationChanged](e)
	}
	return nil, nil
}

func payload[T any](e Event) (any, error) {
	var p T
	if err := json.Unmarshal(e.Data, &p); err != nil {
		return nil, fmt.Errorf("affiliate: event %q: %w", e.ID, err)
	}
	return p, nil
}

// PayoutChanged is what the events of a payout say.
type PayoutChanged struct {
	ID       string         `json:"id"`
	Partner  string         `json:"partner"`
	Currency money.Currency `json:"currency"`
	Amount   int64          `json:"amount"` // minor units
	Status   payout.Status  `json:"status"`
	Cutoff   time.Time      `json:"cutoff"`
}

func payoutEvent(p Payout) PayoutChanged {
	return PayoutChanged{p.ID, p.Partner, p.Currency, p.Amount, p.Status, p.Cutoff}
}

// ProgramEndingSoon is what EventProgramEndingSoon says; without a partner it is for
// the owner.
type ProgramEndingSoon struct {
	Program string    `json:"program"`
	Partner string    `json:"partner,omitempty"`
	EndsAt  time.Time `json:"endsAt"`
}

// ConfigurationChanged is what the events of configuration changes say: whom or what
// a change is about.
type ConfigurationChanged struct {
	Program string `json:"program,omitempty"`
	Partner string `json:"partner,omitempty"`
	Key     string `json:"key,omitempty"` // of a code or link
}

// ConversionDecided is what EventConversionDecided says: who is credited with a
// conversion, and what accrued. A later event of the same conversion replaces it.
type ConversionDecided struct {
	Conversion  string              `json:"conversion"`
	Attributed  bool                `json:"attributed"`
	Reason      attribution.Reason  `json:"reason,omitempty"`
	Credits     []DecidedCredit     `json:"credits,omitempty"`
	Commissions []DecidedCommission `json:"commissions,omitempty"`
}

// DecidedCredit is the share of one partner.
type DecidedCredit struct {
	Partner string             `json:"partner"`
	Program string             `json:"program"`
	Share   money.Share        `json:"share"`
	Method  attribution.Method `json:"method"`
	Void    attribution.Reason `json:"void,omitempty"`
	Suspect string             `json:"suspect,omitempty"`
}

// DecidedCommission is what one rule pays for a credit.
type DecidedCommission struct {
	ID       string         `json:"id"`
	Partner  string         `json:"partner"`
	Program  string         `json:"program"`
	Rule     string         `json:"rule"`
	Amount   int64          `json:"amount"` // minor units, before tiers
	Currency money.Currency `json:"currency"`
}

func decidedEvent(sale attribution.Conversion, out decision.Outcome) ConversionDecided {
	d := ConversionDecided{Conversion: sale.ID, Attributed: out.Attributed(), Reason: out.Reason}
	for _, c := range out.Credits {
		d.Credits = append(d.Credits, DecidedCredit{c.Partner, c.Program, c.Share, c.Method, c.Void, c.Suspect})
	}
	for _, l := range out.Lines {
		net, err := l.Net(0)
		if err != nil {
			continue // Targets reports it where it counts
		}
		d.Commissions = append(d.Commissions, DecidedCommission{l.Key(), l.Partner, l.Program, l.Rule, net, l.Currency})
	}
	return d
}
