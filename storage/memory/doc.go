// Package memory is a store that keeps everything in the memory of the process:
// for tests, simulations and trying things out. It is what the other stores are
// compared with.
//
// It may know nothing that package storage does not say, and keeps no file.
package memory
