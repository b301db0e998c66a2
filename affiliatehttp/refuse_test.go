package affiliatehttp_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrong is one body of POST /v1/conversions that must be refused. A value
// stands for the good sale with that field set to it.
type wrong struct {
	field  string
	value  string // JSON
	status int
}

const (
	malformedBody = http.StatusBadRequest
	invalidValue  = http.StatusUnprocessableEntity
)

func wrongValues() []wrong {
	return slices.Concat(wrongMoney(), wrongTimes(), wrongText(), wrongOthers())
}

func wrongMoney() []wrong {
	return []wrong{
		{"amountCents", `-1`, invalidValue},
		{"amountCents", `-0`, invalidValue},
		{"amountCents", `10.5`, invalidValue},
		{"amountCents", `4900.0`, invalidValue},
		{"amountCents", `1e3`, invalidValue},
		{"amountCents", `1E400`, invalidValue},
		{"amountCents", `9223372036854775808`, invalidValue},
		{"amountCents", `-9223372036854775809`, invalidValue},
		{"amountCents", `"4900"`, invalidValue},
		{"amountCents", `NaN`, malformedBody},
		{"amountCents", `Infinity`, malformedBody},
		{"amountCents", `+1`, malformedBody},
		{"amountCents", `007`, malformedBody},
		{"amountCents", `0x10`, malformedBody},
		{"currency", `""`, invalidValue},
		{"currency", `"xxx"`, invalidValue},
		{"currency", `"XAU"`, invalidValue},
		{"currency", `"dollar"`, invalidValue},
		{"currency", `"u\u0455d"`, invalidValue},
		{"currency", `" usd"`, invalidValue},
	}
}

func wrongTimes() []wrong {
	return []wrong{
		{"convertedAt", `""`, invalidValue},
		{"convertedAt", `"yesterday"`, invalidValue},
		{"convertedAt", `"2026-03-13"`, invalidValue},
		{"convertedAt", `"2026-03-13T09:42:00"`, invalidValue},
		{"convertedAt", `"2026-03-13 09:42:00Z"`, invalidValue},
		{"convertedAt", `"2026-03-13T9:42:00Z"`, invalidValue},
		{"convertedAt", `"2026-03-13T09:42:00,5Z"`, invalidValue},
		{"convertedAt", `"2026-03-13T09:42:00+24:00"`, invalidValue},
		{"convertedAt", `"2026-03-13T09:42:00+01:60"`, invalidValue},
		{"convertedAt", `"2026-02-29T00:00:00Z"`, invalidValue},
		{"convertedAt", `"2026-03-13T23:59:60Z"`, invalidValue},
		{"convertedAt", `"2026-03-13T12:05:01Z"`, invalidValue},
		{"convertedAt", `"9999-12-31T23:59:59Z"`, invalidValue},
		{"convertedAt", `"0000-01-01T00:00:00Z"`, invalidValue},
		{"convertedAt", `"0001-01-01T00:00:00Z"`, invalidValue},
		{"convertedAt", `"0001-01-01T00:00:00+14:00"`, invalidValue},
		{"convertedAt", `1773394920`, invalidValue},
	}
}

func wrongOthers() []wrong {
	list := []wrong{
		{"externalConversionId", `""`, invalidValue},
		{"externalCustomerId", `"a\u0000b"`, invalidValue},
		{"programId", `"no_such_program"`, invalidValue},
		{"programId", `"Program_Extension_Launch"`, invalidValue},
		{"partnerId", `"nobody"`, invalidValue},
		{"eventType", `""`, invalidValue},
		{"campaignId", `"` + strings.Repeat("x", 2049) + `"`, invalidValue},
		{"sub", `[]`, invalidValue},
		{"sub", `"sub1"`, invalidValue},
		{"sub.sub0", `{"sub0":"a"}`, invalidValue},
		{"sub.sub31", `{"sub31":"a"}`, invalidValue},
		{"sub.sub01", `{"sub01":"a"}`, invalidValue},
		{"sub.sub1", `{"sub1":1}`, invalidValue},
		{"sub.sub1", `{"sub1":null}`, invalidValue},
		{"sub.sub1", `{"sub1":"a\nb"}`, invalidValue},
		{"sub.sub1", `{"sub1":"a","sub1":"b"}`, malformedBody},
		{"metadata", `[]`, invalidValue},
		{"metadata", `"x"`, invalidValue},
		{"metadata.k", `{"k":{}}`, invalidValue},
		{"metadata.k", `{"k":[]}`, invalidValue},
		{"metadata.k", `{"k":null}`, invalidValue},
		{"metadata.k", `{"k":1,"k":2}`, malformedBody},
		{"metadata.", `{"":1}`, invalidValue},
		{"metadata", `{` + manyKeys(51) + `}`, invalidValue},
		{"commission", `980`, invalidValue},
		{"AmountCents", `4900`, invalidValue},
		{"amount_cents", `4900`, invalidValue},
		{"__proto__", `{}`, invalidValue},
		{strings.Repeat("x", 80) + "…", "", invalidValue},
	}
	for _, field := range []string{"amountCents", "sub", "metadata"} {
		list = append(list, wrong{field, `null`, invalidValue}, wrong{field, `true`, invalidValue}, wrong{field, `,`, malformedBody})
	}
	return list
}

