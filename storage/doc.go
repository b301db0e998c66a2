// Package storage is what a database must do for the Engine, and nothing about
// what the Engine does with it.
//
// A store keeps append-only facts and ledger entries, a few projections that can
// be rebuilt from them, and anchors: versioned rows at which facts meet. All
// writing goes through Commit, which applies a Change as a whole or not at all:
// if any Gate's anchor is no longer at the version that was read, nothing is
// written and the outcome is Stale. A store decides nothing: it has no clock,
// makes no ids, applies no rule, and does no arithmetic but SUM.
//
// Text is valid UTF-8 without NUL, and keys are compared by bytes. Lists and maps
// that are empty come back nil. A limit of zero or less returns nothing.
//
// A store may offer Join, which returns it bound to a transaction of the host, for
// Engine.Within: each call runs in a savepoint, so that one that fails or is stale
// leaves the transaction as it was, and nothing is ever committed for the host. It
// is for one goroutine.
//
// Every method takes the organization first; rows of one are never visible to
// another. Times are UTC with microseconds; a store returns them equal to what it
// was given. Methods are safe for concurrent use. A method that fails returns
// the database's error wrapped with %w; expected collisions are outcomes, not
// errors, and a row that is not there is an empty result.
//
// Write your own store by implementing Store and running storagetest.Run.
package storage
