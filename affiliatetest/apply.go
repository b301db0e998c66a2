package affiliatetest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// apply carries out one step.
func (r *runner) apply(s Step) error {
	switch {
	case s.tracks():
		return r.track(s)
	case s.reviews():
		return r.review(s)
	}
	var err error
	switch {
	case s.Approve != nil:
		_, err = r.eng.ApprovePartnership(r.ctx, s.Approve.Partner, s.Approve.Program, s.At)
	case s.Revoke != nil:
		_, err = r.eng.RevokePartnership(r.ctx, s.Revoke.Partner, s.Revoke.Program, s.At)
	case s.Adopt != nil:
		_, err = r.eng.AdoptTerms(r.ctx, s.Adopt.Program, s.Adopt.partners(), s.At)
	case s.Suspend != nil && s.Suspend.Program != "":
		_, err = r.eng.SuspendPartnership(r.ctx, s.Suspend.Partner, s.Suspend.Program, s.At)
	case s.Suspend != nil:
		_, err = r.eng.SuspendPartner(r.ctx, s.Suspend.Partner, s.At)
	case s.Reinstate != nil && s.Reinstate.Program != "":
		_, err = r.eng.ReinstatePartnership(r.ctx, s.Reinstate.Partner, s.Reinstate.Program, s.At)
	case s.Reinstate != nil:
		_, err = r.eng.ReinstatePartner(r.ctx, s.Reinstate.Partner, s.At)
	case s.EditPartner != nil:
		_, err = r.eng.EditPartner(r.ctx, s.EditPartner.ID, s.EditPartner.profile(), s.At)
	case s.EditProgram != nil:
		settings := s.EditProgram.settings()
		settings.Remove = s.EditProgram.Remove
		_, err = r.eng.EditProgram(r.ctx, s.EditProgram.ID, settings, s.At)
	case s.Override != nil:
		terms := program.TermsChange{
			Rules: s.Override.Rules, HoldbackDays: s.Override.HoldbackDays, Remove: s.Override.Remove,
		}
		_, err = r.eng.OverrideTerms(r.ctx, s.Override.Partner, s.Override.Program, terms, s.At)
	case s.ClearOverride != nil:
		_, err = r.eng.ClearOverride(r.ctx, s.ClearOverride.Partner, s.ClearOverride.Program, s.At)
	case s.AddCode != nil:
		c := s.AddCode
		_, err = r.eng.AddCode(r.ctx, affiliate.Code{
			Code: c.Code, Partner: c.Partner, Program: c.Program, ByPartner: c.By == "partner", EffectiveAt: s.At,
		})
	case s.RetireCode != nil:
		_, err = r.eng.RetireCode(r.ctx, s.RetireCode.Code, s.At)
	case s.Erase != nil:
		_, err = r.eng.EraseCustomer(r.ctx, s.Erase.Customer)
	case s.PayoutRun != nil:
		_, err = r.eng.RunPayouts(r.ctx, affiliate.PayoutRun{At: s.At})
	case s.PayoutStatus != nil:
		err = r.movePayout(s)
	}
	return err
}

// track carries out a tracking step.
func (r *runner) track(s Step) error {
	var err error
	switch {
	case s.Click != nil:
		err = r.click(s)
	case s.Identify != nil:
		_, err = r.eng.Identify(r.ctx, affiliate.Identify{
			Customer: s.Identify.Customer, Visitor: s.Identify.Visitor, Click: s.Identify.Click,
			Email: s.Identify.Email, Alias: s.Identify.Alias, At: s.At,
		})
	case s.Conversion != nil:
		err = r.convert(s)
	case s.Refund != nil:
		in := affiliate.Refund{ID: s.Refund.ID, Conversion: s.Refund.Conversion, At: s.At}
		in.Amount, in.All = amount(s.Refund.Amount)
		_, err = r.eng.RecordRefund(r.ctx, in)
	case s.RefundFailed != nil:
		err = r.failRefund(s)
	case s.Amend != nil:
		_, err = r.eng.AmendConversion(r.ctx, s.Amend.Conversion, *s.Amend.Amount, s.At)
	case s.Dispute != nil:
		in := affiliate.Dispute{ID: s.Dispute.ID, Conversion: s.Dispute.Conversion, Status: s.Dispute.Status, At: s.At}
		in.Amount, in.All = amount(s.Dispute.Amount)
		_, err = r.eng.RecordDispute(r.ctx, in)
	case s.Adjustment != nil:
		a := s.Adjustment
		_, err = r.eng.PostAdjustment(r.ctx, affiliate.NewAdjustment{
			ID: a.ID, Partner: a.Partner, Currency: currencyOf(a.Currency), Amount: a.Amount, Reason: a.Reason, At: s.At,
		})
	}
	return err
}

