package affiliatetest

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// Scenario is one simulation, in the form of docs/scenarios.md.
type Scenario struct {
	Name         string        `json:"name,omitempty"`
	Organization *Organization `json:"organization,omitempty"`
	Programs     []Program     `json:"programs"`
	Partners     []Partner     `json:"partners,omitempty"`
	Steps        []Step        `json:"steps"`
	Expect       *Expect       `json:"expect,omitempty"`
}

// Organization names the tenant and its default program.
type Organization struct {
	ID             string `json:"id,omitempty"`
	DefaultProgram string `json:"defaultProgram,omitempty"`
}

// Program is a program as it is set up before all steps, or the parts of it that
// an edit names. In an edit what is left out stays; in JSON an explicit null
// removes.
type Program struct {
	ID                    string                  `json:"id"`
	Name                  string                  `json:"name,omitempty"`
	Currency              string                  `json:"currency,omitempty"`
	TimeZone              string                  `json:"timeZone,omitempty"`
	DestinationURL        string                  `json:"destinationUrl,omitempty"`
	DeepLinkDomains       []string                `json:"deepLinkDomains,omitempty"`
	AttributionModel      attribution.Model       `json:"attributionModel,omitempty"`
	AttributionWindowDays *int                    `json:"attributionWindowDays,omitempty"`
	Methods               []attribution.Method    `json:"methods,omitempty"`
	Binding               attribution.BindingMode `json:"binding,omitempty"`
	StartsAt              *time.Time              `json:"startsAt,omitempty"`
	EndsAt                *time.Time              `json:"endsAt,omitempty"`
	HoldbackDays          *int                    `json:"holdbackDays,omitempty"`
	PartnerCodes          *bool                   `json:"partnerCodes,omitempty"`
	Rules                 Rules                   `json:"rules,omitempty"`
	Remove                []string                `json:"-"` // of an edit: the fields that are null
}

// Rules are rules as production takes them. In a file months may be left out, but
// 0 is not the same: it becomes -1, which is refused.
type Rules []commission.Rule

