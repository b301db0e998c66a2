package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Scenario is one scenario file.
type Scenario struct {
	Name         string        `json:"name"`
	Organization *Organization `json:"organization,omitempty"`
	Programs     []Program     `json:"programs"`
	Partners     []Partner     `json:"partners"`
	Steps        []Step        `json:"steps"`
	Expect       *Expect       `json:"expect,omitempty"`
}

// Organization names the default program; the first program by default.
type Organization struct {
	ID             string `json:"id,omitempty"`
	DefaultProgram string `json:"defaultProgram,omitempty"`
}

// Program is the configuration of one program, in force since for ever.
type Program struct {
	ID              string     `json:"id"`
	Name            string     `json:"name,omitempty"`
	Currency        string     `json:"currency,omitempty"`
	TimeZone        string     `json:"timeZone,omitempty"`
	DestinationURL  string     `json:"destinationUrl,omitempty"`
	DeepLinkDomains []string   `json:"deepLinkDomains,omitempty"`
	Model           string     `json:"attributionModel,omitempty"`
	WindowDays      *int       `json:"attributionWindowDays,omitempty"`
	Methods         []string   `json:"methods,omitempty"`
	Binding         string     `json:"binding,omitempty"`
	StartsAt        *time.Time `json:"startsAt,omitempty"`
	EndsAt          *time.Time `json:"endsAt,omitempty"`
	HoldbackDays    *int       `json:"holdbackDays,omitempty"`
	PartnerCodes    bool       `json:"partnerCodes,omitempty"`
	Rules           []Rule     `json:"rules"`
}

// Rule is one commission rule (semantics 4).
type Rule struct {
	ID        string `json:"id"`
	Trigger   string `json:"trigger"`
	EventType string `json:"eventType,omitempty"`
	Type      string `json:"type"`
	Value     string `json:"value"`
	Currency  string `json:"currency,omitempty"`
	Recurring bool   `json:"recurring,omitempty"`
	Months    *int   `json:"months,omitempty"`
	Tiers     *Tiers `json:"tiers,omitempty"`
}

// Tiers raise or lower a rule's value (semantics 5). Retroactive is true by default.
type Tiers struct {
	Metric      string      `json:"metric"`
	Period      string      `json:"period"`
	Retroactive *bool       `json:"retroactive,omitempty"`
	Thresholds  []Threshold `json:"thresholds"`
}

// Threshold is reached at a count or a revenue in minor units.
type Threshold struct {
	At    int64  `json:"at"`
	Value string `json:"value"`
}

// Partner is one partner in the owner's order. Programs nil means every program.
type Partner struct {
	ID       string      `json:"id"`
	Email    string      `json:"email,omitempty"`
	Programs *[]string   `json:"programs,omitempty"`
	Codes    []CodeSetup `json:"codes,omitempty"`
	Match    []Condition `json:"match,omitempty"`
	Payout   *PayoutPlan `json:"payout,omitempty"`
}

// CodeSetup is a code that exists before all steps.
type CodeSetup struct {
	Code    string `json:"code"`
	Program string `json:"program,omitempty"`
}

// Condition is one match condition (semantics 3.9).
type Condition struct {
	Field string `json:"field"`
	Op    string `json:"op"`
	Value string `json:"value"`
}

// PayoutPlan is a partner's cadence (semantics 7.4).
type PayoutPlan struct {
	Cadence  string           `json:"cadence,omitempty"`
	Day      int              `json:"day,omitempty"`
	Hour     int              `json:"hour,omitempty"`
	TimeZone string           `json:"timeZone,omitempty"`
	Weekday  string           `json:"weekday,omitempty"`
	Cron     string           `json:"cron,omitempty"`
	Minimum  map[string]int64 `json:"minimum,omitempty"`
}

