package stripeadapter_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// exampleAdapter is the adapter of a shop that has one partner, and a payment and a
// refund at Stripe from before there was a webhook.
func exampleAdapter(ctx context.Context) (*stripeadapter.Adapter, *affiliate.Engine, *httptest.Server) {
	past := newStory()
	past.customer("cus_1", object{"affiliate_ref": "ada"})
	past.invoice("1", "cus_1", "sub_1", "subscription_create", 5000, 1000, nil)
	past.refund("re_1", "1", 3000)

	clock := affiliatetest.NewClock(time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC))
	eng, err := affiliate.New(memory.New(), affiliate.Config{Organization: "acme", Now: clock.Now})
	must(err)
	rules := []commission.Rule{{ID: "all", Trigger: commission.Every, Type: commission.Percent, Value: "20", Recurring: true}}
	must(errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: home(), Rules: rules}, affiliate.Always())))
	must(errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
	must(errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
	must(errOf(eng.AddLink(ctx, affiliate.Link{Key: "ada", Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()})))
	adapter, err := stripeadapter.New(eng, stripeadapter.Config{TestMode: true})
	must(err)
	return adapter, eng, httptest.NewServer(past)
}

// A scheduled job calls it until all is done, a part at a time.
func ExampleAdapter_Backfill() {
	ctx := context.Background()
	adapter, eng, server := exampleAdapter(ctx)
	defer server.Close()
	api := stripeadapter.NewAPI("sk_test_key", stripeadapter.APIOptions{URL: server.URL})

	for done := false; !done; {
		result, err := adapter.Backfill(ctx, api, stripeadapter.BackfillOptions{MaxObjects: 3})
		must(err)
		fmt.Printf("%d listed, %d applied, next %q\n", result.Listed, result.Applied, result.Stage)
		done = result.Done
	}
	earned, err := eng.Conversion(ctx, "in_1")
	must(err)
	fmt.Println(earned.Commissions[0].Partner, earned.Commissions[0].Amount)
	// Output:
	// 3 listed, 2 applied, next "refunds"
	// 5 listed, 4 applied, next ""
	// ada 500
}

func ExampleAdapter_Reconcile() {
	ctx := context.Background()
	adapter, _, server := exampleAdapter(ctx)
	defer server.Close()
	api := stripeadapter.NewAPI("sk_test_key", stripeadapter.APIOptions{URL: server.URL})

	report, err := adapter.Reconcile(ctx, api, stripeadapter.ReconcileOptions{})
	must(err)
	fmt.Print(report)

	_, err = adapter.Backfill(ctx, api, stripeadapter.BackfillOptions{})
	must(err)
	report, err = adapter.Reconcile(ctx, api, stripeadapter.ReconcileOptions{})
	must(err)
	fmt.Println(report.Agrees())
	// Output:
	// missing in_1: Stripe 5000 cad
	// not_told cus_1
	// cad: Stripe 1 payments, 5000, refunded 2500; ledger 0 payments, 0, refunded 0
	// 5 objects, 1 payments: does not agree
	// true
}
