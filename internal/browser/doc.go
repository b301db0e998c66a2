// Package browser drives a real Chromium for the tests of everything that a
// visitor, a partner or an owner sees.
//
//	var shared *browser.Browser
//
//	func TestMain(m *testing.M) { os.Exit(browser.Run(m, &shared)) }
//
//	func TestPage(t *testing.T) {
//		tab := shared.Tab(t)
//		tab.Go("http://shop.localhost:8080/")
//		title := browser.Eval[string](tab, `document.title`)
//	}
//
// One browser serves a whole test package. Each Tab is a visitor of its own, with
// his own cookies and storage, and its test fails if the page reports anything to
// the console that the test has not allowed. Every host name leads to this
// machine, so that a test reaches nobody and may use any name.
//
// The browser is the one that AFFILIATE_CHROMIUM names, or else chromium,
// chromium-browser or google-chrome from the PATH. Without one the tests are
// skipped, and with CI=true, as in make browser, they fail; AFFILIATE_CHROMIUM=off
// skips them anywhere. Screenshots go to the folder that AFFILIATE_ARTIFACTS names.
//
// The folder axe holds axe-core and its license. It is part of the tests only.
//
// Acme is the organization that the pages are about; CheckPages and the steps by
// keyboard are what every surface is tried with.
//
// What may not live here: what a page must do. That is in the test packages
// below, one for each surface.
package browser
