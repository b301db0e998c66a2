package portal

import (
	"net/http"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/money"
)

// balances are what the partner has, by currency. A partner who has nothing yet
// has nothing in the currency of their first program.
func (v *visit) balances() ([]balanceView, error) {
	now, err := v.eng.Balances(v.ctx, v.me.ID, v.now)
	if err != nil {
		return nil, err
	}
	ahead, err := v.eng.UpcomingPayouts(v.ctx, v.me.ID)
	if err != nil {
		return nil, err
	}
	list := []balanceView{}
	for _, b := range now {
		view := balanceView{
			Currency: b.Currency, Pending: b.Pending, Payable: b.Payable, InPayout: b.InPayout, Paid: b.Paid,
			Minimum: v.me.PayoutAt(v.now).Minimum[b.Currency],
		}
		if i := slices.IndexFunc(ahead, func(u affiliate.UpcomingPayout) bool { return u.Currency == b.Currency }); i >= 0 {
			view.Next = ahead[i].Next
			if ahead[i].Due > 0 {
				view.Due = &dueView{ahead[i].Due, ahead[i].Cutoff}
			}
		}
		list = append(list, view)
	}
	if len(list) == 0 {
		list = append(list, balanceView{Currency: v.currency(), Minimum: v.me.PayoutAt(v.now).Minimum[v.currency()]})
	}
	return mainFirst(list, v.currency(), func(b balanceView) money.Currency { return b.Currency }), nil
}

// mainFirst puts what is in the partner's main currency before the rest.
func mainFirst[T any](list []T, first money.Currency, of func(T) money.Currency) []T {
	slices.SortStableFunc(list, func(a, b T) int {
		switch {
		case of(a) == of(b):
			return 0
		case of(a) == first:
			return -1
		case of(b) == first:
			return 1
		default:
			return 0
		}
	})
	return list
}

// Short are the balances of which nothing is paid out at the next cut-off.
func (o overviewView) Short() []balanceView {
	return slices.DeleteFunc(slices.Clone(o.Balances), balanceView.Pays)
}

// Paying are the balances that the next cut-off pays out.
func (o overviewView) Paying() []balanceView {
	return slices.DeleteFunc(slices.Clone(o.Balances), func(b balanceView) bool { return !b.Pays() })
}

// Preparing are the balances of which a payout is being prepared.
func (o overviewView) Preparing() []balanceView {
	return slices.DeleteFunc(slices.Clone(o.Balances), func(b balanceView) bool { return b.Due == nil })
}

func (v *visit) overview() (overviewView, error) {
	next, err := v.eng.NextPayout(v.ctx, v.me.ID)
	if err != nil {
		return overviewView{}, err
	}
	view := overviewView{Name: v.name(), NextAt: next}
	if view.Balances, err = v.balances(); err != nil {
		return view, err
	}
	view.Tiers, err = v.tiers()
	return view, err
}

// dashboardBody is the first page.
type dashboardBody struct {
	Overview overviewView
	Range    ui.Tabs
	Earnings []ui.Chart
	Counts   []ui.Chart
	Links    []linkView
	Latest   []commissionView
}

// Dashboard shows a few of what other pages show all of.
const (
	someLinks  = 2
	someLatest = 6
)

func (v *visit) dashboardPage() error {
	s, err := v.span()
	if err != nil {
		return err
	}
	points, err := v.charted(s)
	if err != nil {
		return err
	}
	body := dashboardBody{Range: v.ranges(s), Counts: []ui.Chart{clickChart(s, points), conversionChart(s, points)}}
	if body.Earnings, err = v.earningCharts(s, points); err != nil {
		return err
	}
	if body.Overview, err = v.overview(); err != nil {
		return err
	}
	links, err := v.links()
	if err != nil {
		return err
	}
	slices.SortStableFunc(links, func(a, b linkView) int { return int(min(max(b.Clicks-a.Clicks, -1), 1)) })
	body.Links = links[:min(len(links), someLinks)]
	_, err = v.walk(place{}, func(c affiliate.Commission) bool {
		body.Latest = append(body.Latest, v.commission(c))
		return len(body.Latest) < someLatest
	})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "dashboard", "Overview", body)
}

func (v *visit) overviewAnswer() (any, error) { return v.overview() }

func (v *visit) balancesAnswer() (any, error) {
	next, err := v.eng.NextPayout(v.ctx, v.me.ID)
	if err != nil {
		return nil, err
	}
	list, err := v.balances()
	return struct {
		Items  []balanceView `json:"items"`
		NextAt time.Time     `json:"nextPayoutAt"`
	}{list, next}, err
}

func (v *visit) profile() (profileView, error) {
	next, err := v.eng.NextPayout(v.ctx, v.me.ID)
	p := profileView{
		Name: v.name(), Email: v.me.Email, State: "active", Since: v.me.Created, TimeZone: v.zone.String(),
		Cadence: words.Cadence(v.me.PayoutAt(v.now)), Minimum: []moneyView{}, NextAt: next,
	}
	if v.me.SuspendedAt(v.now) {
		p.State = "suspended"
	}
	var currencies []money.Currency
	for c := range v.me.PayoutAt(v.now).Minimum {
		currencies = append(currencies, c)
	}
	slices.Sort(currencies)
	for _, c := range currencies {
		p.Minimum = append(p.Minimum, moneyView{v.me.PayoutAt(v.now).Minimum[c], c})
	}
	return p, err
}

// Known reports whether it is known since when the partner is one.
func (p profileView) Known() bool { return p.Since.Year() > 1 }

func (v *visit) settingsPage() error {
	p, err := v.profile()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "settings", "Settings", p)
}

func (v *visit) profileAnswer() (any, error) { return v.profile() }
