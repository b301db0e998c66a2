package main

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/payout"
)

// partnerPage is what the owner sees of a partner.
type partnerPage struct {
	ID, Name    string
	Link        string
	Codes       []string
	Clicks      int64
	Conversions int
	Balances    []affiliate.Balance
	Commissions []affiliate.Commission
	Payouts     []affiliate.Payout
	NextPayout  time.Time
}

// partner shows one partner to the owner: clicks, conversions, balances, payouts.
// What partners see themselves is the portal.
func (a *app) partner(w http.ResponseWriter, r *http.Request) {
	page, err := a.partnerPage(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, affiliate.ErrNotFound):
		http.NotFound(w, r)
	case err != nil:
		a.fail(w, r, err)
	default:
		a.show(w, r, "partner", page)
	}
}

func (a *app) partnerPage(ctx context.Context, id string) (p partnerPage, err error) {
	setup, err := a.eng.Configuration(ctx)
	if err != nil {
		return p, err
	}
	who, ok := setup.Partner(id)
	if !ok {
		return p, affiliate.ErrNotFound
	}
	p = partnerPage{ID: id, Name: who.Name, Link: a.base + "/r/" + id}
	for _, code := range setup.CodesOf(id) {
		if code.ActiveAt(a.clock.now()) {
			p.Codes = append(p.Codes, code.Code)
		}
	}
	if p.Balances, err = a.eng.Balances(ctx, id, time.Time{}); err != nil {
		return p, err
	}
	commissions, err := a.eng.Commissions(ctx, id, "", 100)
	if err != nil {
		return p, err
	}
	p.Commissions = commissions.Commissions
	seen := map[string]bool{}
	for _, c := range p.Commissions {
		seen[c.Conversion] = true
	}
	p.Conversions = len(seen)
	counts, err := a.eng.ClickCounts(ctx, id)
	if err != nil {
		return p, err
	}
	for _, c := range counts {
		p.Clicks += c.Clicks
	}
	if p.Payouts, err = a.eng.Payouts(ctx, id); err != nil {
		return p, err
	}
	p.NextPayout, err = a.eng.NextPayout(ctx, id)
	return p, err
}

// ownerPage shows all partners and what can be done about their money.
func (a *app) ownerPage(w http.ResponseWriter, r *http.Request) {
	setup, err := a.eng.Configuration(r.Context())
	if err != nil {
		a.fail(w, r, err)
		return
	}
	var partners []partnerPage
	for _, who := range setup.Partners() {
		p, err := a.partnerPage(r.Context(), who.ID)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		partners = append(partners, p)
	}
	a.show(w, r, "owner", map[string]any{"Partners": partners, "Lost": a.aff.LostClicks()})
}

// runPayouts issues what is due. A real host calls this on a schedule; however
// often it runs, a partner gets one payout per currency and cut-off.
func (a *app) runPayouts(w http.ResponseWriter, r *http.Request) {
	if _, err := a.eng.RunPayouts(r.Context(), affiliate.PayoutRun{}); err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/owner", http.StatusSeeOther)
}

// markPaid notes that the money was sent.
func (a *app) markPaid(w http.ResponseWriter, r *http.Request) {
	_, err := a.eng.MovePayout(r.Context(), r.PathValue("id"), payout.Paid, time.Time{})
	switch {
	case errors.Is(err, affiliate.ErrNotFound):
		http.NotFound(w, r)
	case errors.Is(err, affiliate.ErrInvalidTransition):
		http.Error(w, "This payout cannot be paid any more.", http.StatusConflict)
	case err != nil:
		a.fail(w, r, err)
	default:
		http.Redirect(w, r, "/owner", http.StatusSeeOther)
	}
}

// skipTime winds the example's clock forward.
func (a *app) skipTime(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.FormValue("days"))
	if err != nil || days < 1 || days > 366 {
		http.Error(w, "How many days, 1 to 366?", http.StatusUnprocessableEntity)
		return
	}
	if err := a.saveOffset(r.Context(), a.clock.skip(time.Duration(days)*24*time.Hour)); err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/owner", http.StatusSeeOther)
}

// conversion says why a conversion pays what it pays.
func (a *app) conversion(w http.ResponseWriter, r *http.Request) {
	x, err := a.eng.Explain(r.Context(), r.PathValue("id"))
	switch {
	case errors.Is(err, affiliate.ErrNotFound):
		http.NotFound(w, r)
	case err != nil:
		a.fail(w, r, err)
	default:
		a.show(w, r, "conversion", map[string]any{"X": x, "Why": why(x)})
	}
}
