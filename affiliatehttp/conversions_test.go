package affiliatehttp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

const sale = `{"externalCustomerId":"cus_1","externalConversionId":"cs_1","programId":"program_extension_launch",` +
	`"promoCode":"ALEX10","amountCents":4900,"currency":"usd","convertedAt":"2026-03-13T09:42:00.000Z"}`

func TestConversionIsAnsweredWithItsDecision(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	w := f.do(http.MethodPost, "/v1/conversions", sale)
	require.Equal(t, http.StatusCreated, w.Code)
	require.JSONEq(t, `{
		"conversionId": "cs_1", "attributed": true, "reason": "",
		"credits": [{"partnerId": "alex", "programId": "program_extension_launch", "share": "1", "method": "promo"}],
		"commissions": [{"id": "`+decoded(t, w).Commissions[0].ID+`", "partnerId": "alex", "ruleId": "sale", "amount": 980,
			"currency": "usd", "status": "pending", "payableAt": "2026-04-12T09:42:00Z"}]
	}`, w.Body.String())

	before := f.dump(t)
	status, again := f.post(t, "/v1/conversions", sale)
	require.Equal(t, http.StatusOK, status)
	require.True(t, again.Duplicate)
	require.Equal(t, decoded(t, w).Commissions, again.Commissions)

	status, conflict := f.post(t, "/v1/conversions", strings.Replace(sale, "4900", "9900", 1))
	require.Equal(t, http.StatusConflict, status)
	require.Equal(t, "duplicate_conflict", conflict.Code)
	require.Equal(t, before, f.dump(t))
}

func TestConversionThatNobodyBroughtIsNoError(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	w := f.do(http.MethodPost, "/v1/conversions", `{"externalConversionId":"in_1","externalCustomerId":"c","promoCode":"NOSUCH","amountCents":1}`)
	require.Equal(t, http.StatusCreated, w.Code)
	require.JSONEq(t, `{"conversionId":"in_1","attributed":false,"reason":"code_unknown","credits":[],"commissions":[]}`, w.Body.String())
}

func TestConversionsThatAreAccepted(t *testing.T) {
	t.Parallel()
	bodies := []string{
		`{"externalConversionId":"1","externalCustomerId":"c","amountCents":0}`,
		`{"externalConversionId":"2","externalCustomerId":"c","amountCents":9223372036854775807}`,
		`{"externalConversionId":"3","clickId":"unknown","amountCents":1}`,
		`{"externalConversionId":"4","promoCode":" alex10 ","amountCents":1}`,
		`{"externalConversionId":"5","referralCode":"blair","amountCents":1}`,
		`{"externalConversionId":"6","referralCode":"producthunt","amountCents":1}`,
		`{"externalConversionId":"7","externalCustomerId":"c","eventType":"signup"}`,
		`{"externalConversionId":"8","externalCustomerId":"c","eventType":"trial_started"}`,
		`{"externalConversionId":"9","externalCustomerId":"c","eventType":"subscription_created"}`,
		`{"externalConversionId":"10","externalCustomerId":"c","eventType":"installed_the_plugin"}`,
		`{"externalConversionId":"11","externalCustomerId":"c","eventType":"signup","promoCode":"","clickId":"","partnerId":""}`,
		`{"externalConversionId":"12","externalCustomerId":"c","amountCents":1,"currency":"JPY","convertedAt":"2020-02-29T23:59:59+14:00"}`,
		`{"externalConversionId":"13","externalCustomerId":"c","amountCents":1,"convertedAt":"2026-03-13T12:05:00Z"}`,
		`{"externalConversionId":"14","externalCustomerId":"c","amountCents":1,"campaignId":"x","sub":{"sub1":"a","sub30":"b"}}`,
		`{"externalConversionId":"15","externalCustomerId":"c","amountCents":1,"metadata":{"plan":"pro","seats":3,"vip":true,"n":1.50}}`,
		`{"externalConversionId":"16 😀 \ud83d\ude00 \\ud83d","externalCustomerId":"c","amountCents":1}`,
		" \n{\"externalConversionId\":\"17\",\"externalCustomerId\":\"c\",\"amountCents\":1,\"partnerId\":\"blair\"}\n ",
	}
	for _, body := range bodies {
		f := newFixture(t)
		status, a := f.post(t, "/v1/conversions", body)
		assert.Equal(t, http.StatusCreated, status, "%s: %+v", body, a)
	}
}

