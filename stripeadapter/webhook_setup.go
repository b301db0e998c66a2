package stripeadapter

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/program"
)

// WebhookSetup says where the events of an account should be delivered to.
type WebhookSetup struct {
	API          *client.API // required, see NewAPI
	URL          string      // required: of the handler, as Stripe reaches it
	Organization string      // required: whose endpoint it is; a platform's Connect endpoint has the platform's
	Connect      bool        // the events of connected accounts, rather than the account's own
	Events       []string    // default: WebhookEvents(Connect)

	// Recreate makes a new endpoint in the place of the old one: for a secret
	// that was lost, or an API version, which an endpoint keeps for ever. Until
	// the old one is gone, both deliver.
	Recreate bool
}

// WebhookEndpoint is an endpoint as it stands at Stripe.
type WebhookEndpoint struct {
	ID         string
	Secret     string   // of a new one: Stripe never tells it again, so store it at once
	Created    bool     // rather than found
	APIVersion string   // of its events; empty: the account's default
	Events     []string // that it gets
	Dropped    []string // that this account's API does not know
	Others     []string // endpoints that others made for the same URL: their events come twice, and count once
}

const (
	metaEndpoint = "affiliate_endpoint"

	invoicePaymentPaid = "invoice_payment.paid"
	firstWithPayments  = "2025-03-31" // of the versions that send invoicePaymentPaid
)

// WebhookEvents returns the types of events that an Adapter reads, for an account's
// own endpoint or for one of connected accounts. It also reads
// invoice.payment_succeeded, of endpoints that were set up by hand: invoice.paid
// says the same, and more.
func WebhookEvents(connect bool) []string {
	events := []string{
		"charge.captured", "charge.dispute.closed", "charge.dispute.created", "charge.dispute.funds_reinstated",
		"charge.dispute.funds_withdrawn", "charge.dispute.updated", "charge.refund.updated", "charge.refunded",
		"charge.succeeded", "checkout.session.async_payment_failed", "checkout.session.async_payment_succeeded",
		"checkout.session.completed", "credit_note.created", "credit_note.updated", "credit_note.voided",
		"customer.created", "customer.subscription.created", "customer.subscription.deleted",
		"customer.subscription.trial_will_end", "customer.subscription.updated", "customer.updated", "invoice.paid",
		invoicePaymentPaid, "payment_intent.succeeded", "promotion_code.created", "promotion_code.updated",
		"refund.created", "refund.failed", "refund.updated",
	}
	if connect {
		events = append(events, "account.application.deauthorized")
	}
	slices.Sort(events)
	return events
}

// isYoung reports whether an event is one that older versions of the API do not
// know, and whose content also comes in others.
func isYoung(event string) bool {
	return event == invoicePaymentPaid || event == "refund.created" || event == "refund.failed" || event == "refund.updated"
}

// SetupWebhook makes sure that the account has an endpoint of ours at the URL, with
// the right events and switched on. An endpoint that others made there is left
// alone. Doing it again changes nothing; of two at once, one returns the secret. A
// call that was cut off may have left an endpoint whose secret nobody has: then
// Created is false the next time, and Recreate makes a new one.
//
// With Recreate an error may come together with a new endpoint: the old one could
// not be deleted.
func SetupWebhook(ctx context.Context, s WebhookSetup) (WebhookEndpoint, error) {
	if err := s.check(); err != nil {
		return WebhookEndpoint{}, err
	}
	if len(s.Events) == 0 {
		s.Events = WebhookEvents(s.Connect)
	}
	ours, others, err := s.list(ctx)
	if err != nil {
		return WebhookEndpoint{}, err
	}
	if len(ours) == 0 || s.Recreate {
		return s.replace(ctx, ours, others)
	}
	var first WebhookEndpoint
	for i, have := range ours { // more than one: a fault, or two at once
		result, err := s.update(ctx, have)
		if err != nil {
			return WebhookEndpoint{}, err
		}
		if i == 0 {
			first = result
		}
	}
	first.Others = others
	return first, nil
}

func (s *WebhookSetup) check() error {
	var list problem.List
	if s.API == nil || s.API.WebhookEndpoints == nil {
		list.Add("api", "must be a client, see NewAPI")
	}
	if u, err := url.Parse(s.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		list.Add("url", "must be an absolute http or https address")
	}
	if !program.ValidID(s.Organization) {
		list.Add("organization", "must be 1 to 255 bytes without control characters")
	}
	if err := list.Err(affiliate.ErrInvalidInput); err != nil {
		return fmt.Errorf("stripeadapter: setup webhook: %w", err)
	}
	return nil
}

func (s *WebhookSetup) kind() string {
	if s.Connect {
		return "connect"
	}
	return "account"
}

// list returns our endpoints at the URL, the oldest first, and the ids of those
// that others made.
func (s *WebhookSetup) list(ctx context.Context) (ours []*stripe.WebhookEndpoint, others []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	list := s.API.WebhookEndpoints.List(&stripe.WebhookEndpointListParams{ListParams: pageParams(ctx, "")})
	for list.Next() {
		switch e := list.WebhookEndpoint(); {
		case e.URL != s.URL:
		case e.Metadata[metaOrganization] == "":
			others = append(others, e.ID)
		case e.Metadata[metaOrganization] == s.Organization && e.Metadata[metaEndpoint] == s.kind():
			ours = append(ours, e)
		}
	}
	slices.SortFunc(ours, older)
	return ours, others, callError("list webhook endpoints", list.Err())
}

