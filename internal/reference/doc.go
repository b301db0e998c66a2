// Package reference is a second, deliberately naive implementation of the money rules.
//
// It exists to be compared with the engine: it reads a scenario file, keeps the list of accepted facts, and computes the
// whole outcome from all of them, from scratch, after every step. It shares no code with the engine, it is slow on
// purpose, and every amount is a big.Rat until the moment it is rounded. What it does follows docs/SEMANTICS.md word by
// word; the comments cite its numbers as "semantics 4.3".
//
// Only one thing is kept between steps: the ledger, because what was put into an issued payout depends on what was known
// at that moment (semantics 7.5). Everything else is a function of the set of facts.
//
// # Choices where the text is silent
//
//   - Window, model, method order and binding mode are those in force at the conversion's time; approval and schedule are
//     judged at the click's time.
//   - A click that a conversion names belongs to that customer and no longer to its visitor's, as with an identify.
//   - A binding set after endsAt, by a touch from before, still pays the firsts of other event types.
//   - Whether money came before a promo code counts every attributed conversion of the scope, whatever the binding mode.
//   - A manual credit may go to a self-referring partner; the binding that it leaves does not pay.
//   - A dispute that is open or lost counts as "at least one refund"; a dispute's facts at one instant are in the byte
//     order of their status.
//   - Refunds at the instant of a conversion count for its tier value.
//   - A reversal is posted when its refund arrives, or when a late fact changes it; "its commission's entry" is any
//     accrual or tier entry of the commission.
//   - A late change of the holdback moves what was posted to the new maturity, in payouts or not.
//   - issued may go to failed or canceled directly.
//   - Facts without an id (edits, suspensions) at one instant apply in the order of arrival.
//   - Overriding needs an approval, and clearing an override, at or before the step's own time.
//
// Generate writes random scenarios whose expectations are filled in by this package.
package reference
