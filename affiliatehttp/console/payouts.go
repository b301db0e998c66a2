package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/payout"
)

// payoutView is a payout.
type payoutView struct {
	affiliate.Payout
	Link, Name, PartnerURL, State string
	UpTo                          string // the day of the cut-off, to the partner
}

// Open reports whether it can still be paid, or fail.
func (p payoutView) Open() bool { return p.Status.Open() }

func (v *visit) payoutView(p affiliate.Payout) payoutView {
	return payoutView{
		p, v.to(payoutPath(p.ID)), v.partnerName(p.Partner), v.to(partnerPath(p.Partner)), string(p.Status),
		ui.Date(p.Cutoff.In(v.zoneOf(p.Partner, p.Cutoff))),
	}
}

// zoneOf is the zone that a cut-off of a partner is in. Midnight there is another
// day to an owner elsewhere, so cut-offs are written as the partner reads them.
func (v *visit) zoneOf(partner string, t time.Time) *time.Location {
	p, ok := v.setup.Partner(partner)
	if !ok {
		return v.cfg.Zone
	}
	zone, err := time.LoadLocation(p.PayoutAt(t).TimeZone)
	if err != nil {
		return time.UTC // a zone that this machine does not know
	}
	return zone
}

// cutoffTime writes a cut-off to the minute, with its zone.
func (v *visit) cutoffTime(partner string, t time.Time) string {
	zone := v.zoneOf(partner, t)
	return ui.DateTime(t.In(zone)) + " (" + zone.String() + ")"
}

// payouts are all, latest first.
func (v *visit) payouts(partner string) ([]affiliate.Payout, error) {
	list, err := v.eng.Payouts(v.ctx, partner)
	slices.SortStableFunc(list, func(a, b affiliate.Payout) int {
		return cmp.Or(b.Cutoff.Compare(a.Cutoff), cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// payoutTotals are the amounts of payouts that are under way, and paid.
func payoutTotals(list []affiliate.Payout) (open, paid sums, err error) {
	for _, p := range list {
		switch {
		case p.Status.Open():
			open, err = open.plus(p.Amount, p.Currency)
		case p.Status == payout.Paid:
			paid, err = paid.plus(p.Amount, p.Currency)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return open, paid, nil
}

// payoutsBody is the page of payouts.
type payoutsBody struct {
	Due        sums
	DueCount   int64
	Open, Paid sums
	Payouts    []payoutView
	AnyOpen    bool
	Next       string
	States     ui.Tabs
	State      string
	Partner    string // name
	Filtered   bool
	RunLink    string
}

func (v *visit) payoutsPage() error {
	partner, state := v.query("partner"), v.query("state")
	if _, ok := v.setup.Partner(partner); partner != "" && !ok {
		return ui.Missing()
	}
	list, err := v.payouts(partner)
	if err != nil {
		return err
	}
	body := payoutsBody{State: state, Filtered: state+partner != "", RunLink: v.to(root + "/payouts/run")}
	if partner != "" {
		body.Partner = v.partnerName(partner)
	}
	if body.Open, body.Paid, err = payoutTotals(list); err != nil {
		return err
	}
	if partner == "" {
		due, err := v.dryRun(v.now)
		if err != nil {
			return err
		}
		body.DueCount = int64(len(due))
		if body.Due, err = total(due); err != nil {
			return err
		}
	}
	list = slices.DeleteFunc(list, func(p affiliate.Payout) bool {
		return state == "open" && !p.Status.Open() || state != "" && state != "open" && string(p.Status) != state
	})
	page, err := ui.PageOf(v.r, list, func(p affiliate.Payout) string { return p.ID })
	if err != nil {
		return err
	}
	for _, p := range page.Items {
		body.Payouts, body.AnyOpen = append(body.Payouts, v.payoutView(p)), body.AnyOpen || p.Status.Open()
	}
	body.Next = v.kit.Next(v.r, page.NextAfter)
	body.States = ui.Tabs{Label: "State"}
	for _, s := range [][2]string{{"", "All"}, {"open", "Awaiting payment"}, {"paid", "Paid"}, {"failed", "Failed"}, {"canceled", "Canceled"}} {
		body.States.Items = append(body.States.Items, ui.Tab{Name: s[1], Link: v.to(root+"/payouts", "state", s[0], "partner", partner), Current: state == s[0]})
	}
	body.Due, body.Open, body.Paid = v.mainFirst(body.Due), v.mainFirst(body.Open), v.mainFirst(body.Paid)
	return v.show(http.StatusOK, "payouts", "Payouts", body)
}

func total(list []affiliate.Payout) (s sums, err error) {
	for _, p := range list {
		if s, err = s.plus(p.Amount, p.Currency); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// payoutByID reads a payout.
func (v *visit) payoutByID(id string) (affiliate.Payout, error) {
	p, err := v.eng.Payout(v.ctx, id)
	if errors.Is(err, affiliate.ErrNotFound) {
		err = ui.Missing()
	}
	return p, err
}

// payoutBody is the page of one payout, which can be printed.
type payoutBody struct {
	payoutView
	Statement payout.Statement
	Cutoff    string
	Lines     []lineView
	Back      bool     // the amount went back to the balance
	Steps     []ui.Tab // that it may take
	CSV       string
}

// lineView is one line of a statement.
type lineView struct {
	At                              time.Time
	Kind, Program, Conversion, Link string
	Reason                          string // of an adjustment
	Amount                          int64
}

func (v *visit) payoutPage() error {
	p, err := v.payoutByID(idOf(v.r.PathValue("id")))
	if err != nil {
		return err
	}
	s, err := v.eng.Statement(v.ctx, p.ID)
	if err != nil {
		return err
	}
	body := payoutBody{payoutView: v.payoutView(p), Statement: s, Cutoff: v.cutoffTime(p.Partner, p.Cutoff), Back: p.Status.Returned(), CSV: v.to(payoutPath(p.ID) + "/statement.csv")}
	for _, l := range s.Lines {
		line := lineView{At: l.At, Kind: words.LineKind(l.Kind), Conversion: l.Conversion, Reason: l.Reason, Amount: l.Amount}
		if l.Conversion != "" {
			line.Link, line.Program = v.to(conversionPath(l.Conversion)), v.programName(l.Program)
		}
		body.Lines = append(body.Lines, line)
	}
	for _, to := range movesOf(p.Status) {
		body.Steps = append(body.Steps, ui.Tab{Name: moveName(to), Link: v.to(root+"/payouts/move", "to", string(to), "id", p.ID), Current: to == payout.Paid})
	}
	return v.show(http.StatusOK, "payout", "Payout to "+body.Name, body)
}

// statementCSV sends the statement as a table.
func (v *visit) statementCSV() error {
	p, err := v.payoutByID(idOf(v.r.PathValue("id")))
	if err != nil {
		return err
	}
	s, err := v.eng.Statement(v.ctx, p.ID)
	if err != nil {
		return err
	}
	data, err := s.CSV()
	if err != nil {
		return err
	}
	ui.Secure(v.w.Header())
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="statement-`+s.Cutoff.UTC().Format(time.DateOnly)+`-`+strings.ToUpper(string(s.Currency))+`.csv"`)
	_, _ = v.w.Write(data) // a reader that is gone needs no file
	return nil
}
