// Package layered has a map of which every version stays as it is: a change makes
// another version that shares what did not change, so that many readers can hold
// one while a writer goes on.
//
// What may not live here: anything about what the maps hold.
package layered

import (
	"iter"
	"maps"
	"math/bits"
)

// Map is one version of a map. The zero value is empty.
//
// It is a large map that all versions share, under a small one of what changed
// since. The small one is copied with each change and, when it has about as many
// keys as the square root of all, becomes part of the next large one.
type Map[K comparable, V any] struct {
	base, delta map[K]V
	fresh       int // keys of delta that base does not have
}

// Get returns the value of a key.
func (m Map[K, V]) Get(key K) (V, bool) {
	if v, ok := m.delta[key]; ok {
		return v, true
	}
	v, ok := m.base[key]
	return v, ok
}

// Of returns the value of a key, or the zero value.
func (m Map[K, V]) Of(key K) V {
	v, _ := m.Get(key)
	return v
}

// Len returns how many keys there are.
func (m Map[K, V]) Len() int { return len(m.base) + m.fresh }

// All yields every key with its value, in no order.
func (m Map[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for k, v := range m.delta {
			if !yield(k, v) {
				return
			}
		}
		for k, v := range m.base {
			if _, changed := m.delta[k]; !changed && !yield(k, v) {
				return
			}
		}
	}
}

// With returns the version in which a key has a value.
func (m Map[K, V]) With(key K, value V) Map[K, V] {
	if len(m.delta) >= limit(len(m.base)) {
		m = m.Own()
		m.Set(key, value)
		return m
	}
	next := Map[K, V]{m.base, make(map[K]V, len(m.delta)+1), m.fresh}
	maps.Copy(next.delta, m.delta)
	if _, known := m.Get(key); !known {
		next.fresh++
	}
	next.delta[key] = value
	return next
}

// limit is how large a delta may be over a base: a power of two at or above the
// base's square root, so that neither copying the one nor merging both is dear.
func limit(base int) int { return 16 << (bits.Len(uint(base)>>8) / 2) }

// Own returns a version that shares nothing, for Set.
func (m Map[K, V]) Own() Map[K, V] {
	all := make(map[K]V, m.Len())
	maps.Copy(all, m.base)
	maps.Copy(all, m.delta)
	return Map[K, V]{base: all}
}

// Set changes this version, which must be one that Own returned and that nobody
// else holds yet. It is for many changes at once.
func (m *Map[K, V]) Set(key K, value V) { m.base[key] = value }
