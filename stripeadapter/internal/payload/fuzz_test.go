package payload_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// fixtures returns the events of the tests of the adapter, by file.
func fixtures(tb testing.TB) map[string][]byte {
	tb.Helper()
	paths, err := filepath.Glob("../../testdata/events/*.json")
	require.NoError(tb, err)
	require.NotEmpty(tb, paths)
	files := map[string][]byte{}
	for _, path := range paths {
		file, err := os.ReadFile(path)
		require.NoError(tb, err)
		files[filepath.Base(path)] = file
	}
	return files
}

func FuzzEvent(f *testing.F) {
	for _, file := range fixtures(f) {
		f.Add(file)
	}
	for _, body := range []string{"", "null", "[]", `{"id":"evt_1","type":"x","data":null}`, `{"id":"evt_1","type":"x","data":{}}`} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		event, err := payload.ParseEvent(body)
		if err == nil {
			err = event.Check()
		} else {
			require.Zero(t, event)
		}
		whole, wholeErr := payload.ParseWhole(body) // nothing is cut
		require.Equal(t, wholeErr == nil, err == nil, "%v, not %v", err, wholeErr)
		if err != nil {
			require.ErrorIs(t, err, payload.ErrMalformed)
			return
		}
		require.Equal(t, whole, event)
		require.NotEmpty(t, event.ID)
		require.NotEmpty(t, event.Type)
		require.Equal(t, event.Thin, len(event.Object) == 0)
		requireTimes(t, reflect.ValueOf(event))
		if event.Thin {
			return
		}
		require.Equal(t, byte('{'), event.Object[0])
		// Whatever the object is, each of the parsers takes it or refuses it.
		for _, kind := range []string{"checkout.session", "invoice", "charge", "credit_note", kindOf(event.Type)} {
			_, _ = parse(kind, event.Object)
		}
	})
}

func FuzzInvoice(f *testing.F)        { fuzz(f, "invoice") }
func FuzzSession(f *testing.F)        { fuzz(f, "checkout.session") }
func FuzzPaymentIntent(f *testing.F)  { fuzz(f, "payment_intent") }
func FuzzCharge(f *testing.F)         { fuzz(f, "charge") }
func FuzzRefund(f *testing.F)         { fuzz(f, "refund") }
func FuzzDispute(f *testing.F)        { fuzz(f, "dispute") }
func FuzzCustomer(f *testing.F)       { fuzz(f, "customer") }
func FuzzSubscription(f *testing.F)   { fuzz(f, "subscription") }
func FuzzInvoicePayment(f *testing.F) { fuzz(f, "invoice_payment") }
func FuzzCreditNote(f *testing.F)     { fuzz(f, "credit_note") }
func FuzzPromotionCode(f *testing.F)  { fuzz(f, "promotion_code") }
func FuzzAccount(f *testing.F)        { fuzz(f, "account") }

func fuzz(f *testing.F, kind string) {
	f.Helper()
	for _, file := range fixtures(f) {
		_, kinds, objects, err := objectsIn(file)
		require.NoError(f, err)
		for i := range kinds {
			if kinds[i] == kind {
				f.Add(objects[i])
			}
		}
	}
	for _, seed := range shapes()[kind] {
		f.Add([]byte(seed.object))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		parsed, err := parse(kind, object)
		value := reflect.ValueOf(parsed)
		if err != nil {
			require.ErrorIs(t, err, payload.ErrMalformed)
			require.True(t, value.IsZero(), "what is refused must not be returned")
			return
		}
		require.NotEmpty(t, value.FieldByName("ID").String())
		requireTimes(t, value)
		switch of := parsed.(type) {
		case payload.Invoice:
			requireInvoice(t, of)
			requireAmount(t, object, "total", of.Total)
			requireAmount(t, object, "amount_due", of.Due)
		case payload.Session:
			require.True(t, of.Net >= 0 && of.Net <= max(of.Total, 0), "net %d of %d", of.Net, of.Total)
		case payload.Refund:
			requireAmount(t, object, "amount", of.Amount)
		case payload.Dispute:
			requireAmount(t, object, "amount", of.Amount)
		case payload.PaymentIntent:
			requireAmount(t, object, "amount_received", of.Received)
		case payload.Charge:
			requireAmount(t, object, "amount", of.Amount)
			requireAmount(t, object, "amount_refunded", of.Refunded)
			for _, refund := range of.Refunds {
				require.NotEmpty(t, refund.ID)
				require.NotEmpty(t, refund.Charge)
			}
		case payload.CreditNote:
			require.False(t, of.Status == "void" && !of.Voided)
		}
	})
}

// requireInvoice holds the arithmetic of an invoice to what is true of any.
func requireInvoice(t *testing.T, invoice payload.Invoice) {
	t.Helper()
	top := max(invoice.Total, 0)
	require.True(t, invoice.Net >= 0 && invoice.Net <= top, "net %d of %d", invoice.Net, invoice.Total)
	require.True(t, invoice.Paid >= 0 && invoice.Paid <= top, "paid %d of %d", invoice.Paid, invoice.Total)
	require.True(t, invoice.OutOfBandPaid >= 0 && invoice.OutOfBandPaid <= invoice.Paid)
	require.True(t, invoice.OutOfBandKnown || !invoice.OutOfBand)
	require.True(t, invoice.OutOfBand || invoice.OutOfBandPaid == 0)
	all, grossAll, err := invoice.Base(true)
	require.NoError(t, err)
	through, grossThrough, err := invoice.Base(false)
	require.NoError(t, err)
	require.True(t, 0 <= through && all <= invoice.Net, "base %d to %d of net %d", through, all, invoice.Net)
	require.True(t, 0 <= grossThrough && grossAll <= top, "gross %d to %d of %d", grossThrough, grossAll, invoice.Total)
	require.LessOrEqual(t, through, all)
	require.LessOrEqual(t, grossThrough, grossAll)
	if grossAll == top {
		require.Equal(t, invoice.Net, all, "all of it was paid")
	}
}

// requireTimes asks that every time can be written down.
func requireTimes(t *testing.T, value reflect.Value) {
	t.Helper()
	for i := range value.NumField() {
		if at, ok := value.Field(i).Interface().(time.Time); ok {
			_, err := at.MarshalJSON()
			require.NoError(t, err)
			require.True(t, at.IsZero() || at.Unix() >= 0)
		}
	}
}

// requireAmount reads a field of the top level in another way, and compares.
func requireAmount(t *testing.T, object []byte, field string, got int64) {
	t.Helper()
	var raw map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(object, &raw))
	var values []string
	for name, value := range raw {
		if strings.EqualFold(name, field) { // as encoding/json does
			values = append(values, string(value))
		}
	}
	if len(values) != 1 || values[0] == "null" {
		return
	}
	amount, err := strconv.ParseInt(values[0], 10, 64)
	require.NoError(t, err, "%s was taken for an amount", values[0])
	require.Equal(t, amount, got)
}
