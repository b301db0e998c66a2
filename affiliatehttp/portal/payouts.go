package portal

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
)

// payouts are the partner's, latest first.
func (v *visit) payouts() ([]payoutView, error) {
	stored, err := v.eng.Payouts(v.ctx, v.me.ID)
	if err != nil {
		return nil, err
	}
	list := make([]payoutView, len(stored))
	for i, p := range stored {
		list[i] = payoutOf(p)
	}
	slices.SortStableFunc(list, func(a, b payoutView) int {
		return cmp.Or(b.Cutoff.Compare(a.Cutoff), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

func payoutOf(p affiliate.Payout) payoutView {
	view := payoutView{
		ID: p.ID, Amount: p.Amount, Currency: p.Currency, State: string(p.Status), Cutoff: p.Cutoff, IssuedAt: p.IssuedAt,
		Moves: []moveView{},
	}
	for _, m := range p.Moves {
		view.Moves = append(view.Moves, moveView{string(m.Status), m.At})
	}
	return view
}

// payout returns one of the partner's own. The list is searched rather than the
// store: what is not the partner's is never read.
func (v *visit) payout(id string) (payoutView, error) {
	list, err := v.payouts()
	if err != nil {
		return payoutView{}, err
	}
	i := slices.IndexFunc(list, func(p payoutView) bool { return p.ID == id })
	if i < 0 {
		return payoutView{}, ui.Missing()
	}
	return list[i], nil
}

// statement returns the account of a payout without what is the owner's.
func (v *visit) statement(id string) (payoutView, statementView, error) {
	p, err := v.payout(id)
	if err != nil {
		return p, statementView{}, err
	}
	s, err := v.eng.Statement(v.ctx, p.ID)
	if err != nil {
		return p, statementView{}, err
	}
	view := statementView{
		Payout: s.Payout, Currency: s.Currency, Cutoff: s.Cutoff, IssuedAt: s.IssuedAt,
		Opening: s.Opening, Posted: s.Posted, Amount: s.Amount, Closing: s.Closing, Lines: []lineView{},
	}
	for _, l := range s.Lines {
		view.Lines = append(view.Lines, v.line(l))
	}
	return p, view, nil
}

func (v *visit) line(l payout.Line) lineView {
	view := lineView{At: l.At, PayableAt: l.MaturesAt, Kind: words.LineKind(l.Kind), Reason: l.Reason, Amount: l.Amount}
	if l.Conversion != "" {
		view.Conversion = v.ref("conversion", l.Conversion)
	}
	if l.Program != "" {
		view.Title = v.title(l.Program)
	}
	return view
}

// payoutsBody is the page of payouts.
type payoutsBody struct {
	Overview overviewView
	Payouts  ui.List[payoutView]
	Next     string
}

func (v *visit) payoutsPage() error {
	list, err := v.payouts()
	if err != nil {
		return err
	}
	var body payoutsBody
	if body.Overview, err = v.overview(); err != nil {
		return err
	}
	if body.Payouts, err = ui.PageOf(v.r, list, func(p payoutView) string { return p.ID }); err != nil {
		return err
	}
	body.Next = v.kit.Next(v.r, body.Payouts.NextAfter)
	return v.show(http.StatusOK, "payouts", "Payouts", body)
}

// payoutBody is the page of one payout, which can be printed.
type payoutBody struct {
	Payout    payoutView
	Statement statementView
	Name      string
}

func (v *visit) payoutPage() error {
	p, s, err := v.statement(v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "payout", "Statement of "+v.date(p.Cutoff), payoutBody{p, s, v.name()})
}

// statementCSV sends the statement as a table. Its numbers add up as the page's
// do: the lines to the payout, the totals to the closing balance.
func (v *visit) statementCSV() error {
	_, s, err := v.statement(v.r.PathValue("id"))
	if err != nil {
		return err
	}
	const stamp = "2006-01-02T15:04:05Z07:00"
	code := strings.ToUpper(string(s.Currency))
	total := func(kind string, amount int64) []string {
		return []string{kind, "", "", "", "", "", ui.Plain(amount, s.Currency), code}
	}
	rows := [][]string{{"kind", "date", "payable", "program", "conversion", "reason", "amount", "currency"}, total("Opening balance", s.Opening)}
	for _, l := range s.Lines {
		ref := ""
		if l.Conversion != "" {
			ref = ui.Short(l.Conversion)
		}
		rows = append(rows, []string{
			ui.Cell(l.Kind), l.At.UTC().Format(stamp), l.PayableAt.UTC().Format(stamp), ui.Cell(l.Title), ref, ui.Cell(l.Reason),
			ui.Plain(l.Amount, s.Currency), code,
		})
	}
	back, err := money.Neg(s.Amount)
	if err != nil {
		return err
	}
	rows = append(rows, total("Posted since the last payout", s.Posted), total("Payout", back), total("Closing balance", s.Closing))
	data, err := ui.CSV(rows)
	if err != nil {
		return err
	}
	ui.Secure(v.w.Header())
	v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="statement-`+s.Cutoff.UTC().Format("2006-01-02")+`-`+code+`.csv"`)
	_, _ = v.w.Write(data) // a reader that is gone needs no file
	return nil
}

func (v *visit) payoutsAnswer() (any, error) {
	list, err := v.payouts()
	if err != nil {
		return nil, err
	}
	return ui.PageOf(v.r, list, func(p payoutView) string { return p.ID })
}

func (v *visit) payoutAnswer() (any, error) { return v.payout(v.r.PathValue("id")) }

func (v *visit) statementAnswer() (any, error) {
	_, s, err := v.statement(v.r.PathValue("id"))
	return s, err
}
