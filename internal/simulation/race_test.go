//go:build race

package simulation_test

// pairs of each kind: fewer, because the race detector makes each ten times as
// dear.
const pairs = 150
