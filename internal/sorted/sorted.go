// Package sorted walks through maps in the order of their keys.
package sorted

import "slices"

// Keys appends the keys of a map to a list that is empty, in order. With the
// caller's own array below the list a small map costs no allocation, unlike
// slices.Sorted(maps.Keys(m)).
func Keys[V any](list []string, m map[string]V) []string {
	for key := range m {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