// Step is one dated step; exactly one of its pointers is set.
type Step struct {
	At            time.Time     `json:"at"`
	Click         *Click        `json:"click,omitempty"`
	Identify      *Identify     `json:"identify,omitempty"`
	Conversion    *Conversion   `json:"conversion,omitempty"`
	Refund        *Refund       `json:"refund,omitempty"`
	RefundFailed  *RefundRef    `json:"refundFailed,omitempty"`
	Amend         *Amendment    `json:"amend,omitempty"`
	Hold          *Review       `json:"hold,omitempty"`
	Release       *Review       `json:"release,omitempty"`
	Reject        *Review       `json:"reject,omitempty"`
	Dispute       *Dispute      `json:"dispute,omitempty"`
	Approve       *Partnership  `json:"approve,omitempty"`
	Revoke        *Partnership  `json:"revoke,omitempty"`
	Adopt         *Adoption     `json:"adopt,omitempty"`
	Suspend       *Suspension   `json:"suspend,omitempty"`
	Reinstate     *Suspension   `json:"reinstate,omitempty"`
	Adjustment    *Adjustment   `json:"adjustment,omitempty"`
	Erase         *Erasure      `json:"erase,omitempty"`
	EditPartner   *EditPartner  `json:"editPartner,omitempty"`
	EditProgram   *EditProgram  `json:"editProgram,omitempty"`
	Override      *Override     `json:"override,omitempty"`
	ClearOverride *Partnership  `json:"clearOverride,omitempty"`
	AddCode       *AddCode      `json:"addCode,omitempty"`
	RetireCode    *RetireCode   `json:"retireCode,omitempty"`
	PayoutRun     *struct{}     `json:"payoutRun,omitempty"`
	PayoutStatus  *PayoutStatus `json:"payoutStatus,omitempty"`
	Expect        *Expect       `json:"expect,omitempty"`
	Error         string        `json:"error,omitempty"`
}

// Click is a touch, or a campaign click when it names no partner.
type Click struct {
	ID         string            `json:"id,omitempty"`
	Partner    string            `json:"partner,omitempty"`
	Program    string            `json:"program,omitempty"`
	Visitor    string            `json:"visitor,omitempty"`
	CampaignID string            `json:"campaignId,omitempty"`
	Sub        map[string]string `json:"sub,omitempty"`
	Flag       string            `json:"flag,omitempty"`
	Customer   string            `json:"customer,omitempty"`
}

// Identify ties a visitor, a click, an e-mail or an alias to a customer.
type Identify struct {
	Customer string `json:"customer"`
	Visitor  string `json:"visitor,omitempty"`
	Click    string `json:"click,omitempty"`
	Email    string `json:"email,omitempty"`
	Alias    string `json:"alias,omitempty"`
}

