// Package portaltest uses the partner portal as partners do: in a real browser,
// on a phone and on a desk, by keyboard, in light and dark.
//
// What may not live here: which data a partner may see, which affiliatehttp/portal
// tests.
package portaltest
