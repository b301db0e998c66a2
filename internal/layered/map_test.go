package layered_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/internal/layered"
)

// Every version is what a plain map would be, also after later ones were made of it.
func TestVersionsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var versions []layered.Map[int, int]
		var plain []map[int]int
		now, model := layered.Map[int, int]{}, map[int]int{}
		for range rapid.IntRange(1, 200).Draw(t, "changes") {
			if i := rapid.IntRange(0, 99).Draw(t, "from"); i < len(versions) { // another branch
				now, model = versions[i], maps.Clone(plain[i])
			}
			key, value := rapid.IntRange(0, 80).Draw(t, "key"), rapid.Int().Draw(t, "value")
			if model = maps.Clone(model); rapid.IntRange(0, 9).Draw(t, "own") == 0 {
				now = now.Own()
				now.Set(key, value)
			} else {
				now = now.With(key, value)
			}
			model[key] = value
			versions, plain = append(versions, now), append(plain, model)
		}
		for i, v := range versions {
			require.Equal(t, plain[i], maps.Collect(v.All()))
			require.Equal(t, len(plain[i]), v.Len())
			for key := range 80 {
				want, there := plain[i][key]
				got, ok := v.Get(key)
				require.Equal(t, there, ok)
				require.Equal(t, want, got)
				require.Equal(t, want, v.Of(key))
			}
		}
	})
}

func BenchmarkWith(b *testing.B) {
	m := layered.Map[int, int]{}
	for i := range 50_000 {
		m = m.With(i, i)
	}
	b.ResetTimer()
	for i := range b.N {
		m = m.With(i%60_000, i)
	}
}
