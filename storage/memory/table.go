package memory

import (
	"cmp"
	"slices"

	"github.com/goaffiliate/affiliate/internal/storekit"
)

// table is the rows of one kind by key, with indexes of text. Rows come in as
// copies and go out as copies.
type table[K comparable, T any] struct {
	key     func(T) K
	indexes []*index[K, T]
	rows    map[K]T
}

// index lists the keys of rows by a text of theirs, in order of arrival. Rows
// without the text are not in it.
type index[K comparable, T any] struct {
	of   func(T) string
	keys map[string][]K
}

func newTable[K comparable, T any](key func(T) K, indexes ...func(T) string) table[K, T] {
	t := table[K, T]{key: key, rows: map[K]T{}}
	for _, of := range indexes {
		t.indexes = append(t.indexes, &index[K, T]{of: of, keys: map[string][]K{}})
	}
	return t
}

// free reports whether no row has the key of one of these, nor two of them the
// same.
func (t table[K, T]) free(rows []T) bool {
	claimed := make(map[K]bool, len(rows))
	for _, row := range rows {
		key := t.key(row)
		if _, taken := t.rows[key]; taken || claimed[key] {
			return false
		}
		claimed[key] = true
	}
	return true
}

// put writes rows, over those with the same key; these keep their place in the
// indexes, whose texts are part of the key or never change.
func (t table[K, T]) put(rows []T) {
	for _, row := range rows {
		key := t.key(row)
		_, known := t.rows[key]
		t.rows[key] = row
		if known {
			continue
		}
		for _, x := range t.indexes {
			if text := x.of(row); text != "" {
				x.keys[text] = append(x.keys[text], key)
			}
		}
	}
}

// remove deletes the rows with these keys.
func (t table[K, T]) remove(keys []K) {
	for _, key := range keys {
		row, ok := t.rows[key]
		if !ok {
			continue
		}
		delete(t.rows, key)
		for _, x := range t.indexes {
			text := x.of(row)
			if x.keys[text] = slices.DeleteFunc(x.keys[text], func(k K) bool { return k == key }); len(x.keys[text]) == 0 {
				delete(x.keys, text)
			}
		}
	}
}

// get returns the rows with these keys, each once.
func (t table[K, T]) get(keys []K) []T {
	var found []T
	seen := make(map[K]bool, len(keys))
	for _, key := range keys {
		if row, ok := t.rows[key]; ok && !seen[key] {
			seen[key] = true
			found = append(found, storekit.Clone(row))
		}
	}
	return found
}

// by returns the keys that the i-th index lists under the texts.
func (t table[K, T]) by(i int, texts ...string) []K {
	var keys []K
	for _, text := range texts {
		keys = append(keys, t.indexes[i].keys[text]...)
	}
	return keys
}

func (t table[K, T]) all() []T {
	found := make([]T, 0, len(t.rows))
	for _, row := range t.rows {
		found = append(found, storekit.Clone(row))
	}
	return found
}

// ordered is a table whose keys can also be walked in order.
type ordered[K cmp.Ordered, T any] struct {
	table[K, T]
	keys   []K
	sorted bool
}

func newOrdered[K cmp.Ordered, T any](key func(T) K) *ordered[K, T] {
	return &ordered[K, T]{table: newTable(key), sorted: true}
}

func (o *ordered[K, T]) put(rows []T) {
	for _, row := range rows {
		key := o.key(row)
		if _, known := o.rows[key]; known {
			continue
		}
		o.sorted = o.sorted && (len(o.keys) == 0 || o.keys[len(o.keys)-1] < key)
		o.keys = append(o.keys, key)
	}
	o.table.put(rows)
}

func (o *ordered[K, T]) remove(keys []K) {
	o.sort()
	for _, key := range keys {
		delete(o.rows, key)
		if i, ok := slices.BinarySearch(o.keys, key); ok {
			o.keys = slices.Delete(o.keys, i, i+1)
		}
	}
}

// after returns rows with keys after one, in order, that pass; at most limit.
func (o *ordered[K, T]) after(key K, limit int, pass func(T) bool) []T {
	o.sort()
	start, found := slices.BinarySearch(o.keys, key)
	if found {
		start++
	}
	return o.from(start, limit, pass)
}

func (o *ordered[K, T]) from(start, limit int, pass func(T) bool) []T {
	o.sort()
	var rows []T
	for _, key := range o.keys[start:] {
		if len(rows) >= limit {
			break
		}
		if row := o.rows[key]; pass(row) {
			rows = append(rows, storekit.Clone(row))
		}
	}
	return rows
}

func (o *ordered[K, T]) sort() {
	if !o.sorted {
		slices.Sort(o.keys)
		o.sorted = true
	}
}