func TestConversionKeepsTagsAndMetadata(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.post(t, "/v1/conversions", `{"externalConversionId":"1","externalCustomerId":"c","amountCents":1,"currency":"EUR","campaignId":"x",`+
		`"sub":{"sub2":"b"},"metadata":{"plan":"pro","seats":3,"vip":true}}`)
	w := f.do(http.MethodGet, "/v1/conversions/1", "")
	require.Equal(t, http.StatusOK, w.Code)
	for _, want := range []string{
		`"campaignId":"x"`, `"sub":{"sub2":"b"}`, `"metadata":{"plan":"pro","seats":"3","vip":"true"}`, `"currency":"eur"`,
		`"convertedAt":"2026-03-13T12:00:00Z"`, `"eventType":"invoice_paid"`,
	} {
		assert.Contains(t, w.Body.String(), want)
	}
}

func TestConversionIsExplained(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.visit("/r/alex")
	f.visit("/r/blair", "Cookie", cookie(first))
	f.post(t, "/v1/identify", `{"externalCustomerId":"cus_1","visitorId":"`+f.clicks(t)[0].Visitor+`"}`)
	f.post(t, "/v1/conversions", `{"externalConversionId":"cs_1","externalCustomerId":"cus_1","promoCode":"NOSUCH","amountCents":4900}`)
	f.post(t, "/v1/refunds", `{"externalRefundId":"re_1","externalConversionId":"cs_1","amountCents":1000}`)
	w := f.do(http.MethodGet, "/v1/conversions/cs_1", "")
	require.Equal(t, http.StatusOK, w.Code)
	for _, want := range []string{
		`"customerIds":["cus_1"]`, `"method":"click"`, `"model":"last_click"`, `"failed":[{"method":"promo","reason":"code_unknown"`,
		`"rules":[{"partnerId":"blair","programId":"program_extension_launch","ruleId":"sale","fired":true}]`,
		`"accrued":980`, `"value":"20"`, `"termsSource":"approval"`, `"refunded":1000`, `"amount":780`, `"touches":[{"clickId":`,
	} {
		assert.Contains(t, w.Body.String(), want)
	}

	for _, path := range []string{"/v1/conversions/nope", "/v1/conversions/..%2f..%2fetc"} {
		require.Equal(t, http.StatusNotFound, f.do(http.MethodGet, path, "").Code, path)
	}
	f.post(t, "/v1/conversions", `{"externalConversionId":"a/b c","externalCustomerId":"c","amountCents":1}`)
	require.Equal(t, http.StatusOK, f.do(http.MethodGet, "/v1/conversions/a%2Fb%20c", "").Code)
}

// The same conversion from 64 connections at once is one conversion.
func TestConcurrentDuplicatesPayOnce(t *testing.T) {
	t.Parallel()
	const callers = 64
	f := newFixture(t)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		created int
		ids     = map[string]bool{}
	)
	for range callers {
		wg.Go(func() {
			w := f.do(http.MethodPost, "/v1/conversions", sale)
			mu.Lock()
			defer mu.Unlock()
			a := decoded(t, w)
			switch {
			case w.Code == http.StatusCreated && !a.Duplicate:
				created++
			case w.Code == http.StatusOK && a.Duplicate:
			default:
				t.Errorf("%d %s", w.Code, w.Body)
			}
			for _, c := range a.Commissions {
				ids[fmt.Sprint(c.ID, c.Amount)] = true
			}
		})
	}
	wg.Wait()
	require.Equal(t, 1, created)
	require.Len(t, ids, 1)
	page, err := f.eng.Commissions(t.Context(), "alex", "", 0)
	require.NoError(t, err)
	require.Len(t, page.Commissions, 1)
	require.Equal(t, int64(980), page.Commissions[0].Amount)
}

