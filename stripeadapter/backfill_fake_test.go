package stripeadapter_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// object is an object of Stripe's, in the shape of 2023-10-16.
type object = map[string]any

// fakeHistory plays the part of Stripe that lists and reads what happened. Nothing
// is expanded that was not asked for, and no parameter is taken that Stripe would
// refuse.
type fakeHistory struct {
	mu      sync.Mutex
	live    bool
	objects map[string][]object // by path below /v1/
	reads   []string            // kinds and ids that were read one by one
}

func newFakeHistory() *fakeHistory { return &fakeHistory{objects: map[string][]object{}} }

// put makes an object, or changes it.
func (f *fakeHistory) put(kind string, o object) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.objects[kind]
	if i := slices.IndexFunc(all, func(old object) bool { return old["id"] == o["id"] }); i >= 0 {
		all[i] = o
		return
	}
	f.objects[kind] = append(all, o)
}

// remove deletes an object.
func (f *fakeHistory) remove(kind, id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.objects[kind] = slices.DeleteFunc(f.objects[kind], func(o object) bool { return o["id"] == id })
}

// edit changes fields of an object.
func (f *fakeHistory) edit(kind, id string, fields object) {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.find(kind, id)
	for name, value := range fields {
		o[name] = value
	}
}

func (f *fakeHistory) find(kind, id string) object {
	for _, o := range f.objects[kind] {
		if o["id"] == id {
			return o
		}
	}
	return nil
}

func (f *fakeHistory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind, id := strings.TrimPrefix(r.URL.Path, "/v1/"), ""
	if r.Method != http.MethodGet || r.Header.Get("Stripe-Version") != "2023-10-16" {
		refuse(w, http.StatusBadRequest, `{"error":{"type":"invalid_request_error","message":"only GET of 2023-10-16"}}`)
		return
	}
	if folder, name, ok := cutLast(kind); ok && kind != "checkout/sessions" {
		kind, id = folder, name
	}
	code, result := f.list(kind, r.URL.Query())
	if id != "" {
		f.reads = append(f.reads, kind+"/"+id)
		code, result = f.read(kind, id, r.URL.Query())
	}
	body, _ := json.Marshal(result)
	refuse(w, code, string(body))
}

func cutLast(path string) (folder, name string, ok bool) {
	i := strings.LastIndex(path, "/")
	if i < 0 {
		return path, "", false
	}
	return path[:i], path[i+1:], true
}

func (f *fakeHistory) read(kind, id string, query url.Values) (int, any) {
	o := f.find(kind, id)
	if o == nil {
		return fakeMissing(http.StatusNotFound, id)
	}
	return http.StatusOK, f.render(kind, o, expansions(query, ""))
}

func (f *fakeHistory) list(kind string, query url.Values) (int, any) {
	for name := range query {
		if !slices.Contains([]string{"limit", "starting_after", "status", "expand[0]", "created[gte]", "created[lt]"}, name) {
			return http.StatusBadRequest, fakeProblem("invalid_request_error", "parameter_unknown", "Received unknown parameter: "+name)
		}
	}
	var found []object
	for i := range f.objects[kind] { // of equal times, the last that was made comes first
		o := f.objects[kind][len(f.objects[kind])-1-i]
		if f.isListed(o, query) {
			found = append(found, o)
		}
	}
	slices.SortStableFunc(found, func(a, b object) int { return cmp.Compare(createdOf(b), createdOf(a)) })
	if after := query.Get("starting_after"); after != "" {
		if f.find(kind, after) == nil {
			return http.StatusBadRequest, fakeProblem("invalid_request_error", "resource_missing", "No such object: "+after)
		}
		i := slices.IndexFunc(found, func(o object) bool { return o["id"] == after })
		found = found[i+1:]
	}
	limit, _ := strconv.Atoi(query.Get("limit"))
	more := len(found) > limit
	page := []any{}
	for _, o := range found[:min(limit, len(found))] {
		page = append(page, f.render(kind, o, expansions(query, "data.")))
	}
	return http.StatusOK, object{"object": "list", "url": "/v1/" + kind, "has_more": more, "data": page}
}

func (f *fakeHistory) isListed(o object, query url.Values) bool {
	status := query.Get("status")
	if status != "" && status != "all" && status != o["status"] {
		return false
	}
	from, to := query.Get("created[gte]"), query.Get("created[lt]")
	at := createdOf(o)
	return (from == "" || at >= parsed(from)) && (to == "" || at < parsed(to))
}

func parsed(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64)
	return n
}

func createdOf(o object) int64 {
	at, _ := o["created"].(int64)
	return at
}

func expansions(query url.Values, prefix string) []string {
	var all []string
	for name, values := range query {
		if strings.HasPrefix(name, "expand[") {
			all = append(all, strings.TrimPrefix(values[0], prefix))
		}
	}
	return all
}

// render is an object as it is answered. What is only there if it is expanded is
// kept under a name with a star.
func (f *fakeHistory) render(kind string, o object, expand []string) any {
	out, ok := clone(o).(object)
	if !ok || o["id"] == nil {
		return clone(o)
	}
	if _, told := out["livemode"]; !told && kind != "refunds" {
		out["livemode"] = f.live
	}
	for name, value := range out {
		if hidden, ok := strings.CutPrefix(name, "*"); ok {
			delete(out, name)
			if slices.Contains(expand, hidden) {
				set(out, hidden, value)
			}
		}
	}
	for _, path := range expand {
		switch path {
		case "charge":
			if id, ok := out["charge"].(string); ok {
				out["charge"] = f.render("charges", f.find("charges", id), nil)
			}
		case "refunds":
			out["refunds"] = object{"object": "list", "has_more": false, "data": f.refundsOf(out["id"])}
		case "discounts", "discounts.promotion_code":
			out["discounts"] = f.discounts(out["discounts"], path != "discounts")
		case "total_discount_amounts.discount":
			amounts, _ := out["total_discount_amounts"].([]any)
			for _, amount := range amounts {
				of, _ := amount.(object)
				of["discount"] = f.discounts([]any{of["discount"]}, false)[0]
			}
		}
	}
	return out
}

func (f *fakeHistory) refundsOf(charge any) []any {
	found := []any{}
	for _, r := range f.objects["refunds"] {
		if r["charge"] == charge {
			found = append(found, f.render("refunds", r, nil))
		}
	}
	return found
}

func (f *fakeHistory) discounts(ids any, codes bool) []any {
	found := []any{}
	list, _ := ids.([]any)
	for _, id := range list {
		text, _ := id.(string)
		d, _ := clone(f.find("discounts", text)).(object)
		if promotion, ok := d["promotion_code"].(string); codes && ok {
			d["promotion_code"] = f.find("promotion_codes", promotion)
		}
		found = append(found, d)
	}
	return found
}

func set(o object, path string, value any) {
	head, rest, more := strings.Cut(path, ".")
	if !more {
		o[head] = value
		return
	}
	inner, _ := o[head].(object)
	if inner == nil {
		inner = object{}
		o[head] = inner
	}
	set(inner, rest, value)
}

func clone(value any) any {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var copied any
	if err := decoder.Decode(&copied); err != nil {
		panic(err)
	}
	return copied
}
