// Package simulation holds tests that need a whole Engine over any store: facts
// that meet in parallel, and the same facts in one goroutine to compare with. The
// root module runs them on memory, the integration module on databases.
//
// It is for tests of this repository only.
package simulation
