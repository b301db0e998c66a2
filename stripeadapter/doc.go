// Package stripeadapter connects Stripe to the Engine: payments come in as
// webhooks and become conversions and refunds; coupons, promotion codes, the
// webhook endpoint and Connect accounts are set up at Stripe.
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
// Money follows the Engine: rewards are in ISO 4217 minor units and are turned
// into Stripe's, which differ for some currencies, on the way out.
package stripeadapter
