package affiliatehttp

import (
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// conversionAnswer is the answer to a conversion.
type conversionAnswer struct {
	ConversionID string             `json:"conversionId"`
	Duplicate    bool               `json:"duplicate,omitempty"`
	Attributed   bool               `json:"attributed"`
	Reason       attribution.Reason `json:"reason"`
	Credits      []creditAnswer     `json:"credits"`
	Commissions  []commissionAnswer `json:"commissions"`

	KnownEventTypes []string `json:"knownEventTypes,omitempty"` // that rules ask for, if none knows this one's
}

type creditAnswer struct {
	PartnerID string             `json:"partnerId"`
	ProgramID string             `json:"programId"`
	Share     money.Share        `json:"share"`
	Method    attribution.Method `json:"method"`
	Void      attribution.Reason `json:"void,omitempty"` // why the share is paid to nobody
}

type commissionAnswer struct {
	ID        string            `json:"id"`
	PartnerID string            `json:"partnerId"`
	RuleID    string            `json:"ruleId"`
	Amount    int64             `json:"amount"` // minor units
	Currency  money.Currency    `json:"currency"`
	Status    commission.Status `json:"status"`
	PayableAt time.Time         `json:"payableAt"`
	Reason    string            `json:"reason,omitempty"` // why it is under review: suspectClick
}

// suspectClick is why a commission is under review that nobody held.
const suspectClick = "suspect_click"

type identifyAnswer struct {
	CustomerID string `json:"customerId"`
	Duplicate  bool   `json:"duplicate,omitempty"`
}

type refundAnswer struct {
	RefundID     string `json:"refundId"`
	ConversionID string `json:"conversionId"`
	Duplicate    bool   `json:"duplicate,omitempty"`
	Waiting      bool   `json:"waiting,omitempty"` // for its conversion
}

func conversionAnswerOf(r affiliate.ConversionResult) conversionAnswer {
	return conversionAnswer{
		ConversionID: r.ConversionID, Duplicate: r.Duplicate, Attributed: r.Attributed, Reason: r.Reason,
		Credits: each(r.Credits, creditAnswerOf), Commissions: each(r.Commissions, commissionAnswerOf),
		KnownEventTypes: r.KnownTypes,
	}
}

func creditAnswerOf(c attribution.Credit) creditAnswer {
	return creditAnswer{PartnerID: c.Partner, ProgramID: c.Program, Share: c.Share, Method: c.Method, Void: c.Void}
}

func commissionAnswerOf(c affiliate.Commission) commissionAnswer {
	answer := commissionAnswer{
		ID: c.ID, PartnerID: c.Partner, RuleID: c.Rule, Amount: c.Amount, Currency: c.Currency, Status: c.Status, PayableAt: c.PayableAt,
	}
	if c.Suspect != "" {
		answer.Reason = suspectClick
	}
	return answer
}

// each maps a list to one that is written as [] when it is empty.
func each[A, B any](list []A, to func(A) B) []B {
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = to(v)
	}
	return out
}
