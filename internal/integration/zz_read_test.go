package integration_test

import (
	"testing"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/stretchr/testify/require"
)

func BenchmarkZZReads(b *testing.B) {
	for _, d := range sqliteDrivers {
		s := migrated(b, d.name, d.settings)
		for n := range 3000 {
			_ = n
		}
		for n := 0; n < 1024; n += 64 {
			require.NoError(b, record(b.Context(), s, n, 64))
		}
		b.Run("load/"+d.name, func(b *testing.B) {
			stop, n := startCPU(b), 0
			for b.Loop() {
				_, err := s.Load(b.Context(), benchOrg, conversionRefs(n%1000))
				require.NoError(b, err)
				n++
			}
			stop(n)
		})
		b.Run("touches/"+d.name, func(b *testing.B) {
			stop, n := startCPU(b), 0
			for b.Loop() {
				_, _, err := s.Touches(b.Context(), benchOrg, []string{"vis_1"}, nil)
				require.NoError(b, err)
				n++
			}
			stop(n)
		})
		b.Run("has/"+d.name, func(b *testing.B) {
			stop, n := startCPU(b), 0
			for b.Loop() {
				_, err := s.HasIdentify(b.Context(), benchOrg, "x")
				require.NoError(b, err)
				n++
			}
			stop(n)
		})
	}
	_ = storage.Stale
}
