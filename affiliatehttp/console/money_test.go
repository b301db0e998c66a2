package console_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func (w *world) payouts() []affiliate.Payout {
	w.Helper()
	list, err := w.eng.Payouts(w.ctx(), "")
	w.must(err)
	return list
}

// A run is what was shown, and the same form sent many times at once is one run.
func TestRunOnce(t *testing.T) {
	w, owner := busy(t)
	before := len(w.payouts())
	page := owner.ok("/admin/payouts/run")
	require.Len(t, w.payouts(), before, "looking issues nothing")
	shown := regexp.MustCompile(`Issue (\d+) payouts`).FindStringSubmatch(page)
	require.NotNil(t, shown)
	fields := formOf(page)
	token := owner.token()
	fields.Set("csrf", token)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { owner.post("/admin/payouts/run", fields) })
	}
	all.Wait()
	require.Equal(t, shown[1], fmt.Sprint(len(w.payouts())-before))
	again := owner.post("/admin/payouts/run", fields)
	require.Equal(t, "/admin/payouts", again.Header().Get("Location"))
	require.Contains(t, owner.sent(again), "Nothing is left to issue")
	require.Contains(t, owner.ok("/admin/payouts/run"), "Nothing is due")
}

// What is due may change between looking and sending: then nothing is issued.
func TestRunThatChanged(t *testing.T) {
	w, owner := busy(t)
	opened := owner.ok("/admin/payouts/run")
	list, err := w.eng.Commissions(w.ctx(), "bob", "", 500)
	w.must(err)
	for _, c := range list.Commissions {
		if c.Status == commission.StatusPayable && c.PayableAt.Before(today.AddDate(0, 0, -5)) {
			_, err := w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: "late", Conversion: c.Conversion, All: true})
			w.must(err)
			break
		}
	}
	before := len(w.payouts())
	rec := owner.submit(opened, "/admin/payouts/run")
	require.Equal(t, http.StatusConflict, rec.Code)
	require.Contains(t, rec.Body.String(), "has changed since you looked")
	require.Len(t, w.payouts(), before)
	require.Contains(t, owner.sent(owner.submit(rec.Body.String(), "/admin/payouts/run")), "are issued")
	for _, at := range []string{"", "soon", today.AddDate(1, 0, 0).Format(time.RFC3339Nano)} {
		require.Equal(t, http.StatusUnprocessableEntity, owner.post("/admin/payouts/run", url.Values{"at": {at}}).Code, "no run of another time")
	}
}

func TestSettlePayouts(t *testing.T) {
	w, owner := busy(t)
	var open []string
	for _, p := range w.payouts() {
		if p.Status.Open() {
			open = append(open, p.ID)
		}
	}
	require.Len(t, open, 3)
	q := url.Values{"to": {"paid"}, "id": open[:2]}
	page := owner.ok("/admin/payouts/move?" + q.Encode())
	require.Contains(t, page, "2 payouts, ")
	for range 2 { // the second time nothing moves
		require.Contains(t, owner.sent(owner.submit(page, "/admin/payouts/move")), "are updated")
	}
	for _, p := range w.payouts() {
		if p.ID == open[0] || p.ID == open[1] {
			require.Equal(t, payout.Paid, p.Status)
			require.Len(t, p.Moves, 1)
		}
	}
	before := w.dump()
	rec := owner.post("/admin/payouts/move", url.Values{"to": {"failed"}, "id": open})
	require.Equal(t, http.StatusConflict, rec.Code)
	require.Equal(t, before, w.dump(), "one that cannot move keeps all")
	require.Equal(t, http.StatusNotFound, owner.get("/admin/payouts/move?to=lost&id="+open[2]).Code)
	require.Contains(t, owner.ok("/admin/payouts/"+open[2]), "Mark as failed")
	require.Contains(t, owner.sent(owner.fill("/admin/payouts/move?to=failed&id="+open[2])), "are updated")
	require.Contains(t, owner.ok("/admin/payouts/"+open[2]), "went back to the balance")
	require.NotContains(t, owner.ok("/admin/payouts/"+open[2]), "Mark as")
}

