package affiliate

import (
	"context"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
)

// Refund is money given back for a conversion, which may not be known yet.
type Refund struct {
	ID         string    // the host's external id; required
	Conversion string    // external id; required
	Amount     int64     // minor units of the conversion's currency, more than 0
	All        bool      // all that is left, in place of an amount
	At         time.Time // default: first receipt
}

// Dispute is a chargeback in one of its states; each state is a fact of its own.
type Dispute struct {
	ID         string // the host's external id; required
	Conversion string // external id; required
	Amount     int64  // minor units, more than 0; a won dispute needs none
	All        bool   // the whole conversion, in place of an amount
	Status     commission.DisputeStatus
	At         time.Time // default: first receipt
}

// CommissionRef names one commission.
type CommissionRef struct {
	Conversion, Partner, Program, Rule string
}

// FactResult tells what became of a refund, dispute, amendment or review.
type FactResult struct {
	Duplicate bool `json:"duplicate"` // it was recorded before
	Waiting   bool `json:"waiting"`   // its conversion is not known yet; it will count when it comes
}

// RecordRefund takes money back in proportion (semantics 7.2). It returns
// ErrInvalidInput, ErrConflict and ErrOverRefund.
func (e *Engine) RecordRefund(ctx context.Context, in Refund) (FactResult, error) {
	return e.recordFact(ctx, "record refund", in.At, in.fact())
}

// FailRefund says that a refund did not go through after all: it no longer
// counts. It returns ErrInvalidInput and ErrConflict.
func (e *Engine) FailRefund(ctx context.Context, refundID, conversion string, effectiveAt time.Time) (FactResult, error) {
	return e.recordFact(ctx, "fail refund", effectiveAt, failedRefund(refundID, conversion))
}

// RecordDispute records a state of a dispute: open and lost take money back,
// won gives it back. It returns ErrInvalidInput, ErrConflict and ErrOverRefund.
func (e *Engine) RecordDispute(ctx context.Context, in Dispute) (FactResult, error) {
	return e.recordFact(ctx, "record dispute", in.At, in.fact())
}

// AmendConversion gives a conversion another amount; the latest by time counts.
// It returns ErrInvalidInput and ErrConflict.
func (e *Engine) AmendConversion(ctx context.Context, conversion string, amount int64, effectiveAt time.Time) (FactResult, error) {
	return e.recordFact(ctx, "amend conversion", effectiveAt, amendment(conversion, amount))
}

// RejectCommission reverses a commission in full, with a reason. It is recorded as
// that of the actor of the context. It returns ErrInvalidInput and ErrNotFound.
func (e *Engine) RejectCommission(ctx context.Context, ref CommissionRef, reason string, effectiveAt time.Time) (FactResult, error) {
	return e.recordFact(ctx, "reject commission", effectiveAt, review(ctx, commission.Reject, ref, reason))
}

// HoldCommission puts a commission under review: it is not payable until it is
// released. It is recorded as that of the actor of the context. It returns
// ErrInvalidInput, ErrNotFound, and ErrInvalidTransition for a commission that is or
// was in a payout, also in one that failed.
func (e *Engine) HoldCommission(ctx context.Context, ref CommissionRef, reason string, effectiveAt time.Time) (FactResult, error) {
	return e.recordFact(ctx, "hold commission", effectiveAt, review(ctx, commission.Hold, ref, reason))
}

// ReleaseCommission ends a review. It is recorded as that of the actor of the
// context. It returns ErrInvalidInput and ErrNotFound.
func (e *Engine) ReleaseCommission(ctx context.Context, ref CommissionRef, effectiveAt time.Time) (FactResult, error) {
	return e.recordFact(ctx, "release commission", effectiveAt, review(ctx, commission.Release, ref, ""))
}

func (r Refund) fact() commission.Fact {
	return commission.Fact{Kind: commission.Refund, ID: r.ID, Conversion: r.Conversion, Amount: r.Amount, All: r.All}
}

