// Package payload reads the objects of Stripe's webhooks into the few facts that
// attribution and money need. It is pure: bytes in, structs out.
//
// Stripe renders an event in the version of the endpoint that it is sent to, so
// the same invoice comes in several shapes. Four are read, from 2020-08-27 on:
// A up to 2025-02-24.acacia, B basil (2025-03-31), C clover (2025-09-30) and
// D dahlia (2026-03-25). No version is asked for: each fact is looked up in the
// places where any of them has it, the newest first.
//
// # Rules of reading
//
// An id is a string, an expanded object with an id, null, or missing. An amount
// is a JSON integer in an int64; null and missing are 0, and anything else, 10.0
// and 1e3 included, is ErrMalformed with the name of the field. Fields that are
// not known are ignored, and so is the kind of object: the type of the event says
// what it is. Every object must have an id of its own.
//
// # Metadata of an invoice
//
// Invoice.Metadata is merged from four places. Where two have the same key, the
// former counts:
//
//  1. parent.subscription_details.metadata, a snapshot of the subscription's
//  2. subscription_details.metadata, the same in A
//  3. metadata of the subscription's lines, in their order
//  4. the invoice's own, which is also in Invoice.OwnMetadata by itself
//
// # Amounts
//
// Net is total_excluding_tax, or else total without its tax, without shipping
// before tax. It is never summed up from lines, which come in pages, nor from
// subtotal and discounts, where those of single items are in both. Base is the
// part of Net that was paid.
//
// A session with currency_conversion (A, before 2025-03-31) is in the currency of
// the customer, and only its total is also told in that of the integration. Net is
// then the same share of that total as it is of the customer's:
//
//	net = round(conversion.amount_total × (amount_total − tax − shipping) / amount_total)
//
// presentment_details, which came after it, is never read: the amounts next to it
// are in the currency of the integration already.
//
// # Money from outside of Stripe
//
// A tells it with paid_out_of_band and leaves it out of amount_paid. From B on it
// is in amount_paid, and an event does not tell it from other money: the field is
// gone, payments is only there if expanded, and amount_paid_off_stripe is never in
// an event. Invoice.OutOfBandKnown is then false. Whoever wants to leave such money
// out has to read the invoice again: with a version of A, with payments, or with
// amount_paid_off_stripe expanded. ParseInvoice reads all three.
package payload
