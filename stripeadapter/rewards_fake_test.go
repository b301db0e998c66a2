package stripeadapter_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// fakeStripe plays the part of Stripe that stripe-mock cannot: it remembers. Coupon
// ids and active promotion codes are unique, and the first answer to an idempotency
// key is the answer for ever, faults included.
type fakeStripe struct {
	mu      sync.Mutex
	number  int
	coupons map[string]*fakeCoupon
	promos  []*fakePromo
	prices  []fakePrice
	answers map[string]fakeAnswer // by account and idempotency key
	breaks  []bool                // creations of promotion codes that end in a 500, which is kept: with or without effect
}

type fakeAnswer struct {
	form string
	code int
	body []byte
}

type fakeCoupon struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	PercentOff float64           `json:"percent_off"`
	AmountOff  int64             `json:"amount_off"`
	Currency   string            `json:"currency"`
	Duration   string            `json:"duration"`
	Months     int64             `json:"duration_in_months"`
	Metadata   map[string]string `json:"metadata"`
	AppliesTo  *fakeProducts     `json:"applies_to,omitempty"`
}

type fakeProducts struct {
	Products []string `json:"products"`
}

type fakePromo struct {
	ID       string            `json:"id"`
	Code     string            `json:"code"`
	Active   bool              `json:"active"`
	Customer *string           `json:"customer"`
	Coupon   *fakeCoupon       `json:"coupon"`
	Metadata map[string]string `json:"metadata"`
}

type fakePrice struct {
	ID        string        `json:"id"`
	Product   string        `json:"product"`
	Recurring fakeRecurring `json:"recurring"`
}

type fakeRecurring struct {
	Interval string `json:"interval"`
	Count    int64  `json:"interval_count"`
}

func newFakeStripe() *fakeStripe {
	return &fakeStripe{coupons: map[string]*fakeCoupon{}, answers: map[string]fakeAnswer{}}
}

// add makes a promotion code that somebody else made.
func (f *fakeStripe) add(code string, coupon *fakeCoupon, metadata map[string]string) *fakePromo {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.number++
	p := &fakePromo{ID: "promo_other" + strconv.Itoa(f.number), Code: code, Active: true, Coupon: coupon, Metadata: metadata}
	f.promos = append(f.promos, p)
	return p
}

// there returns copies of all promotion codes and the number of coupons.
func (f *fakeStripe) there() (promos []fakePromo, coupons int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.promos {
		promos = append(promos, *p)
	}
	return promos, len(f.coupons)
}

func (f *fakeStripe) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	form, _ := url.ParseQuery(readBody(r))
	key := r.Header.Get("Stripe-Account") + "/" + r.Header.Get("Idempotency-Key")
	if before, known := f.answers[key]; known && r.Method == http.MethodPost {
		if before.form != r.URL.Path+form.Encode() {
			refuse(w, http.StatusBadRequest, `{"error":{"type":"idempotency_error","message":"Keys for idempotent requests can only be used with the same parameters"}}`)
			return
		}
		refuse(w, before.code, string(before.body))
		return
	}
	code, result := f.route(r, form)
	body, _ := json.Marshal(result)
	if r.Method == http.MethodPost {
		f.answers[key] = fakeAnswer{r.URL.Path + form.Encode(), code, body}
	}
	refuse(w, code, string(body))
}

func (f *fakeStripe) route(r *http.Request, form url.Values) (int, any) {
	query := r.URL.Query()
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/v1/"), "/")
	switch route := fmt.Sprint(r.Method, " ", parts[0], " ", len(parts)); route {
	case "GET coupons 2":
		if c, ok := f.coupons[parts[1]]; ok {
			return http.StatusOK, c
		}
		return fakeMissing(http.StatusNotFound, parts[1])
	case "POST coupons 1":
		return f.newCoupon(form)
	case "GET promotion_codes 1":
		return f.list(query)
	case "POST promotion_codes 1":
		if len(f.breaks) == 0 {
			return f.newPromo(form)
		}
		if f.breaks[0] {
			f.newPromo(form)
		}
		f.breaks = f.breaks[1:]
		return http.StatusInternalServerError, fakeProblem("api_error", "", "something is wrong on our end")
	case "POST promotion_codes 2":
		return f.setActive(parts[1], form.Get("active") == "true")
	case "GET prices 1":
		prices := slices.DeleteFunc(slices.Clone(f.prices), func(p fakePrice) bool { return p.Product != query.Get("product") })
		return http.StatusOK, map[string]any{"object": "list", "url": "/v1/prices", "has_more": false, "data": prices}
	default:
		return fakeMissing(http.StatusNotFound, route)
	}
}

