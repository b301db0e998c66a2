package main

import (
	"context"
	"net/http"
	"net/mail"
	"strconv"
	"strings"

	"github.com/goaffiliate/affiliate"
)

// session is the cookie of a signed-in customer. Its value is the customer's
// unguessable id; a real shop has real sessions.
const session = "shop_customer"

// landing shows the offer. Partners' links lead here with ?cref=<click id>.
func (a *app) landing(w http.ResponseWriter, r *http.Request) {
	a.show(w, r, "landing", map[string]any{"Click": a.aff.Visit(r).Click, "Price": int64(priceUSD), "Customer": a.customer(r)})
}

// signUp makes an account. This is where a visitor becomes a customer: the
// library is told in the same request, by plain function calls.
func (a *app) signUp(w http.ResponseWriter, r *http.Request) {
	address, err := mail.ParseAddress(r.FormValue("email"))
	if err != nil {
		http.Error(w, "Please enter an e-mail address.", http.StatusUnprocessableEntity)
		return
	}
	ctx, customer := r.Context(), a.newID("cus_")
	if err := a.addCustomer(ctx, customer, address.Address); err != nil {
		a.fail(w, r, err)
		return
	}
	if err := a.referred(ctx, customer, r); err != nil {
		a.fail(w, r, err)
		return
	}
	select {
	case a.wake <- struct{}{}: // for sendProofs
	default:
	}
	http.SetCookie(w, &http.Cookie{
		Name: session, Value: customer, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: !insecure(a.base), SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// referred tells the library where a new customer came from: the visitor of the
// cookie or, where cookies are blocked, the click id that the landing page carried
// along. Of the sign-up itself, which pays a bounty, it learns from verify.
func (a *app) referred(ctx context.Context, customer string, r *http.Request) error {
	who := affiliate.Identify{Customer: customer, Visitor: a.aff.Visit(r).Visitor}
	if who.Visitor == "" {
		who.Click = r.FormValue("cref")
	}
	_, err := a.eng.Identify(ctx, who)
	return err
}

// account shows what the customer bought.
func (a *app) account(w http.ResponseWriter, r *http.Request) {
	customer := a.customer(r)
	if customer == "" {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	orders, err := a.orders(r.Context(), "customer = ?", customer)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	email, _, err := a.email(r.Context(), customer)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	verified, err := a.verified(r.Context(), customer)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	a.show(w, r, "account", map[string]any{"Email": email, "Verified": verified, "Orders": orders, "Price": int64(priceUSD), "Code": promoCode})
}

// checkout takes a payment. If the sale can leave the original click, the promo
// code is the source of truth.
func (a *app) checkout(w http.ResponseWriter, r *http.Request) {
	a.charge(w, r, "cs_test_", strings.TrimSpace(r.FormValue("promoCode")))
}

// renew is the next invoice of the subscription: nobody clicks anything, and
// nothing is passed along but the customer.
func (a *app) renew(w http.ResponseWriter, r *http.Request) { a.charge(w, r, "in_", "") }

// charge stores an order of its own and then reports it. Should the report fail,
// it is repeated at the next start.
func (a *app) charge(w http.ResponseWriter, r *http.Request, kind, promo string) {
	customer := a.customer(r)
	if customer == "" {
		http.Error(w, "Please sign up first.", http.StatusForbidden)
		return
	}
	o := order{ID: a.newID(kind), Customer: customer, PromoCode: promo, Cents: priceUSD, PaidAt: a.clock.now()}
	err := a.addOrder(r.Context(), o)
	if err == nil {
		err = a.report(r.Context(), o)
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// refund gives a part of an order back.
func (a *app) refund(w http.ResponseWriter, r *http.Request) {
	cents, err := strconv.ParseInt(r.FormValue("cents"), 10, 64)
	if err != nil || cents <= 0 {
		http.Error(w, "How many cents?", http.StatusUnprocessableEntity)
		return
	}
	id := r.FormValue("order")
	ok, err := a.giveBack(r.Context(), a.customer(r), id, cents)
	if err == nil && !ok {
		http.Error(w, "There is no such order of yours, or less is left of it.", http.StatusUnprocessableEntity)
		return
	}
	if err == nil {
		err = a.post(r.Context(), "/v1/refunds", refunded{
			ExternalRefundID: a.newID("re_"), ExternalConversionID: id, AmountCents: cents, RefundedAt: a.clock.now().Format(timeFormat),
		})
	}
	if err != nil {
		a.fail(w, r, err)
		return
	}
	http.Redirect(w, r, "/account", http.StatusSeeOther)
}

// customer returns the id of the signed-in customer, or nothing.
func (a *app) customer(r *http.Request) string {
	cookie, err := r.Cookie(session)
	if err != nil {
		return ""
	}
	if _, ok, err := a.email(r.Context(), cookie.Value); err != nil || !ok {
		return ""
	}
	return cookie.Value
}

func (a *app) fail(w http.ResponseWriter, r *http.Request, err error) {
	a.log.ErrorContext(r.Context(), "request failed", "path", r.URL.Path, "error", err)
	http.Error(w, "Something went wrong; it has been logged.", http.StatusInternalServerError)
}
