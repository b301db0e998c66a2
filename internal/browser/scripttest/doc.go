// Package scripttest runs the tracking script in a real browser, on the real
// routes and a store in memory. What the script sends is recorded on its way, and
// the routes fail in every way on demand.
//
// What may not live here: the rules of the real routes, which affiliatehttp
// tests.
package scripttest
