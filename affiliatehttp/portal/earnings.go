package portal

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// Bounds of what one request reads.
const (
	readSize  = 500 // commissions at once
	readPages = 20
)

// states are those of a commission, in the order of its life.
func states() []commission.Status {
	return []commission.Status{
		commission.StatusPending, commission.StatusPayable, commission.StatusInPayout, commission.StatusPaid,
		commission.StatusUnderReview, commission.StatusRejected, commission.StatusReversed,
	}
}

// filter is which commissions are asked for.
type filter struct {
	State   commission.Status
	Program string // id
	Ref     string // of the program
}

func (v *visit) filter() (f filter, err error) {
	q := v.r.URL.Query()
	if state := q.Get("state"); state != "" {
		if f.State = commission.Status(state); !slices.Contains(states(), f.State) {
			return f, ui.Invalid("state", "is none of the states of a commission")
		}
	}
	if f.Ref = q.Get("program"); f.Ref != "" {
		f.Program, err = v.programID(f.Ref, "program")
	}
	return f, err
}

func (f filter) holds(c affiliate.Commission) bool {
	return (f.State == "" || c.Status == f.State) && (f.Program == "" || c.Program == f.Program)
}

// place is where a page of commissions ended: a page of the Engine's, and the
// last commission that was shown of it. It names ids, so callers get it sealed.
type place struct {
	After string `json:"a,omitempty"`
	Last  string `json:"l,omitempty"`
}

func (v *visit) place() (p place, err error) {
	after := v.after()
	if after == "" {
		return p, nil
	}
	text, err := v.open("place", after)
	if err != nil || json.Unmarshal([]byte(text), &p) != nil {
		return p, ui.BadCursor()
	}
	return p, nil
}

func (v *visit) sealPlace(p place) (string, error) {
	data, err := json.Marshal(p)
	return v.ref("place", string(data)), err
}

// walk passes commissions to take, latest first, until it has enough, and returns
// where to go on. It may end early on a long list of which little is asked for.
func (v *visit) walk(from place, take func(affiliate.Commission) (more bool)) (next string, err error) {
	for range readPages {
		page, err := v.eng.Commissions(v.ctx, v.me.ID, from.After, readSize)
		if err != nil {
			return "", err
		}
		rows := page.Commissions
		if i := slices.IndexFunc(rows, func(c affiliate.Commission) bool { return c.ID == from.Last }); from.Last != "" && i >= 0 {
			rows = rows[i+1:]
		}
		for _, c := range rows {
			if !take(c) {
				return v.sealPlace(from)
			}
			from.Last = c.ID
		}
		if page.Next == "" {
			return "", nil
		}
		from = place{After: page.Next}
	}
	return v.sealPlace(from)
}

// commissionsSince returns the commissions of conversions at or after a time.
func (v *visit) commissionsSince(t time.Time) (list []affiliate.Commission, err error) {
	_, err = v.walk(place{}, func(c affiliate.Commission) bool {
		if c.At.Before(t) {
			return false
		}
		list = append(list, c)
		return true
	})
	return list, err
}

// commissions is one page of commissions.
func (v *visit) commissions(f filter) (page ui.List[commissionView], err error) {
	limit, err := ui.Limit(v.r)
	if err != nil {
		return page, err
	}
	from, err := v.place()
	if err != nil {
		return page, err
	}
	page.Items = []commissionView{}
	page.NextAfter, err = v.walk(from, func(c affiliate.Commission) bool {
		switch {
		case !f.holds(c):
		case len(page.Items) == limit:
			return false
		default:
			page.Items = append(page.Items, v.commission(c))
		}
		return true
	})
	return page, err
}

