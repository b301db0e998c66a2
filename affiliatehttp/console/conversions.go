package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// maxChoice is how many partners a page offers to choose from; beyond that it asks for
// an id.
const (
	maxChoice = 100
	pageSize  = 50
	readPages = 20
)

// conversionsBody is the page of conversions.
type conversionsBody struct {
	Commissions []commissionView
	Next        string
	Partner     string // id; empty: all
	PartnerName string
	Query       string
	NotFound    string
	State       string
	States      ui.Tabs
	Partners    []ui.Option
	Unpaid      []unpaidView // in place of commissions
	Nothing     bool         // at all
}

// unpaidView is a conversion that nobody is paid for.
type unpaidView struct {
	Conversion, Link string
	When, Customer   string
	Reason           string
	Amount           int64
	Currency         money.Currency
}

// unattributed is the state, beside those of a commission, of conversions that nobody is
// paid for.
const unattributed = "unattributed"

// states are those of a commission, in the order of its life.
func states() []commission.Status {
	return []commission.Status{
		commission.StatusPending, commission.StatusPayable, commission.StatusInPayout, commission.StatusPaid,
		commission.StatusUnderReview, commission.StatusRejected, commission.StatusReversed,
	}
}

func (v *visit) conversionsPage() error {
	body := conversionsBody{Partner: v.query("partner"), State: v.query("state"), Query: v.query("q")}
	if body.State != "" && body.State != unattributed && !slices.Contains(states(), commission.Status(body.State)) {
		return ui.Invalid("state", "is none of the states of a commission")
	}
	if body.Query != "" {
		found, err := v.lookUp(body.Query)
		if found || err != nil {
			return err
		}
		body.NotFound = body.Query
	}
	if _, ok := v.setup.Partner(body.Partner); body.Partner != "" && !ok {
		return ui.Missing()
	}
	body.PartnerName = v.partnerName(body.Partner)
	if err := v.fill(&body); err != nil {
		return err
	}
	body.Nothing = len(body.Commissions) == 0 && body.State == "" && body.Next == ""
	link := func(state string) string {
		return v.to(root+"/conversions", "state", state, "partner", body.Partner)
	}
	body.States = ui.Tabs{Label: "State", Items: []ui.Tab{{Name: "All", Link: link(""), Current: body.State == ""}}}
	for _, s := range states() {
		body.States.Items = append(body.States.Items, ui.Tab{Name: ui.Words(string(s)), Link: link(string(s)), Current: body.State == string(s)})
	}
	body.States.Items = append(body.States.Items, ui.Tab{Name: "Unattributed", Link: v.to(root+"/conversions", "state", unattributed), Current: body.State == unattributed})
	if len(v.setup.Partners()) <= maxChoice {
		body.Partners = []ui.Option{{Label: "All partners", Selected: body.Partner == ""}}
		for _, p := range v.setup.Partners() {
			body.Partners = append(body.Partners, ui.Option{Value: p.ID, Label: v.partnerName(p.ID), Selected: p.ID == body.Partner})
		}
	}
	return v.show(http.StatusOK, "conversions", "Conversions", body)
}

// lookUp sends the browser to the conversion with an id.
func (v *visit) lookUp(id string) (found bool, err error) {
	_, err = v.eng.Conversion(v.ctx, id)
	if errors.Is(err, affiliate.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	ui.Secure(v.w.Header())
	http.Redirect(v.w, v.r, v.to(conversionPath(id)), http.StatusSeeOther)
	return true, nil
}

// fill reads what the page asks for.
func (v *visit) fill(body *conversionsBody) error {
	if body.Partner != "" && body.State != unattributed {
		list, next, err := v.commissionsOf(body.Partner, commission.Status(body.State), v.query("after"))
		for _, c := range list {
			body.Commissions = append(body.Commissions, v.ownCommission(c))
		}
		body.Next = v.kit.Next(v.r, next)
		return err
	}
	after, err := storage.ParseMark(v.query("after"))
	if err != nil {
		return ui.Invalid("after", err.Error())
	}
	if body.State == unattributed {
		return v.unpaid(body, after)
	}
	list, err := v.eng.ListCommissions(v.ctx, affiliate.CommissionFilter{Status: commission.Status(body.State)}, after, pageSize)
	for _, c := range list.Items {
		body.Commissions = append(body.Commissions, v.commission(c))
	}
	body.Next = v.kit.Next(v.r, list.Next.String())
	return err
}

// unpaid reads conversions that nobody is paid for.
func (v *visit) unpaid(body *conversionsBody, after storage.Mark) error {
	list, err := v.eng.Conversions(v.ctx, affiliate.ConversionFilter{Attributed: new(bool)}, after, pageSize)
	for _, r := range list.Items {
		c := r.Conversion
		body.Unpaid = append(body.Unpaid, unpaidView{
			c.ID, v.to(conversionPath(c.ID)), v.date(c.At), c.Customer, reasonWords(cmp.Or(r.Reason, attribution.NoRule)), r.Amount, c.Currency,
		})
	}
	body.Next = v.kit.Next(v.r, list.Next.String())
	return err
}

// commissionsOf returns commissions of a partner in a state, or in any, latest
// first. It may end early on a long list of which few are asked for.
func (v *visit) commissionsOf(partner string, state commission.Status, after string) (list []affiliate.Commission, next string, err error) {
	for range readPages {
		page, err := v.eng.Commissions(v.ctx, partner, after, pageSize)
		if err != nil {
			return nil, "", err
		}
		for _, c := range page.Commissions {
			if state == "" || c.Status == state {
				list = append(list, c)
			}
		}
		if after = page.Next; after == "" || len(list) >= pageSize {
			break
		}
	}
	return list, after, nil
}