// The page adds up: what the ledger holds is what the commission stands at.
func TestEveryCent(t *testing.T) {
	w, owner := busy(t)
	seen := map[commission.Status]bool{}
	for _, partner := range []string{"ada", "bob"} {
		page, err := w.eng.Commissions(w.ctx(), partner, "", 500)
		w.must(err)
		for _, c := range page.Commissions {
			if seen[c.Status] && c.Amount == c.Amount/100*100 {
				continue
			}
			seen[c.Status] = true
			x, err := w.eng.Explain(w.ctx(), c.Conversion)
			w.must(err)
			body := owner.ok("/admin/conversions/" + c.Conversion)
			for _, e := range x.Commissions {
				sum := int64(0)
				for _, p := range e.Posted {
					sum += p.Amount
					require.Contains(t, body, ui.Money(p.Amount, e.Currency))
				}
				require.Equal(t, e.Amount, sum, c.Conversion)
				require.Contains(t, body, "Total "+ui.Money(e.Amount, e.Currency))
			}
			require.Contains(t, body, ui.Words(string(c.Status)))
		}
	}
	require.GreaterOrEqual(t, len(seen), 5, seen)
}

// What earned nothing is explained, too.
func TestWhyNothing(t *testing.T) {
	w, owner := busy(t)
	for id, says := range map[string]string{
		w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: "x1", Amount: 100, PromoCode: "NOPE"}):                      "there is no such code (NOPE)",
		w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: "x2", Amount: 100}):                                         "no click and no code leads to a partner",
		w.convert(attribution.InvoicePaid, affiliate.Conversion{Customer: "x3", Amount: 100, PromoCode: "OLD-ADA", Program: "cloud"}): "the code was not active then",
		w.convert("downloaded", affiliate.Conversion{Customer: "x4", Partner: "ada", Program: "cloud"}):                               "another type of event",
	} {
		body := owner.ok("/admin/conversions/" + id)
		require.Contains(t, body, "Nobody is paid", id)
		require.Contains(t, body, says, id)
	}
	require.Contains(t, owner.ok("/admin/conversions?state=unattributed"), "no click and no code leads to a partner")
	rec := owner.get("/admin/conversions?q=" + w.convert(attribution.Signup, affiliate.Conversion{Customer: "x5"}))
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Contains(t, owner.ok("/admin/conversions?q=nope"), "There is no conversion “nope”")
}

func (w *world) status(conversion, rule string) commission.Status {
	w.Helper()
	r, err := w.eng.Conversion(w.ctx(), conversion)
	w.must(err)
	for _, c := range r.Commissions {
		if c.Rule == rule {
			return c.Status
		}
	}
	return ""
}

func TestReviews(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	_, conv := w.sale("bob", "cloud", 4900)
	address := func(do string) string {
		return "/admin/conversions/" + conv + "/review?" + url.Values{"do": {do}, "partner": {"bob"}, "program": {"cloud"}, "rule": {"share"}}.Encode()
	}
	require.Equal(t, http.StatusUnprocessableEntity, owner.fill(address("hold")).Code, "a reason is asked for")
	opened := owner.ok(address("reject"))
	require.Contains(t, owner.sent(owner.fill(address("hold"), "reason", "odd")), "under review")
	require.Equal(t, commission.StatusUnderReview, w.status(conv, "share"))
	rec := owner.submit(opened, address("reject"), "reason", "fraud")
	require.Equal(t, http.StatusConflict, rec.Code, "it has moved on since the form was opened")
	require.Equal(t, commission.StatusUnderReview, w.status(conv, "share"))
	w.clock.Advance(time.Second)
	require.Contains(t, owner.sent(owner.fill(address("release"))), "is released")
	require.Equal(t, commission.StatusPending, w.status(conv, "share"))
	w.clock.Advance(time.Second)
	page := owner.ok(address("reject"))
	owner.sent(owner.submit(page, address("reject"), "reason", "fraud"))
	before := w.dump()
	w.clock.Advance(time.Second)
	owner.sent(owner.submit(page, address("reject"), "reason", "fraud"))
	require.Equal(t, before, w.dump(), "sent twice, it is rejected once")
	require.Equal(t, commission.StatusRejected, w.status(conv, "share"))
	require.Contains(t, owner.sent(owner.get(address("hold"))), "nothing was changed")
	require.Equal(t, http.StatusConflict, owner.post("/admin/conversions/"+conv+"/review", url.Values{"do": {"hold"}, "partner": {"bob"}, "program": {"cloud"}, "rule": {"share"}}).Code)
	for _, change := range [][2]string{{"partner", "ada"}, {"rule", "x"}, {"do", "pay"}} {
		fields := url.Values{"do": {"reject"}, "partner": {"bob"}, "program": {"cloud"}, "rule": {"share"}}
		fields.Set(change[0], change[1])
		require.Equal(t, http.StatusNotFound, owner.post("/admin/conversions/"+conv+"/review", fields).Code)
	}
}

