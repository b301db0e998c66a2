package consoletest_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/browser"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

const send = "main form[method=post] button[type=submit]"

// done waits for the page that says what was done, which no address says.
func done(tab *browser.Tab, what string) {
	tab.Await(`location.search === "" && document.querySelector(".notice-good")?.innerText.includes("` + what + `")`)
}

// begin does what the checklist of the first page asks for: a program, a partner,
// and the approval.
func begin(t *testing.T, w world, tab *browser.Tab) {
	t.Helper()
	tab.Go(w.at("owner", "/admin"))
	tab.SkipMenu()
	tab.Follow(`a[href="/admin/programs/new"]`)
	tab.Type("#f-name", "Main")
	tab.Type("#f-id", "main")
	tab.Type("#f-currency", "EUR")
	tab.Type("#f-destinationUrl", "https://acme.example/")
	tab.Type("#f-rules-0-value", "a lot")
	tab.Enter()
	tab.Await(`document.querySelector("#f-rules-0-value").getAttribute("aria-invalid") === "true" && document.activeElement === document.querySelector(".notice-bad")`)
	assert.Equal(t, "Main", browser.Eval[string](tab, `document.querySelector("#f-name").value`), "what was typed is kept")
	tab.Type("#f-rules-0-value", "20")
	tab.Enter()
	done(tab, "The program is created")

	tab.Menu("/admin")
	tab.Follow(`a[href="/admin/partners/new"]`)
	tab.Type("#f-name", "Ada")
	tab.Type("#f-email", "ada@partners.example")
	tab.Type("#f-id", "ada")
	tab.Follow(send)
	done(tab, "The partner is added")
	tab.Follow(`a[href="/admin/partners/ada/approve"]`)
	tab.Follow(send)
	done(tab, "The partner is on the program")

	setup, err := w.Engine.Configuration(t.Context())
	require.NoError(t, err)
	terms, ok := setup.Terms("ada", "main", w.Engine.Now())
	require.True(t, ok)
	assert.Equal(t, "20", terms.Rules[0].Value)
	assert.Len(t, setup.CodesOf("ada"), 1)

	tab.Menu("/admin/setup")
	require.Contains(t, browser.Eval[string](tab, `document.querySelector("[aria-labelledby=test]").innerText`), "Not seen yet")
	w.test("console-test")
	tab.Follow(`[aria-labelledby=test] form button`)
	tab.Await(`document.querySelector("[aria-labelledby=test]").innerText.includes("Arrived")`)
}

// terms changes what a program pays, past the notice that those who are on it
// keep what they joined with, and ends another one.
func terms(t *testing.T, w world, tab *browser.Tab) {
	t.Helper()
	tab.Go(w.at("owner", "/admin"))
	tab.Menu("/admin/programs")
	tab.Follow(`a[href="/admin/programs/cloud"]`)
	tab.Follow(`a[href="/admin/programs/cloud/terms"]`)
	require.Contains(t, browser.Eval[string](tab, `document.querySelector(".notice-warn").innerText`), "keep the terms they joined with")
	tab.Type("#f-rules-0-value", "22")
	tab.Follow(send)
	done(tab, "Saved")

	tab.Menu("/admin/programs")
	tab.Follow(`a[href="/admin/programs/europe"]`)
	tab.Follow(`a[href="/admin/programs/europe/end"]`)
	require.Contains(t, browser.Eval[string](tab, `document.querySelector("main").innerText`), "1 partner")
	tab.Follow(send)
	done(tab, "The program has ended")

	setup, err := w.Engine.Configuration(t.Context())
	require.NoError(t, err)
	now := w.Engine.Now()
	cloud, _ := setup.Program("cloud")
	settings, _ := cloud.At(now)
	assert.Equal(t, "22", settings.Terms.Rules[0].Value)
	joined, _ := setup.Terms("ada", "cloud", now)
	assert.Equal(t, "20", joined.Rules[0].Value)
	europe, _ := setup.Program("europe")
	assert.Equal(t, program.Ended, europe.LifecycleAt(now))
}

