// Package archtest holds the test that keeps the architecture: which package
// may import which, which libraries may not reach a host's build, where the
// clock may be read, where floating point is banned, and how long files and
// functions may grow.
//
// It has no code of its own outside the tests. The tables in rules_test.go are
// the rules; a new package needs a row there before the test passes.
package archtest