// review carries out the owner's word on a commission.
func (r *runner) review(s Step) error {
	var err error
	switch {
	case s.Hold != nil:
		_, err = r.eng.HoldCommission(r.ctx, s.Hold.ref(), s.Hold.Reason, s.At)
	case s.Release != nil:
		_, err = r.eng.ReleaseCommission(r.ctx, s.Release.ref(), s.At)
	case s.Reject != nil:
		_, err = r.eng.RejectCommission(r.ctx, s.Reject.ref(), s.Reject.Reason, s.At)
	}
	return err
}

// partners names the partner of an adoption, if it names one.
func (a Adoption) partners() []string {
	if a.Partner == "" {
		return nil
	}
	return []string{a.Partner}
}

// currencyOf is a currency in lower case, usd by default.
func currencyOf(text string) money.Currency {
	if text == "" {
		return "usd"
	}
	return money.Currency(strings.ToLower(text))
}

func (r Review) ref() affiliate.CommissionRef {
	return affiliate.CommissionRef{Conversion: r.Conversion, Partner: r.Partner, Program: r.Program, Rule: r.Rule}
}

// failRefund says that a refund of the scenario, delivered or still to come, did
// not go through.
func (r *runner) failRefund(s Step) error {
	i := slices.IndexFunc(r.scenario.Steps, func(of Step) bool { return of.Refund != nil && of.Refund.ID == s.RefundFailed.ID })
	if i < 0 {
		return fmt.Errorf("%w: refund %q", affiliate.ErrNotFound, s.RefundFailed.ID)
	}
	_, err := r.eng.FailRefund(r.ctx, s.RefundFailed.ID, r.scenario.Steps[i].Refund.Conversion, s.At)
	return err
}

// profile is the edit as the Engine takes it. Empty texts are the same as none.
func (p PartnerEdit) profile() program.Profile {
	f := program.Profile{Match: p.Match, Payout: p.Payout, Remove: p.Remove}
	setString(&f.Name, p.Name)
	setString(&f.Email, p.Email)
	if p.Payout == nil {
		return f
	}
	change := *p.Payout
	for _, text := range []**string{&change.TimeZone, &change.Cron} {
		if *text != nil && **text == "" {
			*text = nil
		}
	}
	if change.Cadence != nil && *change.Cadence == "" {
		change.Cadence = nil
	}
	f.Payout = &change
	return f
}

// amount is what is given, or all of it.
func amount(given *int64) (minor int64, all bool) {
	if given == nil {
		return 0, true
	}
	return *given, false
}

func (r *runner) click(s Step) error {
	res, err := r.eng.RecordClick(r.ctx, affiliate.Click{
		ID: s.Click.ID, At: s.At, Partner: s.Click.Partner, Program: s.Click.Program, Visitor: s.Click.Visitor,
		CampaignID: s.Click.CampaignID, Sub: s.Click.Sub, Flag: s.Click.Flag,
	})
	if err != nil || s.Click.Customer == "" {
		return err
	}
	_, err = r.eng.Identify(r.ctx, affiliate.Identify{Customer: s.Click.Customer, Click: res.ClickID, At: s.At})
	return err
}

func (r *runner) convert(s Step) error {
	c := s.Conversion
	in := affiliate.Conversion{
		ID: c.ID, Type: c.Type, Customer: c.Customer, Currency: money.Currency(strings.ToLower(c.Currency)), At: s.At, Program: c.Program,
		PromoCode: c.PromoCode, Click: c.Click, Partner: c.Partner, CampaignID: c.CampaignID, Sub: c.Sub,
	}
	if c.Amount != nil {
		in.Amount = *c.Amount
	}
	_, err := r.eng.RecordConversion(r.ctx, in)
	if err == nil && !slices.Contains(r.sold, c.ID) {
		r.sold = append(r.sold, c.ID)
	}
	return err
}

// movePayout moves the latest payout of a partner in a currency, unless the step
// is a redelivery. One that is dated before the payout was issued, and delivered
// after it, counts from then on.
func (r *runner) movePayout(s Step) error {
	move := payoutMove{*s.PayoutStatus, s.At.UTC()}
	if slices.Contains(r.moved, move) {
		return nil
	}
	currency := currencyOf(s.PayoutStatus.Currency)
	all, err := r.eng.Payouts(r.ctx, s.PayoutStatus.Partner)
	if err != nil {
		return err
	}
	var latest *affiliate.Payout
	for i, p := range all {
		if p.Currency == currency {
			latest = &all[i]
		}
	}
	if latest == nil {
		return fmt.Errorf("%w: payout of %q in %s", affiliate.ErrNotFound, s.PayoutStatus.Partner, currency)
	}
	if latest.Status == s.PayoutStatus.Status { // the Engine may take it for the same move
		return affiliate.ErrInvalidTransition
	}
	at := later(s.At.UTC(), latest.IssuedAt)
	if _, err = r.eng.MovePayout(r.ctx, latest.ID, s.PayoutStatus.Status, at); err == nil {
		r.moved = append(r.moved, move)
	}
	return err
}

// payoutMove is a step that moved a payout.
type payoutMove struct {
	PayoutStatus
	at time.Time
}
