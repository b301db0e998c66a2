package site

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"github.com/goaffiliate/affiliate/examples/auth"
)

// story acts out a demo as a browser, a backend and Stripe. After the first error
// it does nothing more.
type story struct {
	*Site
	out     io.Writer
	outbox  *auth.Outbox
	browser *http.Client
	err     error
}

// play: ada is paid a fifth of a sale that the backend tells of, and of an invoice
// that Stripe tells of, 49.00 each.
func (s *story) play(ctx context.Context) {
	jar, err := cookiejar.New(nil)
	s.err = err
	s.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

	to := s.call(ctx, "GET", s.Prefix+"/r/ada", "", 302)
	target, err := url.Parse(to)
	if err != nil || target.Query().Get("cref") == "" {
		s.fail("the link leads to %q", to)
		return
	}
	s.shows(s.call(ctx, "GET", target.RequestURI(), "", 200), "A partner sent you: ada")
	s.shows(s.call(ctx, "GET", s.Prefix+"/affiliate.js", "", 200), "client_reference_id")

	sale := `{"externalCustomerId":"cus_1","externalConversionId":"in_1","clickId":"` + target.Query().Get("cref") + `","amountCents":4900,"currency":"usd"}`
	s.call(ctx, "POST", s.Prefix+"/v1/conversions", sale, 401)
	key := []string{"Authorization", "Bearer " + s.APIKey}
	s.shows(s.call(ctx, "POST", s.Prefix+"/v1/conversions", sale, 201, key...), `"partnerId":"ada"`, `"amount":980`)
	s.shows(s.call(ctx, "POST", s.Prefix+"/v1/conversions", sale, 200, key...), `"duplicate":true`)
	s.call(ctx, "GET", s.Prefix+"/v1/partners", "", 403, key...) // the key has no scope for it

	event := s.invoice()
	s.call(ctx, "POST", s.Prefix+"/stripe/webhook", event, 400)
	signed := webhook.GenerateTestSignedPayload(&webhook.UnsignedPayload{Payload: []byte(event), Secret: s.Secret, Timestamp: time.Now()})
	s.call(ctx, "POST", s.Prefix+"/stripe/webhook", event, 200, "Stripe-Signature", signed.Header)

	s.signIn(ctx)
	s.shows(s.call(ctx, "GET", s.Prefix+"/portal", "", 200), "Ada", "19.60")
	s.balance(ctx, 1960)
}

// invoice is an event of Stripe's that names ada's code.
func (s *story) invoice() string {
	now := time.Now().Unix()
	return fmt.Sprintf(`{"id":"evt_1","object":"event","api_version":"2023-10-16","created":%[1]d,"livemode":false,"type":"invoice.paid","data":{"object":{
		"id":"in_stripe_1","object":"invoice","customer":"cus_stripe_1","subscription":"sub_1","billing_reason":"subscription_create","livemode":false,
		"status":"paid","paid":true,"currency":"usd","amount_paid":4900,"amount_due":4900,"subtotal":4900,"total":4900,"total_excluding_tax":4900,
		"created":%[1]d,"status_transitions":{"paid_at":%[1]d},"metadata":{},"subscription_details":{"metadata":{"affiliate_ref":"ada"}},
		"lines":{"object":"list","has_more":false,"data":[]}}}}`, now)
}

// signIn asks for a link, and presses the button on the page that it leads to.
func (s *story) signIn(ctx context.Context) {
	next := s.call(ctx, "GET", s.Prefix+"/portal", "", 303)
	s.shows(s.post(ctx, next, s.Prefix+"/signin", "email=ada%40example.com", 200), "a link is on its way")
	if s.err == nil {
		s.err = s.Auth.SendLinks(ctx)
	}
	mails := s.outbox.Sent()
	if s.err != nil || len(mails) != 1 {
		s.fail("%d mails", len(mails))
		return
	}
	_, rest, _ := strings.Cut(mails[0].Text, s.Base)
	link, _, _ := strings.Cut(rest, "\n")
	_, token, _ := strings.Cut(link, "?")
	if to := s.post(ctx, link, s.Prefix+"/signin/confirm", token, 303); to != s.Prefix+"/portal" {
		s.fail("signed in, and sent to %q", to)
	}
}

var formToken = regexp.MustCompile(`name="csrf" type="hidden" value="([\w-]{43})"`)

// post looks at a page and posts the form on it, with its token.
func (s *story) post(ctx context.Context, page, path, body string, status int) string {
	token := formToken.FindStringSubmatch(s.call(ctx, "GET", page, "", 200))
	if token == nil {
		s.fail("%s has a form without a token", page)
		return ""
	}
	return s.call(ctx, "POST", path, "csrf="+token[1]+"&"+body, status)
}

func (s *story) balance(ctx context.Context, want int64) {
	if s.err != nil {
		return
	}
	balances, err := s.Engine.Balances(ctx, "ada", time.Time{})
	if err != nil || len(balances) != 1 || balances[0].Pending != want {
		s.fail("ada has %+v, expected %d pending: %w", balances, want, err)
		return
	}
	s.print("\nada has earned 19.60 USD, as worked out by hand.\n")
}

// call sends a request and returns the body of the answer or, for a redirect, where
// it leads.
func (s *story) call(ctx context.Context, method, path, body string, status int, headers ...string) string {
	if s.err != nil {
		return ""
	}
	request, err := http.NewRequestWithContext(ctx, method, s.Base+path, strings.NewReader(body))
	if s.err = err; err != nil {
		return ""
	}
	request.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(body, "{") {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := s.browser.Do(request)
	if s.err = err; err != nil {
		return ""
	}
	text, err := io.ReadAll(response.Body)
	s.err = errors.Join(err, response.Body.Close())
	if response.StatusCode != status {
		s.fail("%s %s: %s %s, expected %d", method, path, response.Status, text, status)
	}
	short, _, _ := strings.Cut(path, "?")
	s.print("  %-4s %-28s %d\n", method, short, response.StatusCode)
	if to := response.Header.Get("Location"); to != "" {
		return to
	}
	return string(text)
}

func (s *story) shows(text string, words ...string) {
	for _, word := range words {
		if !strings.Contains(text, word) {
			s.fail("no %q in %s", word, text)
		}
	}
}

func (s *story) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf(format, args...)
	}
}

func (s *story) print(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.out, format, args...)
	}
}