// With many partners pages say what they leave out.
func TestManyPartners(t *testing.T) {
	w := newWorld(t)
	for i := range 120 {
		w.must(errOf(w.eng.CreatePartner(w.ctx(), fmt.Sprintf("p%03d", i), program.Profile{}, time.Time{})))
	}
	owner := w.owner()
	w.sale("bob", "cloud", 4900)
	require.Contains(t, owner.ok("/admin"), "Revenue")
	require.Contains(t, owner.ok("/admin/conversions"), "Bob’s Reviews")
	require.Contains(t, owner.ok("/admin/conversions?partner=ada"), "Commissions of Ada Lovelace")
	page := owner.ok("/admin/partners")
	next := regexp.MustCompile(`href="(/admin/partners\?after=[^"]+)"`).FindStringSubmatch(page)
	require.NotNil(t, next)
	require.NotContains(t, owner.ok(strings.ReplaceAll(next[1], "&amp;", "&")), `/admin/partners/p119"`)
	require.Equal(t, http.StatusUnprocessableEntity, owner.get("/admin/partners?after=nope").Code)
}

func TestStripe(t *testing.T) {
	w := newWorld(t)
	status, failure := console.StripeStatus{Connected: true, Account: "acct_1", LastEvent: "invoice.paid", LastEventAt: today, DisconnectURL: "/stripe/disconnect"}, error(nil)
	owner := reader{t, "owner", w.console(func(c *console.Config) {
		c.Stripe = func(context.Context) (console.StripeStatus, error) { return status, failure }
	})}
	page := owner.ok("/admin/stripe")
	require.Contains(t, page, "acct_1")
	require.Contains(t, page, "13 Mar 2026, 12:00 (invoice.paid)")
	require.Contains(t, page, `href="/stripe/disconnect"`)
	failure = errors.New("secret of the driver")
	page = owner.ok("/admin/stripe")
	require.Contains(t, page, "could not be read")
	require.NotContains(t, page, "secret")
}

// broken fails every read of payouts, and of one.
type broken struct{ storage.Store }

func (broken) Payouts(context.Context, string, string) ([]payout.Payout, error) {
	return nil, fmt.Errorf("%w: secret of the driver", storage.ErrUnavailable)
}

func (broken) Payout(context.Context, string, string) (payout.Payout, bool, error) {
	return payout.Payout{}, false, fmt.Errorf("%w: secret of the driver", storage.ErrUnavailable)
}

func TestFailingStore(t *testing.T) {
	w := newWorld(t, broken{memory.New()})
	owner := w.owner()
	for _, target := range []string{"/admin", "/admin/payouts", "/admin/payouts/x", "/admin/partners/ada"} {
		rec := owner.get(target)
		require.Equal(t, http.StatusServiceUnavailable, rec.Code, target)
		require.Equal(t, "5", rec.Header().Get("Retry-After"))
		require.NotContains(t, rec.Body.String(), "secret")
		require.Contains(t, rec.Body.String(), "We will be right back")
	}
}