// wrongText is what no field of text may be.
func wrongText() (list []wrong) {
	for _, field := range textFields() {
		for _, value := range []string{`1`, `true`, `[]`, `{}`, `null`} {
			list = append(list, wrong{field, value, invalidValue})
		}
		list = append(list,
			wrong{field, "\"a\xff\"", malformedBody}, wrong{field, "\"\xed\xa0\x80\"", malformedBody}, wrong{field, "\"\xc0\xaf\"", malformedBody},
			wrong{field, `"\ud800"`, malformedBody}, wrong{field, `"a\udc00"`, malformedBody}, wrong{field, `"\ud83d\ud83d"`, malformedBody},
			wrong{field, `"\x"`, malformedBody}, wrong{field, "\"a\nb\"", malformedBody}, wrong{field, `'a'`, malformedBody}, wrong{field, ``, malformedBody},
			wrong{field, `"a","` + field + `":"a"`, malformedBody},
		)
		if field != "currency" && field != "convertedAt" {
			list = append(list, wrong{field, `"` + strings.Repeat("x", 2049) + `"`, invalidValue}, wrong{field, `"a\u0007"`, invalidValue})
		}
	}
	return list
}

func textFields() []string {
	return []string{
		"externalCustomerId", "externalConversionId", "programId", "promoCode", "referralCode", "clickId", "partnerId", "eventType",
		"currency", "convertedAt", "campaignId",
	}
}

func manyKeys(n int) string {
	values := map[string]int{}
	for i := range n {
		values[strings.Repeat("k", i+1)] = i
	}
	text, _ := json.Marshal(values)
	return string(text[1 : len(text)-1])
}

// Every field of POST /v1/conversions, wrong in turn: the answer names the
// field, and not a byte in the store has changed.
func TestEveryWrongFieldIsNamedAndNothingIsStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.post(t, "/v1/conversions", strings.ReplaceAll(sale, "_1", "_0"))
	before := f.dump(t)
	for _, c := range wrongValues() {
		body := with(c.field, c.value)
		status, a := f.post(t, "/v1/conversions", body)
		if assert.Equal(t, c.status, status, "%s\n%+v", body, a) {
			assert.Contains(t, a.fields(), c.field, body)
		}
		assert.Equal(t, before, f.dump(t), body)
	}
	for _, c := range []struct{ field, body string }{
		{"externalConversionId", `{"externalCustomerId":"c","amountCents":1}`},
		{"externalCustomerId", `{"externalConversionId":"i","amountCents":1}`},
		{"externalCustomerId", `{"externalConversionId":"i","externalCustomerId":"","amountCents":1}`},
		{"externalCustomerId", `{"externalConversionId":"i","partnerId":"alex","amountCents":1}`},
		{"amountCents", `{"externalConversionId":"i","externalCustomerId":"c"}`},
		{"amountCents", `{"externalConversionId":"i","externalCustomerId":"c","eventType":"invoice_paid"}`},
	} {
		status, a := f.post(t, "/v1/conversions", c.body)
		assert.Equal(t, http.StatusUnprocessableEntity, status, c.body)
		assert.Equal(t, []string{c.field}, a.fields(), c.body)
		assert.Equal(t, before, f.dump(t), c.body)
	}
}

// with returns the good sale with one field set to other JSON text.
func with(field, value string) string {
	name, _, _ := strings.Cut(field, ".")
	if value == "" && strings.HasSuffix(field, "…") {
		name, value = strings.Repeat("x", 5000), "1"
	}
	var good map[string]json.RawMessage
	if err := json.Unmarshal([]byte(sale), &good); err != nil {
		panic(err)
	}
	delete(good, name)
	var names []string
	for n := range good {
		names = append(names, n)
	}
	slices.Sort(names)
	var body bytes.Buffer
	body.WriteString("{")
	for _, n := range names {
		body.WriteString(`"` + n + `":` + string(good[n]) + ",")
	}
	body.WriteString(`"` + name + `":` + value + "}")
	return body.String()
}

