// Command customstorage runs a small shop on a store that is not one of the
// library's: boltstore, on bbolt. It sells twice to a customer whom a partner
// brought, pays the partner, closes the file, opens it again, and ends with an
// error unless every figure is the same and the one that was worked out by hand.
//
//	go run ./examples/customstorage -demo
//
// main.go is the shop. boltstore is the store, which docs/guides/custom-storage.md
// explains.
package main
