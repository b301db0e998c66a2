package affiliatehttp

import (
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/money"
)

// explainedAnswer is a conversion with the decision on it and why.
type explainedAnswer struct {
	conversionAnswer

	ExternalCustomerID string            `json:"externalCustomerId,omitempty"`
	EventType          string            `json:"eventType"`
	AmountCents        int64             `json:"amountCents"`
	Currency           money.Currency    `json:"currency"`
	ConvertedAt        time.Time         `json:"convertedAt"`
	ProgramID          string            `json:"programId,omitempty"`
	PromoCode          string            `json:"promoCode,omitempty"`
	ReferralCode       string            `json:"referralCode,omitempty"`
	ClickID            string            `json:"clickId,omitempty"`
	PartnerID          string            `json:"partnerId,omitempty"`
	CampaignID         string            `json:"campaignId,omitempty"`
	Sub                map[string]string `json:"sub,omitempty"`
	Metadata           map[string]string `json:"metadata,omitempty"`

	Explanation explanationAnswer `json:"explanation"`
}

type explanationAnswer struct {
	CustomerIDs  []string           `json:"customerIds"`      // all ids of the customer
	Erased       bool               `json:"erased,omitempty"` // the customer was: how it was decided is not known any more
	Method       attribution.Method `json:"method,omitempty"`
	Model        attribution.Model  `json:"model,omitempty"`
	Touches      []touchAnswer      `json:"touches"`
	Binding      *bindingAnswer     `json:"binding,omitempty"`
	Failed       []decision.Failure `json:"failed"` // methods that yielded no credit
	PassedOver   []passedAnswer     `json:"passedOver"`
	Rules        []ruleAnswer       `json:"rules"`
	Arithmetic   []arithmeticAnswer `json:"arithmetic"` // of each commission
	Reviews      []reviewAnswer     `json:"reviews"`    // by the owner, of each commission in time order
	RulesVersion int                `json:"rulesVersion"`
	Current      bool               `json:"current"` // today's rules would decide the same
}

type touchAnswer struct {
	ClickID   string             `json:"clickId"`
	At        time.Time          `json:"at"`
	PartnerID string             `json:"partnerId"`
	ProgramID string             `json:"programId"`
	LeftOut   attribution.Reason `json:"leftOut,omitempty"`
	Suspect   string             `json:"suspect,omitempty"` // what is; what the click earns starts under review
}

type bindingAnswer struct {
	Credits      []creditAnswer `json:"credits"`
	SetAt        time.Time      `json:"setAt"`
	SetBy        string         `json:"setBy"` // conversion
	Borrowed     bool           `json:"borrowed,omitempty"`
	BorrowedFrom string         `json:"borrowedFrom,omitempty"` // program; none: the scope of all programs
}

type passedAnswer struct {
	PartnerID string             `json:"partnerId"`
	Reason    attribution.Reason `json:"reason"`
}

type ruleAnswer struct {
	PartnerID string `json:"partnerId"`
	ProgramID string `json:"programId"`
	RuleID    string `json:"ruleId"`
	Fired     bool   `json:"fired"`
	Why       string `json:"why,omitempty"`
}

// arithmeticAnswer is how the amount of one commission came about.
type arithmeticAnswer struct {
	CommissionID string              `json:"commissionId"`
	Type         commission.Type     `json:"type"`
	Value        string              `json:"value"` // the rule's own
	Share        money.Share         `json:"share"`
	Exact        string              `json:"exact"`   // before rounding, minor units
	Accrued      int64               `json:"accrued"` // minor units
	TermsSource  commission.Source   `json:"termsSource"`
	TermsFrom    time.Time           `json:"termsFrom"`
	Tier         *tierAnswer         `json:"tier,omitempty"`
	Refunds      []commission.Level  `json:"refunds,omitempty"`
	Posted       []commission.Posted `json:"posted"` // what the ledger holds
}

