// Package script is the tracking script: GET /affiliate.js, as docs/http.md says.
//
//	web, err := affiliatehttp.New(eng, affiliatehttp.Config{Script: script.Config{PaymentHosts: []string{"pay.example.com"}}})
//	mux.Handle("/affiliate.js", web.Script()) // Routes serves it, too
//
// A page loads it from the site's own server:
//
//	<script src="/affiliate.js?v={{.Version}}" async></script>
//
// and may use what it finds there, as long as it allows for a blocked script:
//
//	window.Affiliate?.ready(a => { form.referral.value = a.referral ?? "" })
//	window.Affiliate?.signup(customer.id, customer.email, token) // token: see affiliatehttp's Handler.SignCustomer
//	window.Affiliate?.track("trial_started")
//	window.Affiliate?.consent(true)
//
// The script posts to v1/track/click, v1/track/lead and v1/track/event beside
// itself. A Content-Security-Policy must allow it under script-src and these
// under connect-src, nothing else: it needs no eval, no inline code and no style.
//
// What it keeps, in one cookie for the site's sub-domains or else in local
// storage, is the referral code, the click and a random visitor id. Safari drops
// what a script stores after 7 days; the cookies that the server sets with its
// answer last. affiliatehttp's Config.ScriptCookie makes one of them readable by
// scripts, so that payment links are marked after that week, too.
//
// Once the server has answered, the script takes the click id, and the parameter
// whose referral code counted, out of the address bar: whoever copies the address
// copies neither. The rest of the query, the hash and the page's own state of the
// history stay as they are.
//
// Marked are links, buttons and pricing tables of the page itself, whenever they
// are added. A link in an open shadow tree is marked when it is used. Buttons in a
// shadow tree, all that is in a closed one, and other documents in frames are out
// of its reach.
//
// Where affiliatehttp's Config.Consent says that the visitor has not agreed to
// cookies, nothing is set or sent before consent(true); what is kept already is
// the proof of an earlier one. consent(false) clears all of it,
// asks the server by DELETE v1/track/click to clear its own cookie, and takes the
// references back out of the page.
//
// affiliate.js is the source and affiliate.min.js what is served; go generate
// makes the one from the other. Here are the script, its settings and its
// handler. What the routes do lives in affiliatehttp.
package script