func failedRefund(id, conversion string) commission.Fact {
	return commission.Fact{Kind: commission.RefundFailed, ID: id, Conversion: conversion}
}

func (d Dispute) fact() commission.Fact {
	return commission.Fact{
		Kind: commission.Dispute, ID: d.ID, Conversion: d.Conversion, Amount: d.Amount, All: d.All, Status: d.Status,
	}
}

func amendment(conversion string, amount int64) commission.Fact {
	return commission.Fact{Kind: commission.Amendment, Conversion: conversion, Amount: amount}
}

func review(ctx context.Context, kind commission.FactKind, ref CommissionRef, reason string) commission.Fact {
	return commission.Fact{
		Kind: kind, Conversion: ref.Conversion, Partner: ref.Partner, Program: ref.Program, Rule: ref.Rule, Reason: reason, By: actor(ctx),
	}
}

func (e *Engine) recordFact(ctx context.Context, operation string, given time.Time, fact commission.Fact) (result FactResult, err error) {
	err = e.do(ctx, func(u *unit) error {
		result, err = u.recordFact(given, fact)
		return err
	}, conversionRef(fact.Conversion))
	return result, wrap(operation, err)
}

func (u *unit) recordFact(given time.Time, fact commission.Fact) (result FactResult, err error) {
	if err := checkFact(u.latest(), given, fact); err != nil {
		return result, err
	}
	if err := u.load(conversionRef(fact.Conversion)); err != nil {
		return result, err
	}
	fact.At = at(given, u.now)
	if result.Duplicate, err = u.knownFact(fact, given.IsZero()); err != nil || result.Duplicate {
		return result, err
	}
	result.Waiting, err = u.addFact(fact)
	return result, err
}

func checkFact(now, given time.Time, fact commission.Fact) error {
	c := checks{now: now}
	if fact.Kind == commission.Refund || fact.Kind == commission.RefundFailed || fact.Kind == commission.Dispute {
		c.id("id", fact.ID, true)
	}
	c.id("conversion", fact.Conversion, true)
	if fact.Kind == commission.Reject || fact.Kind == commission.Hold || fact.Kind == commission.Release {
		c.id("partner", fact.Partner, true)
		c.id("program", fact.Program, true)
		c.id("rule", fact.Rule, true)
	}
	c.amount("amount", fact.Amount)
	c.text("reason", fact.Reason)
	c.text("by", fact.By)
	c.time(given)
	switch {
	case fact.All && fact.Amount != 0:
		c.Add("amount", "must not be given together with all")
	case fact.Amount == 0 && !fact.All && takesBack(fact):
		c.Add("amount", "must be more than 0, unless it is all")
	}
	if fact.Kind == commission.Dispute && !fact.Status.Valid() {
		c.Add("status", "must be open, won or lost")
	}
	return c.err()
}

// takesBack reports whether a fact says that money went back. One that does not say
// how much would keep its id from ever counting.
func takesBack(fact commission.Fact) bool {
	return fact.Kind == commission.Refund || fact.Kind == commission.Dispute && fact.Status != commission.DisputeWon
}

// knownFact reports whether the fact was recorded before, and ErrConflict if
// its key was used for other content.
func (u *unit) knownFact(fact commission.Fact, anyTime bool) (bool, error) {
	var stored []commission.Fact
	var err error
	if fact.ID != "" {
		stored, err = u.e.store.FactsByID(u.ctx, u.e.org, fact.ID)
	} else {
		stored, err = u.e.store.FactsOf(u.ctx, u.e.org, []string{fact.Conversion})
	}
	if err != nil {
		return false, err
	}
	for _, old := range slices.Concat(stored, u.change.Facts) {
		if refundOf(old, fact) && old.Conversion != fact.Conversion {
			return false, ErrConflict
		}
		if old.Key() != fact.Key() {
			continue
		}
		if anyTime {
			fact.At = old.At
		}
		fact.By = old.By // the same review, whoever repeats it
		if old != fact {
			return true, ErrConflict
		}
		return true, nil
	}
	return false, nil
}