func (v *visit) commission(c affiliate.Commission) commissionView {
	view := commissionView{
		ID: v.ref("commission", c.ID), Conversion: v.ref("conversion", c.Conversion), Program: v.ref("program", c.Program),
		Title: v.title(c.Program), For: v.rule(c), Amount: c.Amount, Currency: c.Currency, State: string(c.Status), At: c.At,
	}
	if words.Sooner(c.PayableAt) {
		view.PayableAt = &c.PayableAt
	}
	if c.Suspect != "" {
		view.Reason = "suspect_click"
	}
	return view
}

// rule says what a commission is for, by the terms of its time.
func (v *visit) rule(c affiliate.Commission) string {
	of, ok := v.setup.Program(c.Program)
	if !ok {
		return "Commission"
	}
	terms, _ := v.setup.Terms(v.me.ID, c.Program, c.At)
	i := slices.IndexFunc(terms.Rules, func(r commission.Rule) bool { return r.ID == c.Rule })
	if i < 0 {
		return "Commission"
	}
	return words.Rule(terms.Rules[i], of.Currency)
}

// conversions is one page of conversions, each with its commissions.
func (v *visit) conversions(f filter) (page ui.List[conversionView], err error) {
	limit, err := ui.Limit(v.r)
	if err != nil {
		return page, err
	}
	from, err := v.place()
	if err != nil {
		return page, err
	}
	page.Items = []conversionView{}
	last := ""
	var failed error
	page.NextAfter, err = v.walk(from, func(c affiliate.Commission) bool {
		if !f.holds(c) {
			return true
		}
		if c.Conversion != last {
			if len(page.Items) == limit {
				return false
			}
			last = c.Conversion
			page.Items = append(page.Items, conversionView{
				ID: v.ref("conversion", c.Conversion), At: c.At, Program: v.ref("program", c.Program), Title: v.title(c.Program),
			})
		}
		item := &page.Items[len(page.Items)-1]
		item.Commissions = append(item.Commissions, v.commission(c))
		item.Earned, failed = addMoney(item.Earned, c.Amount, c.Currency)
		return failed == nil
	})
	if failed != nil {
		err = failed
	}
	return page, err
}

// earningsBody is the page of commissions.
type earningsBody struct {
	Commissions ui.List[commissionView]
	Next        string
	States      ui.Tabs
	Programs    []programView
	Program     string
	State       string
	Filtered    bool
	Adjustments []adjustmentView // with the first page of all
}

func (v *visit) commissionsPage() error {
	f, err := v.filter()
	if err != nil {
		return err
	}
	body := earningsBody{Programs: v.programs(), Program: f.Ref, State: string(f.State), Filtered: f != filter{}}
	if body.Commissions, err = v.commissions(f); err != nil {
		return err
	}
	body.Next = v.kit.Next(v.r, body.Commissions.NextAfter)
	if !body.Filtered && v.r.URL.Query().Get("after") == "" {
		if body.Adjustments, err = v.adjustments(); err != nil {
			return err
		}
	}
	link := func(state string) string {
		return v.kit.To(ui.Query("/portal/commissions", "state", state, "program", f.Ref))
	}
	body.States = ui.Tabs{Label: "State", Items: []ui.Tab{{Name: "All", Link: link(""), Current: f.State == ""}}}
	for _, s := range states() {
		body.States.Items = append(body.States.Items, ui.Tab{Name: ui.Words(string(s)), Link: link(string(s)), Current: f.State == s})
	}
	return v.show(http.StatusOK, "commissions", "Earnings", body)
}

func (v *visit) commissionsAnswer() (any, error) {
	f, err := v.filter()
	if err != nil {
		return nil, err
	}
	return v.commissions(f)
}

func (v *visit) conversionsAnswer() (any, error) {
	f, err := v.filter()
	if err != nil {
		return nil, err
	}
	return v.conversions(f)
}

// currency is the one to show where there is no money yet.
func (v *visit) currency() money.Currency {
	for _, p := range v.partnerships() {
		of, _ := v.setup.Program(p.Program)
		return of.Currency
	}
	return "usd"
}

func upper(c money.Currency) string { return strings.ToUpper(string(c)) }
