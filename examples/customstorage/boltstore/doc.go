// Package boltstore is a store on bbolt, a B+tree in one file. It is the worked
// example of docs/guides/custom-storage.md: complete, and small enough to read in
// one sitting, in this order:
//
//	key.go     tuples as bytes that sort as the tuples do
//	row.go     the form in which all stores agree on a row
//	table.go   rows by key, and indexes that follow them
//	tables.go  which tables and indexes there are
//	commit.go  a change: first everything is looked up, then everything is written
//	store.go   transactions, the host's and our own
//	facts.go, ledger.go  the reads
//
// It uses nothing that a module outside this repository could not use. Rules and
// decisions do not belong in a store.
package boltstore
