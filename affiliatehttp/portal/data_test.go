package portal_test

import (
	"encoding/csv"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
)

// commissionItem is what the tests read of a commission.
type commissionItem struct {
	ID, Conversion, Program, ProgramTitle, For, State, Currency string
	Amount                                                      int64
	At                                                          time.Time
}

// all reads a list of commissions page by page.
func (r reader) all(query string) (items []commissionItem) {
	r.Helper()
	for after := ""; ; {
		var page struct {
			Items     []commissionItem
			NextAfter string
		}
		r.decode("/v1/portal/commissions?limit=37&after="+after+query, &page)
		items = append(items, page.Items...)
		if after = page.NextAfter; after == "" {
			return items
		}
	}
}

// Pages hold every commission once, in order, whatever the filter; and they add
// up to what the Engine says.
func TestCommissionPages(t *testing.T) {
	w := newWorld(t)
	w.sales = 2
	w.year("ada-blog")
	ada := w.reader("ada", w.portal())
	var want []affiliate.Commission
	for after := ""; ; {
		page, err := w.eng.Commissions(w.ctx(), "ada", after, 100)
		require.NoError(t, err)
		want = append(want, page.Commissions...)
		if after = page.Next; after == "" {
			break
		}
	}
	got := ada.all("")
	require.Len(t, got, len(want))
	require.Greater(t, len(got), 500, "more than one page of the Engine's")
	sums, parts := map[string]int64{}, 0
	for i, c := range want {
		require.Equal(t, c.Amount, got[i].Amount)
		require.Equal(t, string(c.Status), got[i].State)
		require.True(t, c.At.Equal(got[i].At))
		sums[string(c.Currency)] += c.Amount
	}
	for _, state := range []string{"pending", "payable", "in_payout", "paid", "under_review", "rejected", "reversed"} {
		list := ada.all("&state=" + state)
		require.NotEmpty(t, list, state)
		for _, c := range list {
			require.Equal(t, state, c.State)
		}
		parts += len(list)
	}
	require.Equal(t, len(got), parts)
	for _, c := range ada.all("&program=" + ada.program("Acme Europe")) {
		require.Equal(t, "Acme Europe", c.ProgramTitle)
		require.Equal(t, "15% of every payment", c.For)
	}

	var balances struct {
		Items []struct {
			Currency                                              string
			Pending, Payable, InPayout, Paid, NextPayout, Minimum int64
		}
	}
	ada.decode("/v1/portal/balances", &balances)
	require.Len(t, balances.Items, 2)
	require.Equal(t, "usd", balances.Items[0].Currency)
	for _, b := range balances.Items {
		require.Equal(t, sums[b.Currency], b.Pending+b.Payable+b.InPayout+b.Paid)
		require.GreaterOrEqual(t, b.NextPayout, b.Payable)
	}
	require.EqualValues(t, 5000, balances.Items[0].Minimum)
}

// Conversions are whole, also where a page ends between two commissions of one.
func TestConversionPages(t *testing.T) {
	_, ada := busy(t)
	want := map[string]int{}
	for _, c := range ada.all("") {
		want[c.Conversion]++
	}
	got := map[string]int{}
	for after := ""; ; {
		var page struct {
			Items []struct {
				ID          string
				Commissions []commissionItem
			}
			NextAfter string
		}
		ada.decode("/v1/portal/conversions?limit=7&after="+after, &page)
		for _, c := range page.Items {
			require.Zero(t, got[c.ID], "once")
			got[c.ID] = len(c.Commissions)
		}
		if after = page.NextAfter; after == "" {
			break
		}
	}
	require.Equal(t, want, got)
}

// Statements add up, as JSON and as a table, and never change.
func TestStatements(t *testing.T) {
	w, ada := busy(t)
	var payouts struct {
		Items []struct {
			ID, State string
			Amount    int64
		}
	}
	ada.decode("/v1/portal/payouts", &payouts)
	require.Greater(t, len(payouts.Items), 10)
	states, texts := map[string]bool{}, map[string]string{}
	for _, p := range payouts.Items {
		states[p.State] = true
		var s struct {
			Opening, Posted, Amount, Closing int64
			Lines                            []struct{ Amount int64 }
		}
		ada.decode("/v1/portal/payouts/"+p.ID+"/statement", &s)
		sum := int64(0)
		for _, l := range s.Lines {
			sum += l.Amount
		}
		require.Equal(t, p.Amount, sum)
		require.Equal(t, s.Closing, s.Opening+s.Posted-s.Amount)
		texts[p.ID] = ada.ok("/portal/payouts/" + p.ID + "/statement.csv")
		rows, err := csv.NewReader(strings.NewReader(texts[p.ID])).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, len(s.Lines)+5)
		require.Equal(t, "Payout", rows[len(rows)-2][0])
	}
	require.Equal(t, map[string]bool{"paid": true, "failed": true, "issued": true}, states)
	w.othersMove()
	w.customer("ada-blog", 9900, affiliate.Conversion{Program: cloud, Currency: "usd"})
	for id, text := range texts {
		require.Equal(t, text, ada.ok("/portal/payouts/"+id+"/statement.csv"))
	}
}