// reject takes back the latest pending commission, with a reason.
func reject(t *testing.T, w world, tab *browser.Tab) {
	t.Helper()
	tab.Go(w.at("owner", "/admin/conversions?state=pending"))
	tab.Follow("a.id")
	id := browser.Eval[string](tab, `decodeURIComponent(location.pathname.split("/").pop())`)
	require.Equal(t, commission.StatusPending, w.commission(id).Status)
	tab.Follow("a[href*='/review?do=reject&']")
	tab.Type("#f-reason", "ordered for themselves")
	tab.Enter()
	done(tab, "The commission is rejected")
	assert.Equal(t, commission.StatusRejected, w.commission(id).Status)
}

// pay issues what is due and marks one payout as paid.
func pay(t *testing.T, w world, tab *browser.Tab) {
	t.Helper()
	due, err := w.Engine.RunPayouts(t.Context(), affiliate.PayoutRun{DryRun: true})
	require.NoError(t, err)
	require.NotEmpty(t, due)
	tab.Go(w.at("owner", "/admin"))
	tab.Menu("/admin/payouts")
	tab.Follow(`main a[href="/admin/payouts/run"]`)
	tab.Follow(send)
	done(tab, "The payouts are issued")
	tab.TabTo("input[name=id]")
	id := browser.Eval[string](tab, `document.activeElement.value`)
	tab.Press(" ")
	tab.Follow("button[name=to][value=paid]")
	tab.Follow(send)
	done(tab, "The payouts are updated")
	due, err = w.Engine.RunPayouts(t.Context(), affiliate.PayoutRun{DryRun: true})
	require.NoError(t, err)
	assert.Empty(t, due)
	list, err := w.Engine.Payouts(t.Context(), "")
	require.NoError(t, err)
	for _, p := range list {
		if p.ID == id {
			assert.Equal(t, payout.Paid, p.Status)
			return
		}
	}
	t.Errorf("there is no payout %q", id)
}

// TestKeyboard does an owner's errands by keyboard alone, with scripts and
// without.
func TestKeyboard(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		name := map[bool]string{true: "with scripts", false: "without scripts"}[scripts]
		tab := func(t *testing.T) *browser.Tab {
			t.Helper()
			tab := shared.Tab(t)
			if !scripts {
				tab.NoScripts()
			}
			return tab
		}
		t.Run(name+"/first run", func(t *testing.T) {
			tab := tab(t)
			tab.AllowNetwork("/admin/programs/new") // a form that is refused is a 422
			begin(t, newWorld(t, browser.NewAcme(t)), tab)
		})
		w := newWorld(t, browser.BusyAcme(t))
		w.Clock.Advance(time.Minute)
		for _, errand := range []struct {
			name string
			walk func(*testing.T, world, *browser.Tab)
		}{{"terms", terms}, {"reject", reject}, {"pay", pay}} {
			t.Run(name+"/"+errand.name, func(t *testing.T) { errand.walk(t, w, tab(t)) })
		}
	}
}

// TestCopy copies a snippet with the button for it, which says so.
func TestCopy(t *testing.T) {
	w := newWorld(t, browser.NewAcme(t))
	tab := shared.Tab(t)
	tab.Go(w.at("owner", "/admin/setup"))
	browser.Eval[bool](tab, `(() => {
		Object.defineProperty(navigator, "clipboard", {value: {writeText: text => { window.copied = text; return Promise.resolve() }}});
		return true;
	})()`)
	tab.TabTo("[data-copy]")
	tab.Press(kb.Enter)
	tab.Await(`document.activeElement.innerText.trim() === "Copied" && document.querySelector("#live").textContent !== ""`)
	assert.Contains(t, browser.Eval[string](tab, `window.copied`), "https://acme.example/affiliate.js")
	tab.Await(`document.activeElement.innerText.trim() === "Copy"`)
}

// TestPolicyHolds puts a script into a page, as an attacker would: it does not
// run, and the browser says why.
func TestPolicyHolds(t *testing.T) {
	w := newWorld(t, browser.BusyAcme(t))
	tab := shared.Tab(t)
	tab.Go(w.at("owner", "/admin/partners/ada"))
	require.Empty(t, tab.Problems())
	ran := browser.Eval[bool](tab, `(() => {
		const script = document.createElement("script");
		script.textContent = "window.stolen = true";
		document.body.append(script);
		return window.stolen === true;
	})()`)
	assert.False(t, ran)
	problems := tab.Problems()
	tab.Allow(func(p browser.Problem) bool { return p.Source == "security" })
	require.NotEmpty(t, problems)
	assert.Contains(t, problems[0].Text, "Content Security Policy")
	assert.Empty(t, tab.Problems())
}
