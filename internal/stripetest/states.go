package stripetest

import (
	"io/fs"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// States checks on an empty store what an Engine keeps for a Provisioner, and that
// events find it.
func States(t *testing.T, store storage.Store, events fs.FS) {
	t.Helper()
	host := NewHost(t, store, events, stripeadapter.Config{})
	states := stripeadapter.EngineStates(host.Engine)
	save := func(key, old, doc string) bool {
		t.Helper()
		var before []byte
		if old != "" {
			before = []byte(old)
		}
		saved, err := states.Save(t.Context(), key, before, []byte(doc))
		require.NoError(t, err)
		return saved
	}
	docs, err := states.Load(t.Context(), []string{"reward/a", "reward/b"})
	require.NoError(t, err)
	require.Empty(t, docs)
	const first, second = `{"b": 1,  "a":[ ]}`, `{"a":2}` // spaces and order stay as they are
	require.False(t, save("reward/a", second, first), "there is none")
	require.True(t, save("reward/a", "", first))
	require.False(t, save("reward/a", "", second), "there is one")
	require.False(t, save("reward/a", second, first), "there is another one")
	require.True(t, save("reward/a", first, second))
	docs, err = states.Load(t.Context(), []string{"reward/a", "reward/b"})
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{"reward/a": []byte(second)}, docs)
	_, err = states.Save(t.Context(), "reward/b", nil, []byte("{"))
	require.Error(t, err)

	var all sync.WaitGroup
	won := make(chan bool, 16)
	for i := range cap(won) {
		all.Go(func() {
			saved, err := states.Save(t.Context(), "reward/a", []byte(second), []byte(strconv.Itoa(i)))
			assert.NoError(t, err)
			won <- saved
		})
	}
	all.Wait()
	close(won)
	count := 0
	for saved := range won {
		if saved {
			count++
		}
	}
	require.Equal(t, 1, count, "one of those that saw the same")

	require.True(t, save("promotion_code/promo_ALEX10", "", `{"code":"ALEX10"}`))
	host.Deliver(t, File("invoice.paid.promo-first.2023-10-16"))
	require.Equal(t, []string{"alex cad 800"}, Earned(t, host.Engine))
	host.Verify(t)
}
