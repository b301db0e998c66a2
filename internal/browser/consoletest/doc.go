// Package consoletest uses the owner console as owners do: in a real browser, on
// a phone and on a desk, by keyboard, in light and dark.
//
// What may not live here: what a page says and does, which affiliatehttp/console
// tests.
package consoletest