func TestSaleIsAConversionInSnakeCase(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := `{"customer_key":"cus_1","transaction_id":"txn_1","amount_cents":4900,"currency":"USD","promo_code":"ALEX10",` +
		`"program_id":"program_extension_launch","converted_at":"2026-03-13T09:42:00Z","campaign_id":"x","sub":{"sub1":"a"},` +
		`"metadata":{"k":"v"},"sale_type":"subscription","is_recurring":true,"subscription_id":"sub_1",` +
		`"subscription_interval":"month","product_id":"p","line_items":[{"sku": 1}]}`
	status, a := f.post(t, "/v1/track/sale", body)
	require.Equal(t, http.StatusCreated, status, a)
	require.Equal(t, int64(980), a.Commissions[0].Amount)
	status, a = f.post(t, "/v1/track/sale", body)
	require.Equal(t, http.StatusOK, status)
	require.True(t, a.Duplicate)
	require.Contains(t, f.do(http.MethodGet, "/v1/conversions/txn_1", "").Body.String(),
		`"metadata":{"is_recurring":"true","k":"v","line_items":"[{\"sku\":1}]","product_id":"p","sale_type":"subscription",`+
			`"subscription_id":"sub_1","subscription_interval":"month"}`)

	before := f.dump(t)
	for field, body := range map[string]string{
		"transaction_id":     `{"customer_key":"c","amount_cents":1}`,
		"customer_key":       `{"transaction_id":"t","amount_cents":1}`,
		"amount_cents":       `{"transaction_id":"t","customer_key":"c"}`,
		"converted_at":       `{"transaction_id":"t","customer_key":"c","amount_cents":1,"converted_at":"2027-01-01T00:00:00Z"}`,
		"program_id":         `{"transaction_id":"t","customer_key":"c","amount_cents":1,"program_id":"nope"}`,
		"sale_type":          `{"transaction_id":"t","customer_key":"c","amount_cents":1,"sale_type":"gift"}`,
		"is_recurring":       `{"transaction_id":"t","customer_key":"c","amount_cents":1,"is_recurring":"yes"}`,
		"line_items":         `{"transaction_id":"t","customer_key":"c","amount_cents":1,"line_items":{}}`,
		"metadata.sale_type": `{"transaction_id":"t","customer_key":"c","amount_cents":1,"metadata":{"sale_type":"x"}}`,
		"partner_id":         `{"transaction_id":"t","customer_key":"c","amount_cents":1,"partner_id":"alex"}`,
		"amountCents":        `{"transaction_id":"t","customer_key":"c","amount_cents":1,"amountCents":1}`,
	} {
		status, a := f.post(t, "/v1/track/sale", body)
		assert.Equal(t, http.StatusUnprocessableEntity, status, field)
		assert.Equal(t, []string{field}, a.fields())
	}
	require.Equal(t, before, f.dump(t))
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := `{"externalCustomerId":"cus_1","alias":"user_1","clickId":"k","visitorId":"v","email":"a@b.example"}`
	status, a := f.post(t, "/v1/identify", body)
	require.Equal(t, http.StatusOK, status)
	require.False(t, a.Duplicate)
	_, a = f.post(t, "/v1/identify", body)
	require.True(t, a.Duplicate)
	before := f.dump(t)
	for field, body := range map[string]string{
		"externalCustomerId": `{"visitorId":"v"}`,
		"visitorId":          `{"externalCustomerId":"c","visitorId":"\u0001"}`,
		"clickId":            `{"externalCustomerId":"c","clickId":7}`,
		"alias":              `{"externalCustomerId":"c","alias":null}`,
		"email":              `{"externalCustomerId":"c","email":["a@b.example"]}`,
		"at":                 `{"externalCustomerId":"c","at":"2026-01-01T00:00:00Z"}`,
	} {
		status, a := f.post(t, "/v1/identify", body)
		assert.Equal(t, http.StatusUnprocessableEntity, status, field)
		assert.Equal(t, []string{field}, a.fields())
	}
	require.Equal(t, before, f.dump(t))
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	early := `{"externalRefundId":"re_1","externalConversionId":"cs_1","amountCents":1000,"refundedAt":"2026-03-13T11:00:00Z"}`
	status, a := f.post(t, "/v1/refunds", early)
	require.Equal(t, http.StatusCreated, status)
	require.True(t, a.Waiting)
	_, a = f.post(t, "/v1/conversions", sale)
	require.Equal(t, int64(780), a.Commissions[0].Amount)
	status, a = f.post(t, "/v1/refunds", early)
	require.Equal(t, http.StatusOK, status)
	require.True(t, a.Duplicate)

	before := f.dump(t)
	for field, body := range map[string]string{
		"externalRefundId":     `{"externalConversionId":"cs_1"}`,
		"externalConversionId": `{"externalRefundId":"re_2"}`,
		"amountCents":          `{"externalRefundId":"re_2","externalConversionId":"cs_1","amountCents":3901}`,
		"refundedAt":           `{"externalRefundId":"re_2","externalConversionId":"cs_1","refundedAt":"2026-03-14T00:00:00Z"}`,
		"currency":             `{"externalRefundId":"re_2","externalConversionId":"cs_1","currency":"usd"}`,
	} {
		status, a := f.post(t, "/v1/refunds", body)
		assert.Equal(t, http.StatusUnprocessableEntity, status, field)
		assert.Equal(t, []string{field}, a.fields())
	}
	status, a = f.post(t, "/v1/refunds", strings.Replace(early, "1000", "999", 1))
	require.Equal(t, http.StatusConflict, status, a)
	require.Equal(t, before, f.dump(t))

	status, _ = f.post(t, "/v1/refunds", `{"externalRefundId":"re_2","externalConversionId":"cs_1"}`)
	require.Equal(t, http.StatusCreated, status)
	_, a = f.post(t, "/v1/conversions", sale)
	require.Equal(t, int64(0), a.Commissions[0].Amount)
}

