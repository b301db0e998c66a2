package storagetest

import (
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

func roundTripCases() []check {
	cases := []check{
		{"anchors", anchorsComeBack},
		{"keys differ by case and by anything else", keysDiffer},
		{"input and output are copies", rowsAreCopies},
		{"many rows in one change", manyRows},
		{"a time since for ever", sinceForEver},
		{"an empty list behind a pointer is not a missing one", emptyIsNotMissing},
		{"a guest's conversion", guests},
	}
	for _, k := range kinds() {
		cases = append(cases,
			check{"every field of a " + k.name, func(t T, s storage.Store) {
				comesBack(t, s, k, func(c *storage.Change) { k.add(c, 1, false); k.add(c, 2, false) })
			}},
			check{"a " + k.name + " of extreme values", func(t T, s storage.Store) {
				comesBack(t, s, k, func(c *storage.Change) { k.add(c, 1, true) })
			}},
			check{"a " + k.name + " of extreme values among others", func(t T, s storage.Store) {
				comesBack(t, s, k, func(c *storage.Change) { k.add(c, 2, false); k.add(c, 1, true); k.add(c, 3, false) })
			}},
			check{"a " + k.name + " without values", func(t T, s storage.Store) { comesBack(t, s, k, k.zero) }},
		)
	}
	return cases
}

// comesBack writes rows of a kind and reads them.
func comesBack(t T, s storage.Store, k kind, fill func(c *storage.Change)) {
	t.Helper()
	var c storage.Change
	fill(&c)
	write(t, s, c)
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if diff := k.diff(&c, &rows.Change); diff != "" {
		t.Errorf("a %s does not come back as it was written:\n%s", k.name, diff)
	}
	for _, o := range kinds() {
		if n := o.count(&rows.Change); o.name != k.name && n > 0 {
			t.Errorf("Rows has %d rows of kind %s that nobody wrote", n, o.name)
		}
	}
}

func anchorsComeBack(t T, s storage.Store) {
	full := storage.Gate{Ref: storage.Ref{Kind: "kind", Key: "Ä 漢 🧾 '%\x01"}, Root: "röot", Data: []byte("\x00\xff{binary}")}
	bare := storage.Gate{Ref: storage.Ref{Kind: storage.SetupAnchor}, Data: []byte{}}
	write(t, s, storage.Change{Gates: []storage.Gate{full, bare}})
	want := []storage.Anchor{
		{Ref: full.Ref, Version: 1, Root: full.Root, Data: full.Data}, {Ref: bare.Ref, Version: 1},
	}
	loaded := ok[[]storage.Anchor](t)(s.Load(t.Context(), org, []storage.Ref{full.Ref, bare.Ref}))
	if diff := difference(want, loaded); diff != "" {
		t.Errorf("Load:\n%s", diff)
	}
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	if diff := difference(want, rows.Anchors); diff != "" {
		t.Errorf("Rows:\n%s", diff)
	}
}

func keysDiffer(t T, s storage.Store) {
	ids := []string{"a", "A", "a ", " a", "ä", "a\u0308", "ａ", "a%", "a_", "", "0", "00", "0.0"}
	var c storage.Change
	for _, id := range ids {
		c.Clicks = append(c.Clicks, attribution.Click{ID: id})
		c.Gates = append(c.Gates, storage.Gate{Ref: storage.Ref{Kind: storage.ClickAnchor, Key: id}})
	}
	write(t, s, c)
	for _, id := range ids {
		clicks := ok[[]attribution.Click](t)(s.Clicks(t.Context(), org, []string{id}))
		if len(clicks) != 1 || clicks[0].ID != id {
			t.Errorf("the click %q is found as %+v", id, clicks)
		}
		anchors := ok[[]storage.Anchor](t)(s.Load(t.Context(), org, []storage.Ref{{Kind: storage.ClickAnchor, Key: id}}))
		if len(anchors) != 1 || anchors[0].Key != id {
			t.Errorf("the anchor %q is found as %+v", id, anchors)
		}
	}
}

// rowsAreCopies changes what it wrote and what it read.
func rowsAreCopies(t T, s storage.Store) {
	gate := storage.Gate{Ref: storage.Ref{Kind: storage.ClickAnchor, Key: "1"}, Data: []byte("data")}
	c := everything(1)
	c.Gates = []storage.Gate{gate}
	write(t, s, c)
	before := dump(t, s)
	spoil(reflect.ValueOf(c))
	if dump(t, s) != before {
		t.Errorf("a caller can change stored rows through what it wrote")
	}
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	spoil(reflect.ValueOf(rows))
	anchors := ok[[]storage.Anchor](t)(s.Load(t.Context(), org, []storage.Ref{gate.Ref}))
	spoil(reflect.ValueOf(anchors))
	if dump(t, s) != before {
		t.Errorf("a caller can change stored rows through what it read")
	}
}

// spoil overwrites all bytes, texts and numbers that v shares.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			spoil(v.Field(i))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			spoil(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			spoil(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			v.SetMapIndex(key, reflect.Zero(v.Type().Elem()))
		}
	default:
		if v.CanSet() {
			v.SetZero()
		}
	}
}