// refundOf reports whether one of two facts is the failure of the other.
func refundOf(a, b commission.Fact) bool {
	return a.ID == b.ID && (a.Kind == commission.Refund && b.Kind == commission.RefundFailed ||
		a.Kind == commission.RefundFailed && b.Kind == commission.Refund)
}

// addFact stores a fact and posts what it changes. One whose conversion is not
// known yet waits at the conversion's anchor.
func (u *unit) addFact(fact commission.Fact) (waiting bool, err error) {
	ref := conversionRef(fact.Conversion)
	var doc conversionDoc
	if err := u.read(ref, &doc); err != nil {
		return false, err
	}
	if doc.Customer == "" {
		if fact.Partner != "" {
			return false, notFound("conversion", fact.Conversion)
		}
		u.change.Facts = append(u.change.Facts, fact)
		return true, u.put(ref, doc)
	}
	who, err := u.customer(doc.Customer)
	if err != nil {
		return false, err
	}
	stored, err := u.conversions(fact.Conversion)
	if err != nil || len(stored) == 0 {
		return false, err
	}
	facts, err := u.facts([]string{fact.Conversion})
	if err != nil {
		return false, err
	}
	sale := commission.Sale{Conversion: stored[0], Facts: facts[fact.Conversion]}
	amount := commission.AmountOf(sale.Amount, sale.Facts)
	if commission.Overrefunds(amount, sale.Facts, fact) {
		return false, ErrOverRefund
	}
	if fact.Partner != "" {
		if err := u.reviewable(doc.Outcome.Lines, fact); err != nil {
			return false, err
		}
	}
	if err := u.touch(who); err != nil {
		return false, err
	}
	if _, err := u.gate(ref); err != nil {
		return false, err
	}
	u.change.Facts = append(u.change.Facts, fact)
	sale.Facts = append(sale.Facts, fact)
	switch again := fact.Kind == commission.Amendment || reviewsSuspect(fact, doc.Outcome); {
	case again && !who.doc.Closed:
		return false, u.redecide(who)
	case fact.Kind == commission.Amendment:
		return false, u.amend(doc, sale)
	}
	return false, u.review(doc, sale)
}

// reviewsSuspect reports whether a fact is the review of a commission that comes
// from a suspect click: later ones of the customer may follow it.
func reviewsSuspect(fact commission.Fact, out decision.Outcome) bool {
	return fact.Partner != "" && slices.ContainsFunc(out.Credits, func(c attribution.Credit) bool {
		return c.Suspect != "" && c.Partner == fact.Partner && c.Program == fact.Program
	})
}

// review applies the facts of one conversion to its decision. They change neither
// who is credited nor which rules fire, so nothing is decided again.
func (u *unit) review(doc conversionDoc, sale commission.Sale) error {
	out := doc.Outcome
	out.Lines = slices.Clone(out.Lines)
	commission.Review(out.Lines, sale)
	return u.post(sale.Conversion, out)
}

// amend gives the commissions of a conversion that nothing decides again what they
// earn of another amount.
func (u *unit) amend(doc conversionDoc, sale commission.Sale) (err error) {
	out := doc.Outcome
	if out.Lines, err = commission.Amend(out.Lines, sale); err != nil {
		return err
	}
	return u.post(sale.Conversion, out)
}

// reviewable reports ErrNotFound for a commission that does not exist, and
// ErrInvalidTransition for holding one that is or was in a payout.
func (u *unit) reviewable(lines []commission.Commission, fact commission.Fact) error {
	i := slices.IndexFunc(lines, func(l commission.Commission) bool {
		return l.Partner == fact.Partner && l.Program == fact.Program && l.Rule == fact.Rule
	})
	if i < 0 {
		return notFound("commission", fact.Key())
	}
	if fact.Kind != commission.Hold {
		return nil
	}
	inPayout, err := u.wasInPayout(lines[i])
	if err == nil && inPayout {
		return ErrInvalidTransition
	}
	return err
}