func TestCharts(t *testing.T) {
	w, ada := busy(t)
	for days, points := range map[string]int{"": 30, "30": 30, "90": 13, "365": 12} {
		var chart struct {
			Points []struct {
				From, To            string
				Clicks, Conversions int64
				Earned              []struct {
					Amount   int64
					Currency string
				}
			}
		}
		ada.decode("/v1/portal/charts?days="+days, &chart)
		require.Len(t, chart.Points, points)
		require.Equal(t, "2026-03-13", chart.Points[points-1].To)
		earned, want := int64(0), int64(0)
		for i, p := range chart.Points {
			if i > 0 {
				before, err := time.Parse(time.DateOnly, chart.Points[i-1].To)
				require.NoError(t, err)
				require.Equal(t, before.AddDate(0, 0, 1).Format(time.DateOnly), p.From, "no gap")
			}
			for _, e := range p.Earned {
				earned += e.Amount
			}
		}
		for _, c := range ada.all("") {
			if c.At.Format(time.DateOnly) >= chart.Points[0].From {
				want += c.Amount
			}
		}
		require.Equal(t, want, earned)
	}
	require.Equal(t, http.StatusUnprocessableEntity, ada.get("/v1/portal/charts?days=7").Code)
	counts, err := w.eng.ClickCounts(w.ctx(), "ada")
	require.NoError(t, err)
	total := int64(0)
	for _, c := range counts {
		total += c.Clicks
	}
	var links struct{ Items []struct{ Clicks int64 } }
	ada.decode("/v1/portal/links", &links)
	for _, l := range links.Items {
		total -= l.Clicks
	}
	require.Zero(t, total)
}

// Each way to a commission is told in a partner's words.
func TestWhy(t *testing.T) {
	w := newWorld(t)
	ada := w.reader("ada", w.portal(func(c *portal.Config) { c.ShowSaleAmounts = func(string) bool { return true } }))
	why := func() string {
		t.Helper()
		return ada.ok("/v1/portal/conversions/" + ada.all("")[0].Conversion)
	}
	later := func() { w.clock.Advance(time.Hour) }
	scope := affiliate.Conversion{Program: europe, Currency: "eur"}
	customer := w.id("cus")
	_, err := w.eng.Identify(w.ctx(), affiliate.Identify{Customer: customer, Click: w.click("ada-eu")})
	w.must(err)
	later()
	w.convert("invoice_paid", customer, 10000, scope)
	require.Contains(t, why(), "The customer followed your link on 13 Mar 2025, 13:00.")
	require.Contains(t, why(), "It was the last click before the conversion that counted.")
	require.Contains(t, why(), "15% of €100.00 = €15.00")
	require.Contains(t, why(), "the terms you joined with on 13 Mar 2025")
	require.Contains(t, why(), "It becomes payable on 12 Apr 2025")
	later()
	renewal := w.convert("invoice_paid", customer, 5000, scope)
	require.Contains(t, why(), "This customer has been yours since 13 Mar 2025")
	_, err = w.eng.RecordRefund(w.ctx(), affiliate.Refund{ID: w.id("re"), Conversion: renewal, Amount: 2500})
	w.must(err)
	require.Contains(t, why(), "The customer was refunded (last on 13 Mar 2025), which took back €3.75")
	later()
	w.convert("invoice_paid", w.id("cus"), 5000, affiliate.Conversion{Program: cloud, Currency: "usd", PromoCode: "ada10"})
	require.Contains(t, why(), "The customer used your code ADA10.")
	later()
	w.must(errOf(w.eng.OverrideTerms(w.ctx(), "ada", cloud, program.TermsChange{Rules: w.setup().Programs()[1].Latest().Terms.Rules}, time.Time{})))
	w.convert("invoice_paid", w.id("cus"), 5000, affiliate.Conversion{Program: cloud, Currency: "usd", Partner: "ada"})
	require.Contains(t, why(), "credited this conversion to you by hand")
	require.Contains(t, why(), "that were agreed for you alone")
}

// A share of a conversion is told without telling whose the rest is.
func TestSharedCredit(t *testing.T) {
	w := newWorld(t)
	linear := attribution.Linear
	w.must(errOf(w.eng.EditProgram(w.ctx(), cloud, program.SettingsChange{Model: &linear}, time.Time{})))
	customer := w.id("cus")
	for _, link := range []string{"ada-blog", canary + "-bob"} {
		_, err := w.eng.Identify(w.ctx(), affiliate.Identify{Customer: customer, Click: w.click(link)})
		w.must(err)
	}
	w.convert("invoice_paid", customer, 10000, affiliate.Conversion{Program: cloud, Currency: "usd"})
	ada := w.reader("ada", w.portal())
	body := ada.ok("/v1/portal/conversions/" + ada.all("")[0].Conversion)
	require.Contains(t, body, "Your part of the credit is 1/2.")
	require.Contains(t, body, "20% of the sale × 1/2 = $10.00")
	require.NotContains(t, body, "bob")
	require.NotContains(t, body, canary)
}

// A program without a public title shows its name, and one without either gets a
// name that says nothing.
func TestUntitledPrograms(t *testing.T) {
	w := newWorld(t)
	name := "Acme Cloud 2026"
	w.must(errOf(w.eng.EditProgram(w.ctx(), cloud, program.SettingsChange{Name: &name, Remove: []string{"title"}}, time.Time{})))
	require.Contains(t, w.reader("ada", w.portal()).ok("/portal/programs"), name)
	w.clock.Advance(time.Minute)
	for _, id := range []string{cloud, europe} {
		w.must(errOf(w.eng.EditProgram(w.ctx(), id, program.SettingsChange{Remove: []string{"name", "title"}}, time.Time{})))
	}
	ada := w.reader("ada", w.portal())
	var list struct{ Items []struct{ Title string } }
	ada.decode("/v1/portal/programs", &list)
	require.Len(t, list.Items, 2)
	require.Equal(t, "Acme Partners", list.Items[0].Title)
	require.Equal(t, "Acme Partners 2", list.Items[1].Title)
}
