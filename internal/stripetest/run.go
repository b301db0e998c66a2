package stripetest

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/storage"
)

// Orders is in how many orders a case is delivered: in all of them if
// AFFILIATE_SOAK is set, else in some.
func Orders(some int) int {
	if os.Getenv("AFFILIATE_SOAK") != "" {
		return 720
	}
	return some
}

// Run runs cases, each in organizations of one store: as written with every event
// twice, and in other orders, all of them if that is at most limit.
func Run(t *testing.T, cases []Case, events fs.FS, limit int, store storage.Store) {
	t.Helper()
	for n, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			host := func(order int) *Host {
				h := NewHostOf(t, store, fmt.Sprintf("case%d_%d", n, order), events, c.Config)
				h.Program(t, c)
				if c.Before != nil {
					c.Before(t, h)
				}
				return h
			}
			standing := c.asWritten(t, host(0))
			for i, order := range orders(len(c.Events), limit) {
				if c.Fixed {
					break
				}
				got := c.inOrder(t, host(i+1), order, i)
				require.Equal(t, standing, got, "in the order %v", order)
			}
		})
	}
}

func (c Case) asWritten(t *testing.T, h *Host) []string {
	t.Helper()
	for i, e := range c.Events {
		for range 2 {
			h.Deliver(t, e)
			if len(c.After) > 0 {
				require.Equal(t, c.After[i], strings.Join(Earned(t, h.Engine), ", "), "after event %d, %s", i+1, e.File)
			}
		}
	}
	require.Equal(t, c.Earned, Earned(t, h.Engine), "as written")
	h.Verify(t)
	return Standing(t, h.Engine)
}

// inOrder delivers each event once in some order, some of them again at once, and
// all again in the end.
func (c Case) inOrder(t *testing.T, h *Host, order []int, seed int) []string {
	t.Helper()
	var names []string
	for _, i := range order {
		names = append(names, c.Events[i].File)
		h.Deliver(t, c.Events[i])
		if (seed+i)%3 == 0 {
			h.Deliver(t, c.Events[i])
		}
	}
	require.Equal(t, c.Earned, Earned(t, h.Engine), "in the order %s", fmt.Sprint(names))
	for _, i := range order {
		h.Deliver(t, c.Events[i])
	}
	require.Equal(t, c.Earned, Earned(t, h.Engine), "twice in the order %s", fmt.Sprint(names))
	h.Verify(t)
	return Standing(t, h.Engine)
}

// orders returns orders of n events: all if they are at most limit, else a sample
// that is always the same.
func orders(n, limit int) [][]int {
	first := make([]int, n)
	for i := range first {
		first[i] = i
	}
	count := 1
	for i := 2; i <= n; i++ {
		count *= i
	}
	if count <= limit {
		return permutations(first)
	}
	random := rand.New(rand.NewPCG(1, uint64(n)))
	list := make([][]int, limit)
	for i := range list {
		list[i] = random.Perm(n)
	}
	return list
}

func permutations(of []int) [][]int {
	if len(of) == 0 {
		return [][]int{nil}
	}
	var list [][]int
	for i, head := range of {
		rest := slices.Delete(slices.Clone(of), i, i+1)
		for _, tail := range permutations(rest) {
			list = append(list, append([]int{head}, tail...))
		}
	}
	return list
}
