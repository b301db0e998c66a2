package affiliate_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/storage"
)

// talkative is a store that notes what it is asked.
type talkative struct {
	storage.Store
	asked []string
}

func (s *talkative) Load(ctx context.Context, org string, refs []storage.Ref) ([]storage.Anchor, error) {
	s.asked = append(s.asked, "Load")
	return s.Store.Load(ctx, org, refs)
}

func (s *talkative) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	s.asked = append(s.asked, "Commit")
	return s.Store.Commit(ctx, org, changes)
}

func (s *talkative) Clicks(ctx context.Context, org string, ids []string) ([]attribution.Click, error) {
	s.asked = append(s.asked, "Clicks")
	return s.Store.Clicks(ctx, org, ids)
}

func (s *talkative) Touches(ctx context.Context, org string, visitors, clicks []string) ([]attribution.Click, []storage.Identify, error) {
	s.asked = append(s.asked, "Touches")
	return s.Store.Touches(ctx, org, visitors, clicks)
}

func (s *talkative) HasIdentify(ctx context.Context, org, key string) (bool, error) {
	s.asked = append(s.asked, "HasIdentify")
	return s.Store.HasIdentify(ctx, org, key)
}

func (s *talkative) FactsOf(ctx context.Context, org string, conversions []string) ([]commission.Fact, error) {
	s.asked = append(s.asked, "FactsOf")
	return s.Store.FactsOf(ctx, org, conversions)
}

// A conversion is one read and one conditional write, whoever the customer is;
// one that brings a click of its own has to look for it.
func TestStoreCalls(t *testing.T) {
	d := newDemo()
	s := &talkative{Store: d.store}
	d.Engine = d.Within(s)
	for _, visitor := range []string{"v1", "v2", "v3"} {
		_, err := d.RecordClick(d, affiliate.Click{ID: "click of " + visitor, Partner: "ada", Program: "main", Visitor: visitor})
		require.NoError(t, err)
	}
	_, err := d.Identify(d, affiliate.Identify{Customer: "by visitor", Visitor: "v1"})
	require.NoError(t, err)
	_, err = d.Identify(d, affiliate.Identify{Customer: "by click", Click: "click of v2"})
	require.NoError(t, err)
	_, err = d.RecordRefund(d, affiliate.Refund{ID: "re", Conversion: "refunded", Amount: 1})
	require.NoError(t, err)
	for _, test := range []struct {
		name  string
		in    affiliate.Conversion
		asked []string
	}{
		{"first sale of a visitor", affiliate.Conversion{ID: "in_1", Customer: "by visitor"}, []string{"Load", "Commit"}},
		{"renewal", affiliate.Conversion{ID: "in_2", Customer: "by visitor"}, []string{"Load", "Commit"}},
		{"first sale by a click", affiliate.Conversion{ID: "in_3", Customer: "by click"}, []string{"Load", "Commit"}},
		{"nobody's customer", affiliate.Conversion{ID: "in_4", Customer: "unknown"}, []string{"Load", "Commit"}},
		{"guest with an explicit partner", affiliate.Conversion{ID: "in_5", Partner: "ada"}, []string{"Load", "Commit"}},
		{"with a click", affiliate.Conversion{ID: "in_6", Customer: "new", Click: "click of v3"}, []string{"Load", "Clicks", "Load", "Commit"}},
		{"after its refund", affiliate.Conversion{ID: "refunded", Customer: "by visitor"}, []string{"Load", "FactsOf", "Commit"}},
	} {
		s.asked = nil
		test.in.Amount = 1000
		_, err := d.RecordConversion(d, test.in)
		require.NoError(t, err)
		require.Equal(t, test.asked, s.asked, test.name)
	}
}
