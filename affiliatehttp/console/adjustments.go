package console

import (
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
	"github.com/google/uuid"
)

// adjustmentView is an amount that was posted to a partner by hand.
type adjustmentView struct {
	affiliate.Adjustment
	When string
}

// adjustmentsBody is the page of a partner's adjustments, with the form of a new one.
type adjustmentsBody struct {
	Name, PartnerURL string
	List             []adjustmentView
	More             bool // there are earlier ones
	Form             ui.Form
}

func (v *visit) adjustmentsPage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	// The id keeps a form that is sent twice from being posted twice.
	return v.adjustmentsForm(http.StatusOK, p, values{"id": uuid.NewString(), "currency": string(v.currency())}, nil)
}

func (v *visit) adjustmentsForm(status int, p *program.Partner, in values, w wrong) error {
	list, next, err := v.eng.Adjustments(v.ctx, affiliate.AdjustmentPage{Partner: p.ID, Limit: pageSize})
	if err != nil {
		return err
	}
	body := adjustmentsBody{Name: v.partnerName(p.ID), PartnerURL: v.to(partnerPath(p.ID)), More: next.ID != ""}
	for _, a := range list {
		body.List = append(body.List, adjustmentView{a, v.date(a.At)})
	}
	body.Form = ui.Form{
		Action: v.to(partnerPath(p.ID) + "/adjustments"), Button: "Post the amount", Back: body.PartnerURL,
		Hidden: []ui.Pair{{Label: "id", Text: in["id"]}},
		Groups: []ui.Fieldset{{Fields: []ui.Field{
			{Name: "amount", Label: "Amount", Kind: "text", Value: in["amount"], Required: true, Half: true, Placeholder: "25.00", Help: "With a minus sign the amount is taken off."},
			{Name: "currency", Label: "Currency", Kind: "text", Value: in["currency"], Required: true, Half: true},
			{Name: "reason", Label: "Reason", Kind: "text", Value: in["reason"], Required: true, Help: "The partner sees it on the statement."},
		}}},
	}
	w.place(&body.Form)
	return v.show(status, "adjustments", "Adjustments of "+body.Name, body)
}

func (v *visit) adjust() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	in, w := v.values([]string{"id", "amount", "currency", "reason"}), wrong{}
	currency, err := money.ParseCurrency(in["currency"])
	if err != nil {
		w["currency"] = "A currency, like USD or EUR."
	}
	amount, err := minor(in["amount"], currency)
	if err != nil && len(w) == 0 {
		w["amount"] = "An amount, like 25.00 or -5.00."
	}
	if len(w) == 0 {
		_, err = v.eng.PostAdjustment(v.ctx, affiliate.NewAdjustment{
			ID: in["id"], Partner: p.ID, Currency: currency, Amount: amount, Reason: in["reason"], At: time.Time{},
		})
		if err == nil {
			return v.done(partnerPath(p.ID)+"/adjustments", "adjusted")
		}
		var fatal error
		if _, w, fatal = v.refusal(err); fatal != nil {
			return fatal
		}
	}
	return v.adjustmentsForm(http.StatusUnprocessableEntity, p, in, w)
}