// UnmarshalJSON reads a list of rules and refuses unknown fields.
func (r *Rules) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*r = nil // the edit that holds them notes what null removes
		return nil
	}
	var wire []struct {
		commission.Rule
		Months *int `json:"months"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&wire); err != nil {
		return err
	}
	*r = make(Rules, len(wire))
	for i, w := range wire {
		w.Currency = money.Currency(strings.ToLower(string(w.Currency)))
		if w.Months != nil {
			w.Rule.Months = *w.Months
			if *w.Months == 0 {
				w.Rule.Months = -1
			}
		}
		(*r)[i] = w.Rule
	}
	return nil
}

// Partner is a partner as it is set up before all steps.
type Partner struct {
	ID       string                  `json:"id"`
	Name     string                  `json:"name,omitempty"`
	Email    string                  `json:"email,omitempty"`
	Programs *[]string               `json:"programs,omitempty"` // absent: every program
	Codes    []PartnerCode           `json:"codes,omitempty"`
	Match    []attribution.Condition `json:"match,omitempty"`
	Payout   *payout.Schedule        `json:"payout,omitempty"`
}

// PartnerEdit is the parts of a partner that an edit names; what is left out
// stays, inside payout too. In JSON an explicit null removes.
type PartnerEdit struct {
	ID     string                   `json:"id"`
	Name   string                   `json:"name,omitempty"`
	Email  string                   `json:"email,omitempty"`
	Match  *[]attribution.Condition `json:"match,omitempty"` // an empty list removes
	Payout *payout.ScheduleChange   `json:"payout,omitempty"`
	Remove []string                 `json:"-"` // the fields that are null
}

// PartnerCode is a code that exists before all steps.
type PartnerCode struct {
	Code    string `json:"code"`
	Program string `json:"program,omitempty"`
}

// Step is one dated thing that happens; exactly one of the pointers is set.
type Step struct {
	At    time.Time `json:"at"`
	Error string    `json:"error,omitempty"` // code that the step must fail with

	Click         *Click        `json:"click,omitempty"`
	Identify      *Identify     `json:"identify,omitempty"`
	Conversion    *Conversion   `json:"conversion,omitempty"`
	Refund        *Refund       `json:"refund,omitempty"`
	RefundFailed  *RefundID     `json:"refundFailed,omitempty"`
	Dispute       *Dispute      `json:"dispute,omitempty"`
	Amend         *Amendment    `json:"amend,omitempty"`
	Hold          *Review       `json:"hold,omitempty"`
	Release       *Review       `json:"release,omitempty"`
	Reject        *Review       `json:"reject,omitempty"`
	Approve       *Approval     `json:"approve,omitempty"`
	Revoke        *Approval     `json:"revoke,omitempty"`
	Adopt         *Adoption     `json:"adopt,omitempty"`
	Suspend       *Suspension   `json:"suspend,omitempty"`
	Reinstate     *Suspension   `json:"reinstate,omitempty"`
	EditPartner   *PartnerEdit  `json:"editPartner,omitempty"`
	EditProgram   *Program      `json:"editProgram,omitempty"`
	Override      *Override     `json:"override,omitempty"`
	ClearOverride *Approval     `json:"clearOverride,omitempty"`
	AddCode       *AddCode      `json:"addCode,omitempty"`
	RetireCode    *RetireCode   `json:"retireCode,omitempty"`
	Adjustment    *Adjustment   `json:"adjustment,omitempty"`
	Erase         *Erasure      `json:"erase,omitempty"`
	PayoutRun     *struct{}     `json:"payoutRun,omitempty"`
	PayoutStatus  *PayoutStatus `json:"payoutStatus,omitempty"`
	Expect        *Expect       `json:"expect,omitempty"`
}

// Click is a click; one that names a customer is an identify by its id too.
type Click struct {
	ID         string            `json:"id,omitempty"`
	Partner    string            `json:"partner,omitempty"`
	Program    string            `json:"program,omitempty"`
	Visitor    string            `json:"visitor,omitempty"`
	Customer   string            `json:"customer,omitempty"`
	CampaignID string            `json:"campaignId,omitempty"`
	Sub        map[string]string `json:"sub,omitempty"`
	Flag       string            `json:"flag,omitempty"`
}

// Identify is an identify.
type Identify struct {
	Customer string `json:"customer"`
	Visitor  string `json:"visitor,omitempty"`
	Click    string `json:"click,omitempty"`
	Email    string `json:"email,omitempty"`
	Alias    string `json:"alias,omitempty"`
}

// Conversion is a conversion; without an amount it has none.
type Conversion struct {
	ID         string            `json:"id"`
	Type       string            `json:"type,omitempty"`
	Customer   string            `json:"customer,omitempty"`
	Amount     *int64            `json:"amount,omitempty"`
	Currency   string            `json:"currency,omitempty"`
	Program    string            `json:"program,omitempty"`
	PromoCode  string            `json:"promoCode,omitempty"`
	Click      string            `json:"click,omitempty"`
	Partner    string            `json:"partner,omitempty"`
	CampaignID string            `json:"campaignId,omitempty"`
	Sub        map[string]string `json:"sub,omitempty"`
}

// Refund is a refund; without an amount it is of all that is left.
type Refund struct {
	ID         string `json:"id"`
	Conversion string `json:"conversion"`
	Amount     *int64 `json:"amount,omitempty"`
}

// RefundID names a refund, delivered before or after.
type RefundID struct {
	ID string `json:"id"`
}

// Amendment gives a conversion another amount, in minor units.
type Amendment struct {
	Conversion string `json:"conversion"`
	Amount     *int64 `json:"amount"`
}

// Review is the owner's word on one commission; a release has no reason.
type Review struct {
	Conversion string `json:"conversion"`
	Partner    string `json:"partner"`
	Program    string `json:"program"`
	Rule       string `json:"rule"`
	Reason     string `json:"reason,omitempty"`
}

// Dispute is a dispute in one of its states; without an amount of the whole.
type Dispute struct {
	ID         string                   `json:"id"`
	Conversion string                   `json:"conversion"`
	Amount     *int64                   `json:"amount,omitempty"`
	Status     commission.DisputeStatus `json:"status"`
}

// Approval names a partnership.
type Approval struct {
	Partner string `json:"partner"`
	Program string `json:"program"`
}

// Suspension names a partner, as a whole or on one program.
type Suspension struct {
	Partner string `json:"partner"`
	Program string `json:"program,omitempty"`
}

// Adoption gives the program's terms to a partner, or to all that are approved.
type Adoption struct {
	Program string `json:"program"`
	Partner string `json:"partner,omitempty"`
}

// Erasure forgets a customer.
type Erasure struct {
	Customer string `json:"customer"`
}

// Adjustment posts an amount, in minor units, to a partner.
type Adjustment struct {
	ID       string `json:"id"`
	Partner  string `json:"partner"`
	Currency string `json:"currency,omitempty"` // default: usd
	Amount   int64  `json:"amount"`
	Reason   string `json:"reason"`
}

// Override is an override of a partnership's terms.
type Override struct {
	Partner      string `json:"partner"`
	Program      string `json:"program"`
	Rules        Rules  `json:"rules,omitempty"`
	HoldbackDays *int   `json:"holdbackDays,omitempty"`

	Remove []string `json:"-"` // the fields that are null, which none may be
}

// AddCode adds a code, by the owner unless it says "partner".
type AddCode struct {
	Code    string `json:"code"`
	Partner string `json:"partner"`
	Program string `json:"program,omitempty"`
	By      string `json:"by,omitempty"`
}

// RetireCode retires a code.
type RetireCode struct {
	Code string `json:"code"`
}

// PayoutStatus moves a partner's latest payout in a currency.
type PayoutStatus struct {
	Partner  string        `json:"partner"`
	Currency string        `json:"currency"`
	Status   payout.Status `json:"status"`
}

// Expect is what must come out; a nil list is not checked.
type Expect struct {
	At           *time.Time            `json:"at,omitempty"`
	Commissions  *[]ExpectedCommission `json:"commissions,omitempty"`
	Unattributed *[]string             `json:"unattributed,omitempty"`
	Balances     *[]ExpectedBalance    `json:"balances,omitempty"`
	Payouts      *[]ExpectedPayout     `json:"payouts,omitempty"`
}

// ExpectedCommission is a commission at what it stands, in minor units.
type ExpectedCommission struct {
	Conversion string `json:"conversion"`
	Partner    string `json:"partner"`
	Program    string `json:"program"`
	Rule       string `json:"rule"`
	Amount     int64  `json:"amount"`
}

// ExpectedBalance is a balance row, in minor units.
type ExpectedBalance struct {
	Partner  string `json:"partner"`
	Currency string `json:"currency"`
	Pending  int64  `json:"pending"`
	Payable  int64  `json:"payable"`
	InPayout int64  `json:"inPayout"`
	Paid     int64  `json:"paid"`
}

// ExpectedPayout is an issued payout at its frozen amount.
type ExpectedPayout struct {
	Partner  string        `json:"partner"`
	Currency string        `json:"currency"`
	Amount   int64         `json:"amount"`
	Status   payout.Status `json:"status"`
}
