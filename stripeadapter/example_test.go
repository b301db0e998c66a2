package stripeadapter_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// A subscription's invoices carry what is on the subscription, and nothing that is
// on the session alone.
func ExampleKeys_AddToCheckout() {
	params := &stripe.CheckoutSessionParams{
		Mode:       stripe.String("subscription"),
		SuccessURL: stripe.String("https://shop.example/thanks"),
		LineItems:  []*stripe.CheckoutSessionLineItemParams{{Price: stripe.String("price_pro"), Quantity: stripe.Int64(1)}},
	}
	ref := stripeadapter.Reference{Click: "click_1", Customer: "user_7"} // from the cookie, and the signed-in user
	must(stripeadapter.DefaultKeys().AddToCheckout(params, ref))

	fmt.Println(params.Metadata)
	fmt.Println(params.SubscriptionData.Metadata)
	fmt.Println(*params.ClientReferenceID)
	// Output:
	// map[affiliate_click_id:click_1 affiliate_customer_key:user_7]
	// map[affiliate_click_id:click_1 affiliate_customer_key:user_7]
	// click_1
}

// A guest's next payment would be somebody else's.
func ExampleKeys_AddToCheckout_oneTimePayment() {
	params := &stripe.CheckoutSessionParams{Mode: stripe.String("payment")}
	must(stripeadapter.DefaultKeys().AddToCheckout(params, stripeadapter.Reference{Referral: "ada"}))

	fmt.Println(*params.CustomerCreation, params.PaymentIntentData.Metadata)
	// Output: always map[affiliate_ref:ada]
}

// A checkout that was written for another tool goes on working.
func ExampleKeys_Read() {
	ref := stripeadapter.DefaultKeys().Read(map[string]string{"_afficoneRef": "ada", "order": "7"})
	fmt.Println(ref.Referral)

	own := stripeadapter.Keys{Customer: []string{"userId"}}
	fmt.Println(own.Read(map[string]string{"userId": "user_7"}).Customer)
	// Output:
	// ada
	// user_7
}

func ExampleProvisioner_Sync() {
	server := httptest.NewServer(newFakeStripe()) // Stripe
	defer server.Close()
	ctx := context.Background()
	clock := affiliatetest.NewClock(time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC))
	eng, err := affiliate.New(memory.New(), affiliate.Config{Organization: "acme", Now: clock.Now})
	must(err)
	must(errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{
		DestinationURL: home(),
		Rules:          []commission.Rule{{ID: "all", Trigger: commission.Every, Type: commission.Percent, Value: "20"}},
		Reward:         promo.Reward{Kind: promo.PercentOff, Percent: 10, Span: promo.FirstMonths, Months: 3}.Change(),
	}, affiliate.Always())))
	must(errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
	must(errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always()))) // generates a first code
	must(errOf(eng.AddCode(ctx, affiliate.Code{Code: "ADA10", Partner: "ada"})))
	clock.Advance(time.Minute)

	rewards, err := stripeadapter.NewProvisioner(stripeadapter.ProvisionerConfig{
		API:          stripeadapter.NewAPI("sk_test_key", stripeadapter.APIOptions{URL: server.URL}),
		Organization: eng.Organization(),
		Label:        "Acme",
		States:       stripeadapter.EngineStates(eng),
		Now:          eng.Now,
	})
	must(err)
	sync := func() { // what a host does every few minutes
		setup, err := eng.Configuration(ctx)
		must(err)
		report, err := rewards.Sync(ctx, stripeadapter.WantedCodes(setup, eng.Now()))
		must(err)
		fmt.Println("active", report.Active, "inactive", report.Inactive, "failed", len(report.Failed))
	}
	sync()
	list, err := rewards.Rewards(ctx, "ADA10")
	must(err)
	fmt.Println(list[0].Code, list[0].Status, list[0].PromotionCode != "")

	must(errOf(eng.RetireCode(ctx, "ADA10", time.Time{})))
	clock.Advance(time.Minute)
	sync()
	// Output:
	// active 2 inactive 0 failed 0
	// ADA10 active true
	// active 1 inactive 1 failed 0
}

// The secret is told once: store it before anything else.
func ExampleSetupWebhook() {
	server := httptest.NewServer(&fakeEndpoints{}) // Stripe
	defer server.Close()
	setup := stripeadapter.WebhookSetup{
		API:          stripeadapter.NewAPI("sk_test_key", stripeadapter.APIOptions{URL: server.URL}),
		URL:          "https://shop.example/stripe/webhook",
		Organization: "acme",
	}
	for range 2 {
		endpoint, err := stripeadapter.SetupWebhook(context.Background(), setup)
		must(err)
		fmt.Printf("%s created=%t secret=%q\n", endpoint.ID, endpoint.Created, endpoint.Secret)
	}
	// Output:
	// we_1 created=true secret="whsec_1"
	// we_1 created=false secret=""
}

func ExampleOAuth() {
	server := httptest.NewServer(newFakeConnect()) // Stripe
	defer server.Close()
	ctx := context.Background()
	connect, err := stripeadapter.NewOAuth(stripeadapter.OAuthConfig{
		API:         stripeadapter.NewAPI("sk_test_1", stripeadapter.APIOptions{ConnectURL: server.URL}),
		ClientID:    "ca_platform",
		RedirectURI: "https://app.example/stripe/callback",
		StateKey:    []byte(strings.Repeat("s", 32)), // a secret of the host
		Now:         affiliatetest.NewClock(time.Date(2026, time.March, 1, 9, 0, 0, 0, time.UTC)).Now,
	})
	must(err)

	page, err := connect.AuthorizeURL("session_of_ada") // send the browser there
	must(err)
	address, err := url.Parse(page)
	must(err)
	fmt.Println(address.Host)

	back := url.Values{"code": {"ac_1"}, "state": address.Query()["state"]} // what Stripe sends it back with
	_, err = connect.Callback(ctx, "session_of_mallory", back)
	fmt.Println(err)
	connection, err := connect.Callback(ctx, "session_of_ada", back)
	fmt.Println(connection.Account, err)

	fmt.Println(connect.Deauthorize(ctx, connection.Account))
	// Output:
	// connect.stripe.com
	// stripeadapter: the state does not fit: it was not made for this session
	// acct_1 <nil>
	// <nil>
}

// home is where links lead.
func home() *string {
	address := "https://acme.example/"
	return &address
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
