package console_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/console"
)

// person is an owner whom the host tells apart from others.
func (w *world) person(id string, log *bytes.Buffer) reader {
	return reader{w.TB, "owner", w.console(func(c *console.Config) {
		c.Authenticate = func(*http.Request) (affiliatehttp.Principal, error) {
			return affiliatehttp.Principal{Organization: w.eng.Organization(), Role: affiliatehttp.RoleOwner, ID: id}, nil
		}
		c.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})}
}

func TestTheReasonOfAReviewIsShownWithWhoAndWhen(t *testing.T) {
	w := newWorld(t)
	_, conversion := w.sale("ada-blog", "cloud", 9900)
	w.clock.Set(today)
	log := &bytes.Buffer{}
	first, second := w.person("grace@acme.example", log), w.person("<b>alan</b>", log)
	target := "/admin/conversions/" + conversion + "/review?partner=ada&program=cloud&rule=share&do="

	page := text(first.sent(first.fill(target+"hold", "reason", "unusually <i>large</i>")))
	require.Contains(t, page, "The commission is under review")
	held := "Put under review by grace@acme.example on 13 Mar 2026, 12:00: “unusually &lt;i&gt;large&lt;/i&gt;”"
	require.Contains(t, page, held)
	w.clock.Advance(1)
	page = text(second.sent(second.fill(target + "release")))
	require.Contains(t, page, held)
	require.Contains(t, page, "Released by &lt;b&gt;alan&lt;/b&gt; on 13 Mar 2026, 12:00")
	w.clock.Advance(1)
	page = text(second.sent(second.fill(target+"reject", "reason", "fraud")))
	require.Contains(t, page, "Rejected by &lt;b&gt;alan&lt;/b&gt; on 13 Mar 2026, 12:00: “fraud”")
	require.NotContains(t, log.String(), "grace", "who reviews is in no log")

	// A review of which nobody knows whose it is has a reason and a time.
	_, conversion = w.sale("ada-blog", "cloud", 9900)
	_, err := w.eng.RejectCommission(w.ctx(), affiliate.CommissionRef{Conversion: conversion, Partner: "ada", Program: "cloud", Rule: "share"}, "a test", w.clock.Now())
	w.must(err)
	require.Contains(t, text(first.ok("/admin/conversions/"+conversion)), "Rejected on 13 Mar 2026, 12:00: “a test”")
}

// What a page says was done is what was done: no address makes it say so.
func TestNoAddressMakesAPageSayThatSomethingWasDone(t *testing.T) {
	w := newWorld(t)
	owner := w.owner()
	for _, query := range []string{"?done=issued", "?done=moved", "?msg=issued", "?notice=issued"} {
		require.NotContains(t, owner.ok("/admin/payouts"+query), "notice-good", query)
	}
	rec := owner.fill("/admin/partners/eve/edit", "name", "Eve Other")
	require.Equal(t, "/admin/partners/eve", rec.Header().Get("Location"))
	require.Contains(t, owner.sent(rec), "notice-good")
	require.NotContains(t, owner.ok("/admin/partners/eve"), "notice-good", "it is told once")
}
