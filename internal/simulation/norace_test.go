//go:build !race

package simulation_test

// pairs of each kind.
const pairs = 1000