// reviewAnswer is what the owner did with one commission.
type reviewAnswer struct {
	CommissionID string              `json:"commissionId"`
	Kind         commission.FactKind `json:"kind"`
	Reason       string              `json:"reason,omitempty"`
	By           string              `json:"by,omitempty"`
	At           time.Time           `json:"at"`
}

func reviewAnswersOf(list []affiliate.ExplainedCommission) []reviewAnswer {
	answers := []reviewAnswer{}
	for _, e := range list {
		for _, f := range e.Reviews {
			answers = append(answers, reviewAnswer{e.ID, f.Kind, f.Reason, f.By, f.At})
		}
	}
	return answers
}

type tierAnswer struct {
	Value      string `json:"value"`
	Reached    int64  `json:"reached"`
	Adjustment int64  `json:"adjustment"`
}

func explainedAnswerOf(x affiliate.Explanation) explainedAnswer {
	c := x.Conversion
	answer := explainedAnswer{
		conversionAnswer: conversionAnswer{
			ConversionID: c.ID, Attributed: x.Attributed, Reason: x.Reason, Credits: each(x.Credits, creditAnswerOf),
			Commissions: each(x.Commissions, func(e affiliate.ExplainedCommission) commissionAnswer {
				return commissionAnswerOf(e.Commission)
			}),
			KnownEventTypes: x.KnownTypes,
		},
		ExternalCustomerID: c.Customer, EventType: c.Type, AmountCents: c.Amount, Currency: c.Currency, ConvertedAt: c.At,
		ProgramID: c.Program, PromoCode: c.PromoCode, ReferralCode: c.Referral, ClickID: c.Click, PartnerID: c.Partner,
		CampaignID: c.CampaignID, Sub: c.Sub, Metadata: c.Metadata,
		Explanation: explanationAnswer{
			CustomerIDs: each(x.Customer, func(id string) string { return id }), Method: x.How.Method, Model: x.How.Model,
			Touches: each(x.How.Touches, touchAnswerOf), Failed: each(x.How.Failed, func(f decision.Failure) decision.Failure { return f }),
			PassedOver:   each(x.How.PassedOver, func(p attribution.Passed) passedAnswer { return passedAnswer{p.Partner, p.Reason} }),
			Rules:        each(x.How.Rules, ruleAnswerOf),
			Arithmetic:   each(x.Commissions, arithmeticAnswerOf),
			Reviews:      reviewAnswersOf(x.Commissions),
			RulesVersion: x.RulesVersion, Current: x.Current, Erased: x.Erased,
		},
	}
	if b := x.How.Binding; b != nil {
		answer.Explanation.Binding = &bindingAnswer{
			Credits: each(b.Credits, creditAnswerOf), SetAt: b.SetAt, SetBy: b.SetBy,
			Borrowed: x.How.Borrowed, BorrowedFrom: x.How.BorrowedFrom,
		}
	}
	return answer
}

func touchAnswerOf(t decision.Touch) touchAnswer {
	return touchAnswer{ClickID: t.Click, At: t.At, PartnerID: t.Partner, ProgramID: t.Program, LeftOut: t.LeftOut, Suspect: t.Suspect}
}

func ruleAnswerOf(n commission.RuleNote) ruleAnswer {
	return ruleAnswer{PartnerID: n.Partner, ProgramID: n.Program, RuleID: n.Rule, Fired: n.Fired, Why: n.Why}
}

func arithmeticAnswerOf(e affiliate.ExplainedCommission) arithmeticAnswer {
	answer := arithmeticAnswer{
		CommissionID: e.ID, Type: e.Line.Type, Value: e.Line.Value, Share: e.Line.Share, Exact: e.Line.Exact,
		Accrued: e.Line.Accrued, TermsSource: e.Line.Source, TermsFrom: e.Line.TermsFrom, Refunds: e.Line.Ladder, Posted: e.Posted,
	}
	if e.Line.Tiers != nil {
		answer.Tier = &tierAnswer{Value: e.Tier.Value, Reached: e.Tier.Reached, Adjustment: e.Tier.Adjustment}
	}
	return answer
}
