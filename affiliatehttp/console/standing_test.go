package console_test

import (
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// An owner suspends a partner on one program, revokes and approves again, and gives
// them today's terms; a form that is sent twice changes nothing more.
func TestStandingOnOneProgram(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	const path = "/admin/partners/ada/programs/cloud"
	barred := func() attribution.Reason { return w.setup().Barred("ada", "cloud", w.clock.Now()) }
	change := func(name, said string) {
		t.Helper()
		page := owner.ok(path + "/" + name)
		require.Contains(t, owner.sent(owner.submit(page, path+"/"+name)), said)
		changes := w.setup().Seq
		owner.sent(owner.submit(page, path+"/"+name))
		if name != "adopt" {
			require.Equal(t, changes, w.setup().Seq, "%s again", name)
		}
	}
	require.Contains(t, owner.ok(path), path+"/revoke")
	change("suspend", "suspended on this program")
	require.Equal(t, attribution.PartnerSuspended, barred())
	require.Contains(t, owner.ok("/admin/partners/ada"), "Suspended")
	change("reinstate", "earns again")
	require.Empty(t, barred())

	change("revoke", "The partnership is revoked")
	require.Equal(t, attribution.PartnerNotApproved, barred())
	require.NotContains(t, owner.ok(path), path+"/suspend")
	change("approve", "on the program again")
	require.Empty(t, barred())

	w.clock.Advance(time.Second)
	w.must(errOf(w.eng.EditProgram(w.ctx(), "cloud", program.SettingsChange{HoldbackDays: days(3)}, w.clock.Now())))
	require.Contains(t, owner.ok(path), path+"/adopt")
	change("adopt", "from now on")
	terms, _ := w.setup().Terms("ada", "cloud", w.clock.Now())
	require.Equal(t, commission.FromAdoption, terms.Source)
	require.Equal(t, 3, terms.HoldbackDays)
	require.Equal(t, http.StatusNotFound, owner.get("/admin/partners/ada/programs/none/revoke").Code)
}

// An amount is posted once, however often its form is sent.
func TestAdjustments(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	const path = "/admin/partners/ada/adjustments"
	page := owner.ok(path)
	require.Contains(t, page, "Nothing was posted yet.")
	for range 2 {
		after := owner.sent(owner.submit(page, path, "amount", "-12.50", "currency", "USD", "reason", "<b>agreed</b>"))
		require.Contains(t, after, "&lt;b&gt;agreed&lt;/b&gt;")
	}
	list, _, err := w.eng.Adjustments(w.ctx(), affiliate.AdjustmentPage{Partner: "ada"})
	w.must(err)
	require.Len(t, list, 1)
	require.Equal(t, int64(-1250), list[0].Amount)
	for field, value := range map[string]string{"amount": "1.234", "currency": "xxy", "reason": ""} {
		in := map[string]string{"amount": "1", "currency": "usd", "reason": "x"}
		in[field] = value
		rec := owner.fill(path, "amount", in["amount"], "currency", in["currency"], "reason", in["reason"])
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, field)
		require.Regexp(t, regexp.MustCompile(`name="`+field+`"[^>]*aria-invalid="true"`), rec.Body.String(), field)
	}
	require.Equal(t, http.StatusUnprocessableEntity, owner.fill(path, "amount", "0", "reason", "x").Code)
}

func TestEraseACustomer(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	_, err := w.eng.RecordConversion(w.ctx(), affiliate.Conversion{ID: "kim_1", Customer: "kim", Amount: 1000, Partner: "ada", Program: "cloud", Metadata: map[string]string{"name": "Kim Canary"}})
	w.must(err)
	const path = "/admin/conversions/kim_1"
	require.Contains(t, owner.ok(path), "Kim Canary")
	form := owner.ok(path + "/erase")
	require.Contains(t, form, "Erase customer kim?")
	require.Contains(t, owner.sent(owner.submit(form, path+"/erase")), "The customer is erased.")
	page := owner.ok(path)
	require.NotContains(t, page, "Kim Canary")
	require.NotContains(t, page, path+"/erase")
	require.Contains(t, page, "The customer was erased.")
	require.Contains(t, owner.sent(owner.submit(form, path+"/erase")), "nothing was changed")
}

func days(n int) *int { return &n }

// All existing partners are added to a program at once, with today's terms.
func TestAddEveryone(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	require.Contains(t, owner.ok("/admin/programs/eu"), "/admin/programs/eu/everyone")
	form := owner.ok("/admin/programs/eu/everyone")
	for range 2 {
		require.Contains(t, owner.sent(owner.submit(form, "/admin/programs/eu/everyone")), "All partners are on the program now.")
	}
	for _, who := range w.setup().Partners() {
		_, on := w.setup().Partnership(who.ID, "eu")
		require.True(t, on, who.ID)
	}
	require.NotContains(t, owner.ok("/admin/programs/eu"), "/everyone")
	require.Contains(t, owner.sent(owner.get("/admin/programs/eu/everyone")), "nothing was changed")
}
