// Package stripeadapter connects Stripe to the Engine: payments come in as
// webhooks and become conversions and refunds; coupons, promotion codes, the
// webhook endpoint and Connect accounts are set up at Stripe.
//
// What comes in goes through an Adapter:
//
//   - Handler is the webhook. It verifies, applies and answers, so that Stripe
//     delivers again what could not be stored.
//   - SetAside lists the events that would be refused each time and were therefore
//     answered: Stripe would deliver them for three days and then give up the
//     endpoint. Config.OnResult hears of each. Retry applies one whose cause is gone.
//   - Apply takes the body of an event that the host has verified itself, also in
//     a transaction of the host's, see Within.
//   - Backfill replays what an account has, Reconcile compares it with the ledger.
//   - A Lookup, such as NewLookup, answers what events of newer API versions leave
//     out. Without one a payment counts as far as is known, Result.Missing says
//     what it waits for, and whatever tells it later completes it.
//
// One payment is one conversion, whatever objects, events and API versions (2020
// to today) tell of it, in whatever order and how often. Its id is that of the
// invoice, else of the checkout session, else of the payment intent, else of the
// charge, or the one that the host put into its metadata; its amount is net of tax,
// shipping and discount. A conversion that the host recorded under that id is the
// same one and stands as it is: without such an id it would count twice. Refunds,
// disputes and credit notes are levels: what stands is the same part of the amount as
// was given back of what was charged. No table of events is kept, so an event may be
// replayed after any time. How that works is told by decision record 6.
//
// Who led a customer here comes from a Reference: in metadata of any object, in
// client_reference_id, or by a promotion code. It becomes a click at the time of
// the sale, and so obeys the models, windows and bindings of the program. A payment
// intent without any counts for a customer who was led here before.
//
// What goes out to Stripe, over stripe-go v76 with API version 2023-10-16
// whatever the account's own default is:
//
//   - Provisioner gives the customer rewards of promo codes a coupon and a
//     promotion code each. The host calls Sync on a schedule; attribution never
//     waits for it. What it knows is kept by the Engine, see EngineStates, where
//     events that name a promotion code find it.
//   - SetupWebhook creates or updates the endpoint that the account's events are
//     delivered to.
//   - OAuth connects the Stripe accounts of others to a platform.
//   - Keys puts a Reference (click, referral code, customer, promo code) on what
//     the host sends to Stripe, in every place where it comes back from, and
//     reads it there again.
//
// Every operation may be repeated after any fault: what it made the first time is
// found again. Nothing here starts a goroutine, reads a clock of its own or keeps
// a global; each call to Stripe has a timeout and ends with its context.
//
// Money follows the Engine: amounts are in ISO 4217 minor units. Stripe's differ
// for isk, ugx and mga, and are converted on the way in and on the way out.
//
// Not read are transfers, Stripe's own payouts and changes of accounts: the
// library pays nobody through Stripe.
package stripeadapter
