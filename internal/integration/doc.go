// Package integration holds the tests and benchmarks that need a database
// driver: storage conformance on real databases, concurrent and shuffled
// deliveries, simulation, and the benchmarks of the hot path.
//
// It is a module of its own that is never tagged, so that drivers stay out of
// the library's module graph. Only tests live here; helpers that a host could
// use belong in affiliatetest or storage/storagetest.
package integration
