// Package examples is the root of the runnable examples, one folder each.
//
// It is a module of its own, so that the drivers and web frameworks the
// examples use never reach the module graph of a host that imports the library.
// Each example is a complete program or test that a host can copy from; library
// code does not belong here.
package examples