func (f *fakeStripe) newCoupon(form url.Values) (int, any) {
	id := form.Get("id")
	if _, taken := f.coupons[id]; taken {
		return http.StatusBadRequest, fakeProblem("invalid_request_error", "resource_already_exists", "Coupon already exists.")
	}
	if len([]rune(form.Get("name"))) > 40 {
		return http.StatusBadRequest, fakeProblem("invalid_request_error", "", "Invalid string: must be at most 40 characters")
	}
	c := &fakeCoupon{
		ID: id, Name: form.Get("name"), Currency: form.Get("currency"), Duration: form.Get("duration"), Metadata: metadataOf(form),
	}
	c.PercentOff, _ = strconv.ParseFloat(form.Get("percent_off"), 64)
	c.AmountOff, _ = strconv.ParseInt(form.Get("amount_off"), 10, 64)
	c.Months, _ = strconv.ParseInt(form.Get("duration_in_months"), 10, 64)
	for i := 0; form.Has(fmt.Sprintf("applies_to[products][%d]", i)); i++ {
		if c.AppliesTo == nil {
			c.AppliesTo = &fakeProducts{}
		}
		c.AppliesTo.Products = append(c.AppliesTo.Products, form.Get(fmt.Sprintf("applies_to[products][%d]", i)))
	}
	f.coupons[id] = c
	return http.StatusOK, c
}

func (f *fakeStripe) newPromo(form url.Values) (int, any) {
	coupon, ok := f.coupons[form.Get("coupon")]
	if !ok {
		return fakeMissing(http.StatusBadRequest, form.Get("coupon"))
	}
	if f.taken(form.Get("code"), "") {
		return http.StatusBadRequest, fakeProblem("invalid_request_error", "", "An active promotion code with `code: "+form.Get("code")+"` already exists.")
	}
	f.number++
	p := &fakePromo{ID: "promo_" + strconv.Itoa(f.number), Code: form.Get("code"), Active: true, Coupon: coupon, Metadata: metadataOf(form)}
	f.promos = append(f.promos, p)
	return http.StatusOK, *p
}

// taken reports whether another active promotion code for everybody has the text.
func (f *fakeStripe) taken(code, but string) bool {
	return slices.ContainsFunc(f.promos, func(p *fakePromo) bool {
		return p.Active && p.Customer == nil && p.ID != but && strings.EqualFold(p.Code, code)
	})
}

func (f *fakeStripe) setActive(id string, active bool) (int, any) {
	i := slices.IndexFunc(f.promos, func(p *fakePromo) bool { return p.ID == id })
	if i < 0 {
		return fakeMissing(http.StatusNotFound, id)
	}
	p := f.promos[i]
	if active && (f.coupons[p.Coupon.ID] == nil || f.taken(p.Code, p.ID)) {
		return http.StatusBadRequest, fakeProblem("invalid_request_error", "", "This promotion code cannot be activated.")
	}
	p.Active = active
	return http.StatusOK, *p
}

// list looks for the text as it is written: whether Stripe ignores case here, too,
// is not documented.
func (f *fakeStripe) list(query url.Values) (int, any) {
	found := []fakePromo{}
	for _, p := range f.promos {
		if p.Code == query.Get("code") && strconv.FormatBool(p.Active) == query.Get("active") {
			found = append(found, *p)
		}
	}
	return http.StatusOK, map[string]any{"object": "list", "url": "/v1/promotion_codes", "has_more": false, "data": found}
}

func metadataOf(form url.Values) map[string]string {
	metadata := map[string]string{}
	for name := range form {
		if key, ok := strings.CutPrefix(name, "metadata["); ok {
			metadata[strings.TrimSuffix(key, "]")] = form.Get(name)
		}
	}
	return metadata
}

func fakeProblem(kind, code, message string) any {
	return map[string]any{"error": map[string]string{"type": kind, "code": code, "message": message}}
}

func fakeMissing(status int, id string) (int, any) {
	return status, fakeProblem("invalid_request_error", "resource_missing", "No such object: "+id)
}

// memoryStates keeps states in memory, and fails when it is told to.
type memoryStates struct {
	mu     sync.Mutex
	docs   map[string][]byte
	broken bool
	lose   int // how many saves find that another run was faster
}

var errDisk = errors.New("disk is gone")

func newMemoryStates() *memoryStates { return &memoryStates{docs: map[string][]byte{}} }

func (m *memoryStates) Load(ctx context.Context, keys []string) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken || ctx.Err() != nil {
		return nil, errors.Join(errDisk, ctx.Err())
	}
	found := map[string][]byte{}
	for _, key := range keys {
		if doc, ok := m.docs[key]; ok {
			found[key] = bytes.Clone(doc)
		}
	}
	return found, nil
}

func (m *memoryStates) Save(ctx context.Context, key string, old, doc []byte) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken || ctx.Err() != nil {
		return false, errors.Join(errDisk, ctx.Err())
	}
	if m.lose > 0 {
		m.lose--
		return false, nil
	}
	if !bytes.Equal(m.docs[key], old) {
		return false, nil
	}
	m.docs[key] = bytes.Clone(doc)
	return true, nil
}
