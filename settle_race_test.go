package affiliate_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// between lets something happen right after the n-th read of anchors.
type between struct {
	storage.Store
	n    int
	then func()
}

func (b *between) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	anchors, err := b.Store.Load(ctx, org, refs)
	if b.n--; b.n == 0 {
		b.then()
	}
	return anchors, err
}

// TestEditDuringSettlement commits an edit while settlement has read the configuration
// already: its note must not be done by the configuration that does not hold it.
func TestEditDuringSettlement(t *testing.T) {
	for n := 1; n <= 3; n++ {
		t.Run(fmt.Sprint("after read ", n), func(t *testing.T) {
			h := newHost(t, program.SettingsChange{}, "ada")
			h.conv(affiliate.Conversion{ID: "in_1", Amount: 1000, Partner: "ada", At: day(10)})
			require.EqualValues(t, 200, h.now("in_1").Commissions[0].Amount)
			require.NoError(t, errOf(h.EditPartner(h.ctx, "ada", program.Profile{Name: ptr("Ada")}, day(1)))) // leaves something to settle

			store := &between{Store: h.store, n: n, then: func() {
				terms := program.TermsChange{Rules: []commission.Rule{percent("rev", "10")}}
				require.NoError(t, errOf(h.OverrideTerms(h.ctx, "ada", "main", terms, day(5))))
			}}
			other, err := affiliate.New(store, affiliate.Config{Now: affiliatetest.NewClock(day(400)).Now})
			require.NoError(t, err)
			for range 5 {
				_, err = other.Settle(h.ctx, 0)
				require.NoError(t, err)
			}
			if store.n > 0 {
				t.Fatal("settlement did not read that often")
			}
			require.EqualValues(t, 100, h.now("in_1").Commissions[0].Amount)
		})
	}
}