// Conversion is a sale, a signup or any other event. Amount nil means none.
type Conversion struct {
	ID         string            `json:"id"`
	Type       string            `json:"type"`
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

// Refund gives back an amount, or all that is left when Amount is nil.
type Refund struct {
	ID         string `json:"id"`
	Conversion string `json:"conversion"`
	Amount     *int64 `json:"amount,omitempty"`
}

// RefundRef names a refund.
type RefundRef struct {
	ID string `json:"id"`
}

// Amendment gives a conversion another amount.
type Amendment struct {
	Conversion string `json:"conversion"`
	Amount     int64  `json:"amount"`
}

// Review is a word of the owner on one commission.
type Review struct {
	Conversion string `json:"conversion"`
	Partner    string `json:"partner"`
	Program    string `json:"program"`
	Rule       string `json:"rule"`
	Reason     string `json:"reason,omitempty"`
}

// Dispute is one status of a dispute; Amount nil is the whole.
type Dispute struct {
	ID         string `json:"id"`
	Conversion string `json:"conversion"`
	Amount     *int64 `json:"amount,omitempty"`
	Status     string `json:"status"`
}

// Partnership names a partner on a program.
type Partnership struct {
	Partner string `json:"partner"`
	Program string `json:"program"`
}

// Suspension names a partner, as a whole or on one program.
type Suspension struct {
	Partner string `json:"partner"`
	Program string `json:"program,omitempty"`
}

// Adoption gives a program's terms to one partner or to all that are approved.
type Adoption struct {
	Program string `json:"program"`
	Partner string `json:"partner,omitempty"`
}

// Erasure forgets a customer.
type Erasure struct {
	Customer string `json:"customer"`
}

// Adjustment is an amount posted by hand.
type Adjustment struct {
	ID       string `json:"id"`
	Partner  string `json:"partner"`
	Currency string `json:"currency,omitempty"`
	Amount   int64  `json:"amount"`
	Reason   string `json:"reason,omitempty"`
}

// EditPartner changes what it carries and keeps the rest, of the payout plan, too. A null removes; Payout stays as it was
// written, for the names in it and its nulls say what to do.
type EditPartner struct {
	ID     string                     `json:"id"`
	Email  string                     `json:"email,omitempty"`
	Match  *[]Condition               `json:"match,omitempty"`
	Payout map[string]json.RawMessage `json:"payout,omitempty"`
	nulls  []string
}

// EditProgram changes what it carries and keeps the rest; a null removes.
type EditProgram struct {
	nulls        []string
	ID           string     `json:"id"`
	Rules        *[]Rule    `json:"rules,omitempty"`
	HoldbackDays *int       `json:"holdbackDays,omitempty"`
	Model        *string    `json:"attributionModel,omitempty"`
	WindowDays   *int       `json:"attributionWindowDays,omitempty"`
	Methods      *[]string  `json:"methods,omitempty"`
	Binding      *string    `json:"binding,omitempty"`
	StartsAt     *time.Time `json:"startsAt,omitempty"`
	EndsAt       *time.Time `json:"endsAt,omitempty"`
	PartnerCodes *bool      `json:"partnerCodes,omitempty"`
}

// Override replaces a partnership's terms; what it leaves out is inherited.
type Override struct {
	nulls        []string
	Partner      string  `json:"partner"`
	Program      string  `json:"program"`
	Rules        *[]Rule `json:"rules,omitempty"`
	HoldbackDays *int    `json:"holdbackDays,omitempty"`
}

// AddCode adds a promo code, by "owner" (default) or "partner".
type AddCode struct {
	Code    string `json:"code"`
	Partner string `json:"partner"`
	Program string `json:"program,omitempty"`
	By      string `json:"by,omitempty"`
}

// RetireCode retires a promo code.
type RetireCode struct {
	Code string `json:"code"`
}

// PayoutStatus moves the latest payout of a partner in a currency.
type PayoutStatus struct {
	Partner  string `json:"partner"`
	Currency string `json:"currency"`
	Status   string `json:"status"`
}

// Expect lists what must hold. A nil list is not checked.
type Expect struct {
	At           *time.Time   `json:"at,omitzero"`
	Commissions  []Commission `json:"commissions,omitzero"`
	Unattributed []string     `json:"unattributed,omitzero"`
	Balances     []Balance    `json:"balances,omitzero"`
	Payouts      []PayoutRow  `json:"payouts,omitzero"`
}

// Commission is what one rule's commission stands at, in minor units.
type Commission struct {
	Conversion string `json:"conversion"`
	Partner    string `json:"partner"`
	Program    string `json:"program"`
	Rule       string `json:"rule"`
	Amount     int64  `json:"amount"`
	Currency   string `json:"-"`
}

// Balance is a partner's four figures in one currency, in minor units.
type Balance struct {
	Partner  string `json:"partner"`
	Currency string `json:"currency"`
	Pending  int64  `json:"pending"`
	Payable  int64  `json:"payable"`
	InPayout int64  `json:"inPayout"`
	Paid     int64  `json:"paid"`
}

// PayoutRow is one payout at its frozen amount.
type PayoutRow struct {
	Partner  string `json:"partner"`
	Currency string `json:"currency"`
	Amount   int64  `json:"amount"`
	Status   string `json:"status"`
}

// Parse reads a scenario file and refuses unknown fields.
func Parse(data []byte) (Scenario, error) {
	var s Scenario
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&s); err != nil {
		return Scenario{}, fmt.Errorf("reference: parse scenario: %w", err)
	}
	return s, nil
}

// Marshal writes a scenario in the public format, one step a line.
func Marshal(s Scenario) ([]byte, error) {
	var b bytes.Buffer
	line := func(prefix string, v any, suffix string) error {
		data, err := json.Marshal(v)
		if err == nil {
			b.WriteString(prefix + string(data) + suffix + "\n")
		}
		return err
	}
	b.WriteString("{\n")
	err := line(`  "name": `, s.Name, ",")
	if s.Organization != nil && err == nil {
		err = line(`  "organization": `, s.Organization, ",")
	}
	for _, list := range []struct {
		key   string
		items []any
	}{{"programs", anys(s.Programs)}, {"partners", anys(s.Partners)}, {"steps", anys(s.Steps)}} {
		b.WriteString(`  "` + list.key + "\": [\n")
		for i, item := range list.items {
			comma := ","
			if i == len(list.items)-1 {
				comma = ""
			}
			if err == nil {
				err = line("    ", item, comma)
			}
		}
		b.WriteString("  ],\n")
	}
	if err == nil {
		err = line(`  "expect": `, s.Expect, "")
	}
	b.WriteString("}\n")
	return b.Bytes(), err
}

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}
