// Package stripetest holds what the Stripe adapter must do as cases that run on any
// store: sequences of events, and what each partner has earned after them, whatever
// the order of delivery and however often.
//
// Only tests import it.
package stripetest