func TestSeveralWrongFieldsAreAllNamed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, a := f.post(t, "/v1/conversions", `{"externalCustomerId":7,"amountCents":1.5,"currency":"zzz","extra":1}`)
	require.ElementsMatch(t, []string{"externalConversionId", "externalCustomerId", "amountCents", "currency", "extra"}, a.fields())
	_, a = f.post(t, "/v1/conversions", `{"externalCustomerId":"c","externalConversionId":"i","amountCents":1,"programId":"x","partnerId":"y"}`)
	require.Equal(t, []string{"programId", "partnerId"}, a.fields())
}

func TestMalformedBodies(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	for _, body := range []string{
		"", " ", "null", "[]", `"x"`, "4900", "{", "}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{a:1}`, `{"a":1 "b":2}`,
		sale + "x", sale + sale, sale + "\x00", "[" + sale + "]", sale[:len(sale)-1], sale[:40], "\xef\xbb\xbf" + sale, "\xff" + sale,
		"{\"\xff\":1," + sale[1:], strings.Repeat("[", 60000), strings.Repeat(`{"a":`, 10100) + "1" + strings.Repeat("}", 10100),
		`{"a":` + strings.Repeat("[", 30000) + strings.Repeat("]", 30000) + "}", "// comment\n" + sale, "\x1f\x8b\x08\x00",
	} {
		status, a := f.post(t, "/v1/conversions", body)
		assert.Equal(t, http.StatusBadRequest, status, "%.60q %+v", body, a)
		assert.Equal(t, "malformed_json", a.Code, "%.60q", body)
	}
	require.Equal(t, before, f.dump(t))
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	for _, kind := range []string{
		"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=utf-16",
		"application/jsonx", "application/json/x", "json", ";",
	} {
		w := f.do(http.MethodPost, "/v1/conversions", sale, "Content-Type", kind)
		require.Equal(t, http.StatusUnsupportedMediaType, w.Code, kind)
		decoded(t, w)
	}
	w := f.do(http.MethodPost, "/v1/conversions", sale, "Content-Encoding", "gzip")
	require.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	require.Equal(t, before, f.dump(t))
	w = f.do(http.MethodPost, "/v1/conversions", sale, "Content-Type", `Application/JSON; charset="UTF-8"`)
	require.Equal(t, http.StatusCreated, w.Code)
}

func TestLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.dump(t)
	padded := func(length int) string { return sale + strings.Repeat(" ", length-len(sale)) }
	for _, length := range []int{64<<10 + 1, 5 << 20} {
		w := f.do(http.MethodPost, "/v1/conversions", padded(length))
		require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
		require.Equal(t, "body_too_large", decoded(t, w).Code)

		r := httptest.NewRequest(http.MethodPost, "/v1/conversions", strings.NewReader(padded(length)))
		r.ContentLength = -1 // chunked: the length is found out by reading
		r.Header.Set("Authorization", key)
		r.Header.Set("Content-Type", "application/json")
		w = httptest.NewRecorder()
		f.routes.ServeHTTP(w, r)
		require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	}
	require.Equal(t, before, f.dump(t))
	require.Equal(t, http.StatusCreated, f.do(http.MethodPost, "/v1/conversions", padded(64<<10)).Code)
}

// Whatever comes in, the answer is a decision or names what is wrong; the
// second changes nothing.
func FuzzConversionBody(f *testing.F) {
	f.Add(sale)
	for _, c := range wrongValues() {
		f.Add(with(c.field, c.value))
	}
	f.Fuzz(func(t *testing.T, body string) {
		shop := newFixture(t)
		before := shop.dump(t)
		w := shop.do(http.MethodPost, "/v1/conversions", body)
		a := decoded(t, w)
		switch w.Code {
		case http.StatusCreated:
			require.NotEmpty(t, a.ConversionID)
			require.Equal(t, http.StatusOK, shop.do(http.MethodPost, "/v1/conversions", body).Code)
		case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
			require.Equal(t, before, shop.dump(t))
			if w.Code == http.StatusUnprocessableEntity {
				require.NotEmpty(t, a.fields())
			}
		default:
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	})
}