func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	for _, route := range []struct{ method, path string }{
		{http.MethodPost, "/v1/conversions"},
		{http.MethodGet, "/v1/conversions/cs_1"},
		{http.MethodPost, "/v1/identify"},
		{http.MethodPost, "/v1/refunds"},
		{http.MethodPost, "/v1/track/sale"},
		{http.MethodGet, "/v1/postback"},
	} {
		for credential, want := range map[string]int{
			"": 401, "Bearer wrong": 401, "Bearer other": 403, "Bearer partner": 403, "Bearer suspended": 403,
		} {
			w := f.do(route.method, route.path, sale, "Authorization", credential)
			require.Equal(t, want, w.Code, "%s %s", route.path, credential)
			require.Equal(t, want == 401, w.Header().Get("WWW-Authenticate") != "")
			decoded(t, w)
		}
		nobody := newFixture(t, func(c *affiliatehttp.Config) { c.Authenticate = nil })
		require.Equal(t, http.StatusUnauthorized, nobody.do(route.method, route.path, sale).Code)
		w := f.do(http.MethodDelete, route.path, sale)
		require.Equal(t, http.StatusMethodNotAllowed, w.Code)
		require.Contains(t, w.Header().Get("Allow"), route.method)
		decoded(t, w)
	}
	require.Equal(t, before, f.dump(t))
	w := f.do(http.MethodGet, "/v1/nothing", "")
	require.Equal(t, http.StatusNotFound, w.Code)
	decoded(t, w)
}

func TestStoreDownIsUnavailable(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	f.store.down.Store(true)
	for path, body := range map[string]string{
		"/v1/conversions": sale, "/v1/track/sale": `{"transaction_id":"t","customer_key":"c","amount_cents":1}`,
		"/v1/identify": `{"externalCustomerId":"c"}`, "/v1/refunds": `{"externalRefundId":"r","externalConversionId":"c"}`,
	} {
		w := f.do(http.MethodPost, path, body)
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Equal(t, "5", w.Header().Get("Retry-After"))
		require.NotContains(t, w.Body.String(), errDown.Error())
		require.Equal(t, "store_unavailable", decoded(t, w).Code)
	}
	require.Equal(t, http.StatusServiceUnavailable, f.do(http.MethodGet, "/v1/conversions/cs_1", "").Code)
	f.store.down.Store(false)
	require.Equal(t, before, f.dump(t))
	status, _ := f.post(t, "/v1/conversions", sale)
	require.Equal(t, http.StatusCreated, status)
}

// What a retry can mend is answered 503 with a time to wait and a code that says why.
// Only where it is known that nothing was stored does the answer say so.
func TestEveryErrorOfTheStoreIsAnsweredWithItsCode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		says    error
		code    string
		certain bool
	}{
		{affiliate.ErrTimeout, "timeout", true},
		{affiliate.ErrSerialization, "serialization", true},
		{affiliate.ErrFull, "full", true},
		{affiliate.ErrReadOnly, "read_only", true},
		{affiliate.ErrBusy, "busy", true},
		{affiliate.ErrCanceled, "canceled", false},
		{context.DeadlineExceeded, "canceled", false},
		{affiliate.ErrUnavailable, "store_unavailable", false},
		{errDown, "store_unavailable", false},
	} {
		f := newFixture(t)
		f.store.says = fmt.Errorf("%w: secret of the driver", test.says)
		f.store.down.Store(true)
		w := f.do(http.MethodPost, "/v1/conversions", sale)
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Equal(t, "5", w.Header().Get("Retry-After"))
		answer := decoded(t, w)
		require.Equal(t, test.code, answer.Code)
		require.NotContains(t, answer.Detail, "secret")
		require.Equal(t, test.certain, strings.Contains(answer.Detail, "nothing was stored"), answer.Detail)
	}
}

// A type that no rule knows is answered with those that rules ask for.
func TestMistypedEventTypeIsAnswered(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	rules := []commission.Rule{{ID: "lead", EventType: "signup", Trigger: commission.First, Type: commission.Fixed, Value: "500"}}
	destination := home
	require.NoError(t, errOf(f.eng.CreateProgram(t.Context(), "leads", program.SettingsChange{DestinationURL: &destination, Rules: rules}, affiliate.Always())))
	body := `{"externalConversionId":"cs_9","externalCustomerId":"c","eventType":"sign_up"}`
	w := f.do(http.MethodPost, "/v1/conversions", body)
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	require.Contains(t, w.Body.String(), `"knownEventTypes":["signup"]`)
	require.Contains(t, f.do(http.MethodGet, "/v1/conversions/cs_9", "").Body.String(), `"knownEventTypes":["`)
	require.NotContains(t, f.do(http.MethodPost, "/v1/conversions", sale).Body.String(), "knownEventTypes")
}

// A handler works alone, below any prefix and router.
func TestHandlerAlone(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.post(t, "/v1/conversions", sale)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /partners/api/sales/", f.handler.Conversion)
	f.routes = mux
	require.Equal(t, http.StatusOK, f.do(http.MethodGet, "/partners/api/sales/cs_1", "").Code)
	require.NotNil(t, affiliate.ErrConflict)
}