func manyRows(t T, s storage.Store) {
	const n = 101
	var c storage.Change
	for i := range n {
		for _, k := range kinds() {
			k.add(&c, i+1, false)
		}
		c.Gates = append(c.Gates, storage.Gate{Ref: storage.Ref{Kind: storage.ClickAnchor, Key: row[string](i, false)}})
	}
	write(t, s, c)
	rows := ok[storage.Rows](t)(s.Rows(t.Context(), org))
	for _, k := range kinds() {
		if diff := k.diff(&c, &rows.Change); diff != "" {
			t.Errorf("%d rows of kind %s do not come back:\n%.2000s", n, k.name, diff)
		}
	}
	refs, ids := make([]storage.Ref, n), make([]string, n)
	for i, g := range c.Gates {
		refs[i], ids[i] = g.Ref, c.Conversions[i].ID
	}
	if anchors := ok[[]storage.Anchor](t)(s.Load(t.Context(), org, refs)); len(anchors) != n {
		t.Errorf("Load of %d anchors returned %d", n, len(anchors))
	}
	if conversions := ok[[]attribution.Conversion](t)(s.Conversions(t.Context(), org, ids)); len(conversions) != n {
		t.Errorf("Conversions of %d ids returned %d", n, len(conversions))
	}
}

func sinceForEver(t T, s storage.Store) {
	write(t, s, storage.Change{Setup: []program.Change{{Seq: 1}}})
	setup := ok[[]program.Change](t)(s.SetupSince(t.Context(), org, 0))
	if len(setup) != 1 || setup[0].At != (time.Time{}) {
		t.Errorf("the zero time comes back as %+v", setup)
	}
}

func emptyIsNotMissing(t T, s storage.Store) {
	var none []string
	write(t, s, storage.Change{Setup: []program.Change{
		{Seq: 1, Settings: &program.SettingsChange{DeepLinkDomains: &none}}, {Seq: 2, Settings: &program.SettingsChange{}},
	}})
	setup := ok[[]program.Change](t)(s.SetupSince(t.Context(), org, 0))
	if len(setup) != 2 || setup[0].Settings.DeepLinkDomains == nil || len(*setup[0].Settings.DeepLinkDomains) != 0 {
		t.Fatalf("a pointer to an empty list comes back as something else: %+v", setup)
	}
	if setup[1].Settings == nil || setup[1].Settings.DeepLinkDomains != nil {
		t.Errorf("a pointer that is nil comes back as something else")
	}
}

func guests(t T, s storage.Store) {
	guest := attribution.Conversion{ID: "c1", At: storekit.Time(time.Unix(math.MaxInt32, 0))}
	write(t, s, storage.Change{Conversions: []attribution.Conversion{guest, {ID: "c2", Customer: "c1"}}})
	found := ok[[]attribution.Conversion](t)(s.ConversionsOf(t.Context(), org, []string{guest.CustomerKey()}))
	if diff := difference([]attribution.Conversion{guest}, found); diff != "" {
		t.Errorf("by the customer key %q:\n%s", strings.TrimSpace(guest.CustomerKey()), diff)
	}
}
