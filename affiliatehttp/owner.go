package affiliatehttp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

// call is one request that was let in.
type call struct {
	*tenant
	h    *Handler
	r    *http.Request
	ctx  context.Context
	body *object // of POST, PUT and PATCH

	changed *bool // whether a configuration call changed anything; nil: it is none
}

// change is an action that changes the configuration. Its answer says whether it did:
// a repeat does not.
func change(do func(*call) (int, any, *failure)) func(*call) (int, any, *failure) {
	return func(c *call) (int, any, *failure) {
		c.changed = new(bool)
		return do(c)
	}
}

// did notes what the Engine says of a configuration call.
func (c *call) did(changed bool, err error) error {
	*c.changed = *c.changed || changed && err == nil
	return err
}

// changedAnswer is an answer with one more field.
type changedAnswer struct {
	answer  any
	changed bool
}

// MarshalJSON writes the answer, an object, with the field changed.
func (a changedAnswer) MarshalJSON() ([]byte, error) {
	data, err := json.Marshal(a.answer)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(bytes.TrimSuffix(data, []byte("}")), `,"changed":%t}`, a.changed), nil
}

// actions are what a route does, by method.
type actions map[string]func(*call) (status int, answer any, f *failure)

func (a actions) methods() []string {
	var list []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if a.of(method) != nil {
			list = append(list, method)
		}
	}
	return list
}

func (a actions) of(method string) func(*call) (int, any, *failure) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return a[method]
}

// owner serves a route of the organization's owner.
func (h *Handler) owner(w http.ResponseWriter, r *http.Request, do actions) {
	h.serveAs(w, r, []Role{RoleOwner}, do)
}

// serveAs serves a route of callers with one of the roles.
func (h *Handler) serveAs(w http.ResponseWriter, r *http.Request, roles []Role, do actions) {
	if !allow(w, r, do.methods()...) {
		return
	}
	t, f := h.tenant(r)
	var who Principal
	if f == nil {
		who, f = h.principal(r, t, roles...)
	}
	c := &call{tenant: t, h: h, r: r, ctx: affiliate.WithActor(r.Context(), who.ID)}
	if f == nil {
		f = checkQuery(r)
	}
	if f == nil {
		f = c.read(w)
	}
	var status int
	var answer any
	if f == nil {
		status, answer, f = do.of(r.Method)(c)
	}
	if f != nil {
		f.write(w)
		return
	}
	switch answer := answer.(type) {
	case file:
		answer.write(w)
		return
	case listed:
		if table, _ := wantsCSV(r); table { // which readPage checked
			c.sendCSV(w, answer, do.of(r.Method))
			return
		}
	}
	if c.changed != nil {
		answer = changedAnswer{answer, *c.changed}
	}
	writeJSON(w, status, "application/json", answer)
}

// read reads the body of a method that has one. Nothing at all is an empty
// object.
func (c *call) read(w http.ResponseWriter) (f *failure) {
	if !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, c.r.Method) {
		return nil
	}
	text := []byte("{}")
	if c.r.ContentLength != 0 || c.r.Header.Get("Content-Type") != "" {
		if text, f = readBody(w, c.r); f != nil {
			return f
		}
	}
	c.body, f = parse(text)
	return f
}

// id returns the last segment of the path.
func (c *call) id(name string) string { return segment(c.r, name, 0) }

// owning returns the segment before the last.
func (c *call) owning(name string) string { return segment(c.r, name, 1) }

func (c *call) failed(err error, names wireNames) *failure { return c.h.failed(c.ctx, err, names) }

// now returns the configuration as it stands, and the time.
func (c *call) now() (*program.Configuration, time.Time, *failure) {
	setup, err := c.setup(c.ctx)
	if err != nil {
		return nil, time.Time{}, c.failed(err, nil)
	}
	return setup, c.eng.Now(), nil
}

// from takes the time from which a change is in force, by default now.
func (c *call) from() time.Time { return c.body.time("from") }

// queryFrom is the same for a method without a body.
func (c *call) queryFrom() (time.Time, *failure) {
	text := c.r.URL.Query().Get("from")
	if text == "" {
		return time.Time{}, nil
	}
	from, err := time.Parse(time.RFC3339, text)
	if err != nil || !strictTime(text) || from.UTC().Year() < 1 || from.IsZero() {
		return time.Time{}, invalid(affiliate.Problem{Field: "from", Message: "must be an RFC 3339 time with a zone, like 2026-03-13T09:42:00Z"})
	}
	return from.UTC(), nil
}

// latest is when to look at what was changed: not before it is in force.
func latest(from, now time.Time) time.Time {
	if from.After(now) {
		return from
	}
	return now
}

// dated leaves out the time of what exists since for ever.
func dated(t time.Time) time.Time {
	if t.Year() <= 1 {
		return time.Time{}
	}
	return t
}

// contains reports whether a resource says all that a body said, so that the same
// request again is a repeat and no conflict.
func contains(have, want any) bool {
	all, some := fieldsOf(have), fieldsOf(want)
	return all != nil && some != nil && says(all, some)
}

// says reports whether an object has all the fields of another with the same
// values, of objects inside it likewise. What is absent has the zero value.
func says(all, some map[string]any) bool {
	for name, value := range some {
		if part, ok := value.(map[string]any); ok {
			if whole, _ := all[name].(map[string]any); !says(whole, part) {
				return false
			}
			continue
		}
		have, there := all[name]
		if !reflect.DeepEqual(have, value) && (there || !isZero(value)) {
			return false
		}
	}
	return true
}

// isZero reports whether a JSON value is what an absent field stands for.
func isZero(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	}
	return slices.Contains([]any{false, "", json.Number("0")}, value)
}

// fieldsOf returns the JSON form of a plain struct, with numbers as they are
// written.
func fieldsOf(doc any) (fields map[string]any) {
	data, err := json.Marshal(doc)
	if err != nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if decoder.Decode(&fields) != nil {
		return nil
	}
	return fields
}

// file is an answer that is not JSON of this package's making.
type file struct {
	contentType string
	name        string // to save it as; empty: it is shown
	policy      string // Content-Security-Policy
	data        []byte
}

func (f file) write(w http.ResponseWriter) {
	header := w.Header()
	header.Set("Content-Type", f.contentType)
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if f.name != "" {
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	}
	if f.policy != "" {
		header.Set("Content-Security-Policy", f.policy)
	}
	_, _ = w.Write(f.data) // a caller that is gone needs no answer
}