func older(a, b *stripe.WebhookEndpoint) int {
	return cmp.Or(cmp.Compare(a.Created, b.Created), strings.Compare(a.ID, b.ID))
}

// update brings an endpoint's events up to date, and switches it on.
func (s *WebhookSetup) update(ctx context.Context, have *stripe.WebhookEndpoint) (WebhookEndpoint, error) {
	events := s.eventsFor(have.APIVersion)
	enabled := slices.Sorted(slices.Values(have.EnabledEvents))
	if have.Status != "disabled" && slices.Equal(enabled, events) {
		return s.result(have, events), nil
	}
	now, events, err := withoutUnknown(events, func(events []string) (*stripe.WebhookEndpoint, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		params := stripe.WebhookEndpointParams{Params: callParams(ctx, ""), EnabledEvents: stripe.StringSlice(events)}
		if have.Status == "disabled" {
			params.Disabled = stripe.Bool(false)
		}
		return s.API.WebhookEndpoints.Update(have.ID, &params)
	})
	if err != nil {
		return WebhookEndpoint{}, callError("update webhook endpoint", err)
	}
	return s.result(now, events), nil
}

// replace creates an endpoint and then deletes the old ones.
func (s *WebhookSetup) replace(ctx context.Context, old []*stripe.WebhookEndpoint, others []string) (WebhookEndpoint, error) {
	made, events, err := withoutUnknown(s.eventsFor(stripe.APIVersion), func(events []string) (*stripe.WebhookEndpoint, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		params := stripe.WebhookEndpointParams{
			Params: callParams(ctx, ""), URL: &s.URL, EnabledEvents: stripe.StringSlice(events),
			APIVersion: stripe.String(stripe.APIVersion), Description: stripe.String("Affiliate attribution"),
		}
		if s.Connect {
			params.Connect = stripe.Bool(true)
		}
		params.AddMetadata(metaOrganization, s.Organization)
		params.AddMetadata(metaEndpoint, s.kind())
		return s.API.WebhookEndpoints.New(&params)
	})
	if err != nil {
		return WebhookEndpoint{}, callError("create webhook endpoint", err)
	}
	result := s.result(made, events)
	result.Created, result.Secret, result.Others = true, made.Secret, others
	if s.Recreate {
		for _, e := range old {
			if err := s.remove(ctx, e.ID); err != nil {
				return result, err
			}
		}
		return result, nil
	}
	return s.yield(ctx, made, result)
}

// yield gives way to an older endpoint that somebody made at the same time. If that
// cannot be found out the new one stays: its secret is known.
func (s *WebhookSetup) yield(ctx context.Context, made *stripe.WebhookEndpoint, result WebhookEndpoint) (WebhookEndpoint, error) {
	ours, _, err := s.list(ctx)
	if err != nil || len(ours) == 0 || older(ours[0], made) >= 0 {
		return result, nil
	}
	if err := s.remove(ctx, made.ID); err != nil {
		return result, err
	}
	first := s.result(ours[0], slices.Sorted(slices.Values(ours[0].EnabledEvents)))
	first.Others = result.Others
	return first, nil
}

func (s *WebhookSetup) remove(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := s.API.WebhookEndpoints.Del(id, &stripe.WebhookEndpointParams{Params: callParams(ctx, "")}); err != nil && !isMissing(err) {
		return callError("delete webhook endpoint "+id, err)
	}
	return nil
}

// eventsFor returns the events for an endpoint of an API version.
func (s *WebhookSetup) eventsFor(version string) []string {
	events := slices.Sorted(slices.Values(s.Events))
	if version != "" && version < firstWithPayments {
		events = slices.DeleteFunc(events, func(e string) bool { return e == invoicePaymentPaid })
	}
	return slices.Compact(events)
}

func (s *WebhookSetup) result(e *stripe.WebhookEndpoint, events []string) WebhookEndpoint {
	result := WebhookEndpoint{ID: e.ID, APIVersion: e.APIVersion, Events: events}
	for _, event := range s.eventsFor(e.APIVersion) {
		if !slices.Contains(events, event) {
			result.Dropped = append(result.Dropped, event)
		}
	}
	return result
}

// withoutUnknown makes a call with these events, and again without the young ones
// that Stripe refuses.
func withoutUnknown(events []string, call func([]string) (*stripe.WebhookEndpoint, error)) (*stripe.WebhookEndpoint, []string, error) {
	for {
		e, err := call(events)
		rest := slices.DeleteFunc(slices.Clone(events), unknownTo(err, events))
		if err == nil || len(rest) == len(events) {
			return e, events, err
		}
		events = rest
	}
}

var eventIndex = regexp.MustCompile(`^enabled_events\[(\d+)\]$`)

// unknownTo tells which events an answer refuses: the young one that it points at,
// or all young ones if it points at none.
func unknownTo(err error, events []string) func(string) bool {
	answer, _ := answerTo(err)
	if !isRefused(err) || !strings.Contains(answer.Param+answer.Msg, "enabled_events") {
		return func(string) bool { return false }
	}
	if match := eventIndex.FindStringSubmatch(answer.Param); match != nil {
		i, err := strconv.Atoi(match[1])
		return func(event string) bool { return err == nil && i < len(events) && event == events[i] && isYoung(event) }
	}
	return isYoung
}
