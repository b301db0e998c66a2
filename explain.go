package affiliate

import (
	"context"
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/decision"
	"github.com/goaffiliate/affiliate/storage"
)

// Explanation says why a conversion pays what it pays, or nothing, and exactly
// what was posted for it (semantics 9).
type Explanation struct {
	Conversion   attribution.Conversion `json:"conversion"`
	Customer     []string               `json:"customer"` // all ids of the customer
	Attributed   bool                   `json:"attributed"`
	Reason       attribution.Reason     `json:"reason,omitempty"`
	Credits      []attribution.Credit   `json:"credits"`
	How          decision.Explanation   `json:"how"`
	Commissions  []ExplainedCommission  `json:"commissions"`
	KnownTypes   []string               `json:"knownTypes,omitempty"` // see ConversionResult
	Erased       bool                   `json:"erased,omitempty"`     // the customer was erased: how it was decided is not known any more
	RulesVersion int                    `json:"rulesVersion"`         // that made the decision
	Current      bool                   `json:"current"`              // today's rules would decide the same
	Settled
}

// ExplainedCommission is one commission with its arithmetic.
type ExplainedCommission struct {
	Commission
	Line   commission.Commission `json:"line"`   // rule, terms, share, exact amount, rounding, ladder of refunds
	Tier   commission.Tier       `json:"tier"`   // value in force and what it adds
	Posted []commission.Posted   `json:"posted"` // what the ledger holds, by component, cause and maturity

	// Reviews are the owner's holds, releases and rejections in time order, each
	// with its reason, if one was given, and whose it is, if that is known.
	Reviews []commission.Fact `json:"reviews,omitempty"`
}

// Explain returns the explanation of a conversion. It returns ErrNotFound.
func (e *Engine) Explain(ctx context.Context, conversionID string) (x Explanation, err error) {
	err = e.view(ctx, func(u *unit) error {
		x, err = u.explain(conversionID)
		return err
	}, conversionRef(conversionID))
	return x, wrap("explain", err)
}

func (u *unit) explain(id string) (Explanation, error) {
	doc, b, err := u.decisionAhead(id)
	if err != nil {
		return Explanation{}, err
	}
	stored, err := u.e.store.Conversions(u.ctx, u.e.org, []string{id})
	if err == nil && len(stored) == 0 {
		err = notFound("conversion", id)
	}
	if err != nil {
		return Explanation{}, err
	}
	x := Explanation{
		Conversion: stored[0], Attributed: doc.Outcome.Attributed(), Reason: doc.Outcome.Reason,
		Credits: doc.Outcome.Credits, RulesVersion: doc.Outcome.Version, KnownTypes: u.otherTypes(stored[0]), Settled: b.settled,
	}
	if x.Erased = attribution.IsErased(doc.Customer); x.Erased {
		x.Conversion.Customer = ""
	} else if err := u.explainHow(&x, doc); err != nil {
		return Explanation{}, err
	}
	x.Commissions, err = b.explainCommissions(id, doc)
	return x, err
}

// explainHow decides the customer again, for how that comes about.
func (u *unit) explainHow(x *Explanation, doc conversionDoc) error {
	who, err := u.customer(doc.Customer)
	if err != nil {
		return err
	}
	sales, err := u.sales(who)
	if err != nil {
		return err
	}
	h, err := u.history(who, sales)
	if err != nil {
		return err
	}
	outcomes, _, err := decision.Decide(u.setup, h.customer)
	if err != nil {
		return err
	}
	for _, member := range who.doc.Members {
		if !attribution.IsGuest(member) {
			x.Customer = append(x.Customer, member)
		}
	}
	if i := slices.IndexFunc(outcomes, func(o decision.Outcome) bool { return o.Conversion == x.Conversion.ID }); i >= 0 {
		x.How = outcomes[i].Explanation
		x.Current = outcomes[i].Version == doc.Outcome.Version
	}
	return nil
}

func (b *books) explainCommissions(id string, doc conversionDoc) ([]ExplainedCommission, error) {
	u := b.u
	rows, err := b.commissionsFor(id)
	if err != nil {
		return nil, err
	}
	facts, err := u.facts([]string{id})
	if err != nil {
		return nil, err
	}
	var list []ExplainedCommission
	for _, line := range doc.Outcome.Lines {
		key := lineKey(line)
		i := slices.IndexFunc(rows, func(r storage.Commission) bool { return lineKey(r.Commission) == key })
		if i < 0 {
			continue
		}
		standing, err := u.standing(rows[i])
		if err != nil {
			return nil, err
		}
		list = append(list, ExplainedCommission{
			Commission: standing, Line: line, Tier: rows[i].Tier,
			Posted: slices.Concat(doc.Posted[key], rows[i].TierPosted), Reviews: line.Reviews(facts[id]),
		})
	}
	return list, nil
}

// otherTypes returns the event types that rules ask for if none of them can match
// the conversion because of its own.
func (u *unit) otherTypes(conv attribution.Conversion) []string {
	types, all := u.setup.EventTypes()
	if all && conv.Amount > 0 || slices.Contains(types, conv.Type) {
		return nil
	}
	return types
}
