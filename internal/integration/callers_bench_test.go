package integration_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// BenchmarkSalesOfOneCustomer records 64 sales of one customer from 64 goroutines
// at once, by a store; sales/s tells how many that makes.
func BenchmarkSalesOfOneCustomer(b *testing.B) {
	b.Run("memory", func(b *testing.B) { benchOneCustomer(b, memory.New()) })
	d := sqliteDrivers[1]
	b.Run("sqlite", func(b *testing.B) { benchOneCustomer(b, migrated(b, d.name, d.settings)) })
	for _, driver := range postgresDrivers {
		b.Run(driver, func(b *testing.B) { benchOneCustomer(b, freshPostgres(b, driver, 16)) })
	}
}

func benchOneCustomer(b *testing.B, store storage.Store) {
	b.Helper()
	const callers = 64
	eng := benchEngine(b, store)
	var errs [callers]error
	round := 0
	for b.Loop() {
		round++
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				_, errs[i] = eng.RecordConversion(b.Context(), affiliate.Conversion{
					ID: fmt.Sprintf("in_%d_%d", round, i), Customer: fmt.Sprint("cus_", round), Amount: 4900, Partner: "partner-0",
				})
			})
		}
		all.Wait()
		for _, err := range errs {
			require.NoError(b, err)
		}
	}
	b.ReportMetric(float64(callers*round)/b.Elapsed().Seconds(), "sales/s")
}
