package stripetest

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// Host is an application with an adapter: ada has the referral code ref_ADA123,
// alex ref_ALEX456 and the promo code ALEX10, and both get 20 % of everything.
type Host struct {
	*affiliate.Engine
	Adapter *stripeadapter.Adapter
	Store   storage.Store
	Events  fs.FS
}

// Now is what a Host's clock says.
func Now() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }

// NewHost returns a Host over an empty store.
func NewHost(tb testing.TB, store storage.Store, events fs.FS, cfg stripeadapter.Config) *Host {
	tb.Helper()
	return NewHostOf(tb, store, affiliate.DefaultOrganization, events, cfg)
}

// NewHostOf returns a Host of an organization that is not there yet.
func NewHostOf(tb testing.TB, store storage.Store, organization string, events fs.FS, cfg stripeadapter.Config) *Host {
	tb.Helper()
	eng := NewEngine(tb, store, organization)
	cfg.TestMode = true // as the fixtures are
	adapter, err := stripeadapter.New(eng, cfg)
	require.NoError(tb, err)
	return &Host{eng, adapter, store, events}
}

// NewEngine returns an Engine with ada and alex.
func NewEngine(tb testing.TB, store storage.Store, organization string) *affiliate.Engine {
	tb.Helper()
	eng, err := affiliate.New(store, affiliate.Config{Organization: organization, Now: Now})
	require.NoError(tb, err)
	rules := []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "20", Recurring: true}}
	require.NoError(tb, errOf(eng.CreateProgram(tb.Context(), "main", program.SettingsChange{DestinationURL: home(), Rules: rules, HoldbackDays: new(int)}, affiliate.Always())))
	for _, partner := range []string{"ada", "alex"} {
		require.NoError(tb, errOf(eng.CreatePartner(tb.Context(), partner, program.Profile{}, affiliate.Always())))
		require.NoError(tb, errOf(eng.ApprovePartnership(tb.Context(), partner, "main", affiliate.Always())))
	}
	require.NoError(tb, errOf(eng.AddLink(tb.Context(), affiliate.Link{Key: "ref_ADA123", Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()})))
	require.NoError(tb, errOf(eng.AddLink(tb.Context(), affiliate.Link{Key: "ref_ALEX456", Partner: "alex", Program: "main", EffectiveAt: affiliate.Always()})))
	require.NoError(tb, errOf(eng.AddCode(tb.Context(), affiliate.Code{Code: "ALEX10", Partner: "alex", Program: "main", EffectiveAt: affiliate.Always()})))
	return eng
}

// Program gives the program the terms of a case that are not the default.
func (h *Host) Program(tb testing.TB, c Case) {
	tb.Helper()
	var change program.SettingsChange
	if len(c.Methods) > 0 {
		change.Methods = &c.Methods
	}
	if c.Model != "" {
		change.Model = &c.Model
	}
	if c.Binding != "" {
		change.Binding = &c.Binding
	}
	if change.Methods != nil || change.Model != nil || change.Binding != nil {
		require.NoError(tb, errOf(h.EditProgram(tb.Context(), "main", change, affiliate.Always().Add(time.Second))))
	}
}

// Deliver applies events, none of which may be set aside.
func (h *Host) Deliver(tb testing.TB, events ...Event) {
	tb.Helper()
	for _, e := range events {
		result, err := h.Adapter.Apply(tb.Context(), e.Body(tb, h.Events))
		require.NoError(tb, err, e.File)
		require.NoError(tb, result.Err, e.File)
	}
}

// Earned is what ada and alex have earned, paid or not, like "ada cad 1000".
// Nothing is not listed.
func Earned(tb testing.TB, eng *affiliate.Engine) []string {
	tb.Helper()
	var list []string
	for _, partner := range []string{"ada", "alex"} {
		balances, err := eng.Balances(tb.Context(), partner, Now())
		require.NoError(tb, err)
		for _, b := range balances {
			if sum := b.Payable + b.Pending + b.InPayout + b.Paid; sum != 0 {
				list = append(list, fmt.Sprint(partner, " ", b.Currency, " ", sum))
			}
		}
	}
	return list
}

// Standing is every commission of ada and alex that is not zero: what, of which
// object, since when. It is the same in any order of delivery.
func Standing(tb testing.TB, eng *affiliate.Engine) []string {
	tb.Helper()
	var list []string
	for _, partner := range []string{"ada", "alex"} {
		page, err := eng.Commissions(tb.Context(), partner, "", 100)
		require.NoError(tb, err)
		for _, c := range page.Commissions {
			if c.Amount != 0 {
				source, _, _ := strings.Cut(c.Conversion, "+")
				list = append(list, fmt.Sprint(partner, " ", c.Amount, " ", c.Currency, " ", source, " ", c.At, " ", c.PayableAt, " ", c.Status))
			}
		}
	}
	slices.Sort(list)
	return list
}

// Verify checks that the books are sound.
func (h *Host) Verify(tb testing.TB) {
	tb.Helper()
	require.NoError(tb, affiliatetest.Settle(tb.Context(), h.Engine))
	problems, err := affiliatetest.Verify(tb.Context(), h.Store, h.Organization())
	require.NoError(tb, err)
	require.Empty(tb, problems)
}

// home is where links lead; nobody follows one.
func home() *string {
	address := "https://acme.example/"
	return &address
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
