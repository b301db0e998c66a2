package boltstore

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"maps"
	"math"
	"slices"

	"go.etcd.io/bbolt"
)

// snapshot is one organization as a transaction sees it. It lives as long as one
// call, of which it has the context.
type snapshot struct {
	*tables
	ctx  context.Context
	root *bbolt.Bucket
	org  key // what all keys of the organization begin with
}

func (s snapshot) bucket(name string) *bbolt.Bucket { return s.root.Bucket([]byte(name)) }

// scan walks the keys of a bucket that extend under, in order, those behind after
// only. Keys come without the organization.
func (s snapshot) scan(bucket string, under, after key) iter.Seq2[key, []byte] {
	prefix, from := s.org.and(under), s.org.and(under)
	if after != nil {
		from = s.org.and(after)
	}
	return func(yield func(key, []byte) bool) {
		c := s.bucket(bucket).Cursor()
		for k, v := c.Seek(from); bytes.HasPrefix(k, prefix); k, v = c.Next() {
			if !bytes.Equal(k, from) && !yield(key(k[len(s.org):]), v) {
				return
			}
		}
	}
}

// scanBack is scan from the last key to the first, those before a key only.
func (s snapshot) scanBack(bucket string, under, before key) iter.Seq2[key, []byte] {
	prefix := s.org.and(under)
	return func(yield func(key, []byte) bool) {
		var k, v []byte
		c := s.bucket(bucket).Cursor()
		if at, _ := c.Seek(s.org.and(before)); at != nil {
			k, v = c.Prev()
		} else {
			k, v = c.Last() // nothing in the bucket is as late
		}
		for bytes.HasPrefix(k, prefix) && yield(key(k[len(s.org):]), v) {
			k, v = c.Prev()
		}
	}
}

// table is the rows of one kind as JSON, by key.
type table[T any] struct {
	name string // of its bucket
	key  func(T) key

	// indexes are by the name of their bucket. An entry is what is indexed, then
	// the row's key, so that it is nobody else's; its value is the row's key. A row
	// for which there is nothing to index is not in it.
	indexes map[string]func(T) key
}

func newTable[T any](name string, of func(T) key) table[T] {
	return table[T]{name, of, map[string]func(T) key{}}
}

func (t table[T]) index(name string, of func(T) key) table[T] {
	t.indexes[name] = of
	return t
}

// buckets are the names of the table's bucket and those of its indexes.
func (t table[T]) buckets() []string { return append(slices.Collect(maps.Keys(t.indexes)), t.name) }

func (t table[T]) has(s snapshot, k key) bool { return s.bucket(t.name).Get(s.org.and(k)) != nil }

func (t table[T]) row(s snapshot, k key) (row T, found bool, err error) {
	data := s.bucket(t.name).Get(s.org.and(k))
	if data == nil {
		return row, false, s.ctx.Err()
	}
	if err := json.Unmarshal(data, &row); err != nil {
		return row, false, err
	}
	return row, true, s.ctx.Err()
}

// get returns the rows with these keys in order, each once.
func (t table[T]) get(s snapshot, keys []key) ([]T, error) {
	var rows []T
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if seen[string(k)] {
			continue
		}
		seen[string(k)] = true
		row, found, err := t.row(s, k)
		if err != nil {
			return nil, err
		}
		if found {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

const noLimit = math.MaxInt

// list returns rows whose keys extend under, in order, those behind after only.
func (t table[T]) list(s snapshot, under, after key, limit int) ([]T, error) {
	var rows []T
	for k := range s.scan(t.name, under, after) {
		if len(rows) >= limit {
			break
		}
		row, _, err := t.row(s, k)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// by returns the keys of rows that an index has under one of these.
func (s snapshot) by(index string, unders []key) []key {
	var keys []key
	for _, under := range unders {
		for _, k := range s.scan(index, under, nil) {
			keys = append(keys, bytes.Clone(k))
		}
	}
	return keys
}

// each is the keys of texts that stand alone.
func each[S ~string](list []S) []key {
	keys := make([]key, len(list))
	for i, text := range list {
		keys[i] = texts(string(text))
	}
	return keys
}
