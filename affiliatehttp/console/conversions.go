package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// Bounds of what one request reads. The Engine lists commissions by partner, so
// a page about all of them reads each partner's: beyond maxScan partners a page
// says that it cannot.
const (
	maxScan   = 100
	pageSize  = 50
	readSize  = 500
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
	TooMany     bool // partners, to list the commissions of all
	Cut         bool // there are more than are shown
	Nothing     bool // at all
}

// states are those of a commission, in the order of its life.
func states() []commission.Status {
	return []commission.Status{
		commission.StatusPending, commission.StatusPayable, commission.StatusInPayout, commission.StatusPaid,
		commission.StatusUnderReview, commission.StatusRejected, commission.StatusReversed,
	}
}

func (v *visit) conversionsPage() error {
	body := conversionsBody{Partner: v.query("partner"), State: v.query("state"), Query: v.query("q")}
	if body.State != "" && !slices.Contains(states(), commission.Status(body.State)) {
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
	body.TooMany = len(v.setup.Partners()) > maxScan
	if err := v.fill(&body); err != nil {
		return err
	}
	body.Nothing = len(body.Commissions) == 0 && body.State == "" && (!body.TooMany || body.Partner != "")
	link := func(state string) string {
		return v.to(root+"/conversions", "state", state, "partner", body.Partner)
	}
	body.States = ui.Tabs{Label: "State", Items: []ui.Tab{{Name: "All", Link: link(""), Current: body.State == ""}}}
	for _, s := range states() {
		body.States.Items = append(body.States.Items, ui.Tab{Name: ui.Words(string(s)), Link: link(string(s)), Current: body.State == string(s)})
	}
	if !body.TooMany {
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

// fill reads the commissions that the page asks for.
func (v *visit) fill(body *conversionsBody) error {
	var list []affiliate.Commission
	var err error
	switch {
	case body.Partner != "":
		var next string
		list, next, err = v.commissionsOf(body.Partner, commission.Status(body.State), v.query("after"))
		body.Next = v.kit.Next(v.r, next)
	case !body.TooMany:
		list, body.Cut, err = v.latest(v.setup.Partners(), commission.Status(body.State))
	}
	view := v.commission
	if body.Partner != "" {
		view = v.ownCommission
	}
	for _, c := range list {
		body.Commissions = append(body.Commissions, view(c))
	}
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

// latest returns the latest commissions of some partners.
func (v *visit) latest(of []*program.Partner, state commission.Status) (list []affiliate.Commission, cut bool, err error) {
	for _, p := range of {
		own, next, err := v.commissionsOf(p.ID, state, "")
		if err != nil {
			return nil, false, err
		}
		list, cut = append(list, own...), cut || next != ""
	}
	slices.SortStableFunc(list, func(a, b affiliate.Commission) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Conversion, b.Conversion), cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Rule, b.Rule))
	})
	if len(list) > pageSize {
		return list[:pageSize], true, nil
	}
	return list, cut, nil
}
