package payload_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// TestFixtures reads the events that the tests of the adapter use, and holds them
// to be plausible.
func TestFixtures(t *testing.T) {
	for name, file := range fixtures(t) {
		event, kinds, objects, err := objectsIn(file)
		require.NoError(t, err, name)
		require.Regexp(t, "^evt_", event.ID, name)
		require.False(t, event.Livemode, name)
		require.False(t, event.Created.IsZero(), name)
		for i, kind := range kinds {
			parsed, err := parse(kind, objects[i])
			if errors.Is(err, errNoParser) {
				require.Equal(t, "account.application.deauthorized", event.Type, name)
				continue
			}
			require.NoError(t, err, name)
			switch of := parsed.(type) {
			case payload.Invoice:
				require.False(t, of.PaidAt.Before(of.Created), name)
				require.False(t, event.Created.Before(of.PaidAt), name)
				require.Equal(t, "paid", of.Status, name)
			case payload.Session:
				require.False(t, event.Created.Before(of.Created), name)
			case payload.Customer:
				require.False(t, event.Created.Before(of.Created), name)
			}
		}
	}
}

// TestInvoiceFixtures says what is to be paid a commission on, by file.
func TestInvoiceFixtures(t *testing.T) {
	files := fixtures(t)
	type want struct {
		currency                string
		total, base, notOutside int64
		subscription, referral  string
		promotion               string
	}
	const first, trial, promo, free = "sub_basil_0001", "sub_basil_trial_0001", "sub_basil_promo_0001", "sub_basil_free_0001"
	for name, w := range map[string]want{
		"subscription_create":            {"cad", 4999, 4999, 4999, first, "", ""},
		"subscription_create.2023-10-16": {"cad", 4999, 4999, 4999, first, "", ""},
		"subscription_cycle":             {"cad", 4999, 4999, 4999, first, "", ""},
		"subscription_cycle.metadata":    {"cad", 4999, 4999, 4999, first, "ref_ADA123", ""},
		"tax-exclusive":                  {"cad", 5649, 4999, 4999, first, "ref_ADA123", ""},
		"tax-inclusive":                  {"cad", 6000, 5000, 5000, first, "ref_ADA123", ""},
		"shipping":                       {"cad", 6779, 4999, 4999, first, "ref_ADA123", ""},
		"customer-balance":               {"cad", 4900, 1900, 1900, first, "ref_ADA123", ""},
		"jpy":                            {"jpy", 5000, 5000, 5000, first, "ref_ADA123", ""},
		"out-of-band":                    {"cad", 4999, 4999, 4999, first, "ref_ADA123", ""}, // not told
		"out-of-band.payments":           {"cad", 4999, 4999, 0, first, "ref_ADA123", ""},
		"out-of-band.2023-10-16":         {"cad", 4999, 4999, 0, first, "ref_ADA123", ""},
		"zero-trial":                     {"cad", 0, 0, 0, trial, "", ""},
		"trial-renewal":                  {"cad", 4999, 4999, 4999, trial, "", ""},
		"trial-renewal.second":           {"cad", 4999, 4999, 4999, trial, "", ""},
		"promo-first":                    {"cad", 3999, 3999, 3999, promo, "", ""},
		"promo-first.2023-10-16":         {"cad", 3999, 3999, 3999, promo, "ref_ADA123", "promo_ALEX10"},
		"promo-renewal":                  {"cad", 4999, 4999, 4999, promo, "", ""},
		"free":                           {"cad", 0, 0, 0, free, "", ""},
		"free-renewal":                   {"cad", 4999, 4999, 4999, free, "", ""},
		"payment":                        {"cad", 5000, 5000, 5000, "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			event, err := payload.ParseEvent(files["invoice.paid."+name+".json"])
			require.NoError(t, err)
			require.Equal(t, "invoice.paid", event.Type)
			of, err := payload.ParseInvoice(event.Object)
			require.NoError(t, err)
			got := want{currency: of.Currency, total: of.Total, subscription: of.Subscription, referral: of.Metadata["affiliate_ref"]}
			for _, d := range of.Discounts {
				got.promotion += d.PromotionCode
			}
			got.base, _, err = of.Base(true)
			require.NoError(t, err)
			got.notOutside, _, err = of.Base(false)
			require.NoError(t, err)
			require.Equal(t, w, got)
		})
	}
}

func TestSessionFixtures(t *testing.T) {
	files := fixtures(t)
	type want struct {
		mode, status, currency string
		total, net             int64
		reference, promotion   string
	}
	for name, w := range map[string]want{
		"completed.client_reference_id":         {"subscription", "paid", "cad", 4999, 4999, "ref_ADA123", ""},
		"completed.trial":                       {"subscription", "no_payment_required", "cad", 0, 0, "ref_ADA123", ""},
		"completed.promotion_code":              {"subscription", "paid", "cad", 3999, 3999, "", "promo_ALEX10"},
		"completed.promotion_code.free":         {"subscription", "no_payment_required", "cad", 0, 0, "", "promo_ALEX10"},
		"completed.payment":                     {"payment", "paid", "cad", 6779, 4999, "ref_ADA123", ""},
		"completed.payment.invoice":             {"payment", "paid", "cad", 5000, 5000, "ref_ADA123", ""},
		"completed.payment.presentment":         {"payment", "paid", "usd", 10000, 10000, "ref_ADA123", ""},
		"completed.payment.currency_conversion": {"payment", "paid", "usd", 10000, 10000, "ref_ADA123", ""},
		"completed.unpaid":                      {"payment", "unpaid", "usd", 5500, 4500, "ref_ADA123", ""},
		"async_payment_succeeded":               {"payment", "paid", "usd", 5500, 4500, "ref_ADA123", ""},
		"async_payment_failed":                  {"payment", "unpaid", "usd", 5500, 4500, "ref_ADA123", ""},
		"completed.setup":                       {"setup", "no_payment_required", "", 0, 0, "ref_ADA123", ""},
	} {
		t.Run(name, func(t *testing.T) {
			event, err := payload.ParseEvent(files["checkout.session."+name+".json"])
			require.NoError(t, err)
			of, err := payload.ParseSession(event.Object)
			require.NoError(t, err)
			got := want{of.Mode, of.PaymentStatus, of.Currency, of.Total, of.Net, of.ClientReference, ""}
			for _, d := range of.Discounts {
				got.promotion += d.PromotionCode
			}
			require.Equal(t, w, got)
		})
	}
}
