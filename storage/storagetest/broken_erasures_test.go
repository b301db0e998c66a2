package storagetest

import "github.com/goaffiliate/affiliate/storage"

// brokenErasures are stores that forget nobody, or too well.
func brokenErasures() []brokenStore {
	return []brokenStore{
		{"erases nothing", "Erasure", onCommit(func(_ storage.Store, _ string, c *storage.Change) { c.Erasures = nil })},
		{"starts all anchors at 1", "Erasure", onCommit(func(_ storage.Store, _ string, c *storage.Change) {
			for i := range c.Gates {
				c.Gates[i].Start = 0
			}
		})},
	}
}
