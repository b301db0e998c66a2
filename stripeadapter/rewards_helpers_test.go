package stripeadapter_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// bench is a Provisioner in front of the fake, with a proxy between them.
type bench struct {
	t      *testing.T
	fake   *fakeStripe
	proxy  *faultProxy
	states *memoryStates
	clock  *affiliatetest.Clock
	cfg    stripeadapter.ProvisionerConfig
}

func newBench(t *testing.T) *bench {
	t.Helper()
	fake := newFakeStripe()
	return newBenchOn(t, fake, fake)
}

func newBenchOn(t *testing.T, fake *fakeStripe, backend http.Handler) *bench {
	t.Helper()
	b := &bench{
		t: t, fake: fake, proxy: newFaultProxy(t, backend), states: newMemoryStates(),
		clock: affiliatetest.NewClock(time.Date(2026, time.March, 13, 12, 0, 0, 0, time.UTC)),
	}
	b.cfg = stripeadapter.ProvisionerConfig{
		API: b.proxy.api("sk_test_1"), Organization: "acme", States: b.states, Now: b.clock.Now,
	}
	return b
}

func (b *bench) provisioner() *stripeadapter.Provisioner {
	b.t.Helper()
	p, err := stripeadapter.NewProvisioner(b.cfg)
	require.NoError(b.t, err)
	return p
}

func (b *bench) try(wanted ...stripeadapter.Wanted) (stripeadapter.Report, error) {
	b.t.Helper()
	return b.provisioner().Sync(context.Background(), wanted)
}

// sync brings codes to Stripe without a fault.
func (b *bench) sync(wanted ...stripeadapter.Wanted) stripeadapter.Report {
	b.t.Helper()
	report, err := b.try(wanted...)
	require.NoError(b.t, err)
	require.Empty(b.t, report.Failed)
	require.Zero(b.t, report.Left)
	return report
}

// failure is why the only code of a run could not be brought to Stripe.
func (b *bench) failure(w stripeadapter.Wanted) error {
	b.t.Helper()
	report, err := b.try(w)
	require.NoError(b.t, err)
	require.Len(b.t, report.Failed, 1)
	require.Zero(b.t, report.Active)
	require.Equal(b.t, w.Code, report.Failed[0].Code)
	return report.Failed[0].Err
}

func (b *bench) reward(code string) stripeadapter.Reward {
	b.t.Helper()
	list, err := b.provisioner().Rewards(context.Background(), code)
	require.NoError(b.t, err)
	require.Len(b.t, list, 1)
	return list[0]
}

// active are the active promotion codes of a text.
func (b *bench) active(code string) []fakePromo {
	var found []fakePromo
	promos, _ := b.fake.there()
	for _, p := range promos {
		if p.Active && p.Code == code {
			found = append(found, p)
		}
	}
	return found
}

// one is the only coupon that is there.
func (b *bench) one() fakeCoupon {
	b.t.Helper()
	b.fake.mu.Lock()
	defer b.fake.mu.Unlock()
	require.Len(b.t, b.fake.coupons, 1)
	for _, c := range b.fake.coupons {
		return *c
	}
	return fakeCoupon{}
}

func wanted(code string, reward promo.Reward) stripeadapter.Wanted {
	return stripeadapter.Wanted{Code: code, Partner: "ada", Program: "main", Active: true, Reward: &reward}
}

func retired(w stripeadapter.Wanted) stripeadapter.Wanted {
	w.Active = false
	return w
}

func percentOff(percent int) promo.Reward {
	return promo.Reward{Kind: promo.PercentOff, Percent: percent, Span: promo.FirstInvoice}
}
