package integration_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
)

// TestPostgresRestarts stops the server while everybody sells, with notice and
// without. All errors are typed; who sells again until it works has sold once, and
// what was acknowledged is not lost.
func TestPostgresRestarts(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Own(t)
	var running sync.WaitGroup
	var stop atomic.Bool
	sales := make([]int, len(postgresDrivers))
	hosts := make([]*host, len(postgresDrivers))
	for i, driver := range postgresDrivers {
		hosts[i] = newPostgresHost(t, driver, schemaOf(t, cluster, driver), 2)
		eng := shop(t, hosts[i].store, "known")
		running.Go(func() {
			for !stop.Load() {
				sellUntil(t, eng, fmt.Sprint("in_", sales[i]), storage.ErrUnavailable)
				sales[i]++
			}
		})
	}
	for _, immediate := range []bool{false, true, true} {
		time.Sleep(100 * time.Millisecond)
		cluster.Stop(t, immediate)
		time.Sleep(50 * time.Millisecond) // in which nobody answers
		cluster.Start(t)
	}
	time.Sleep(100 * time.Millisecond)
	stop.Store(true)
	running.Wait()
	for i, h := range hosts {
		assert.Positive(t, sales[i])
		requireAll(t, h, sales[i])
	}
}

// schemaOf returns the URL of a schema in a cluster of one's own.
func schemaOf(t *testing.T, cluster *pgtest.Cluster, driver string) string {
	t.Helper()
	name := "shop_" + driver
	_, err := openDB(t, "pgx", cluster.DSN(), 1).Exec("CREATE SCHEMA " + name)
	require.NoError(t, err)
	return cluster.DSN() + "&search_path=" + name
}

// sellUntil records a sale until that works. It may fail in one way only, and not
// for long.
func sellUntil(t *testing.T, eng *affiliate.Engine, id string, may error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		err := sell(ctx, eng, id, "known")
		if err == nil || !assert.ErrorIs(t, err, may, id) {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// requireAll requires that the first sales are stored, each once.
func requireAll(t *testing.T, h *host, sales int) {
	t.Helper()
	rows, err := h.store.Rows(t.Context(), affiliate.DefaultOrganization)
	require.NoError(t, err)
	require.Len(t, rows.Conversions, sales)
	require.Len(t, rows.Entries, sales)
	entries := map[string]int{}
	for _, e := range rows.Entries {
		entries[e.Conversion]++
	}
	for n := range sales {
		require.Equal(t, 1, entries[fmt.Sprint("in_", n)])
	}
}

// An administrator ends a connection in the middle of the host's transaction.
func TestPostgresTerminates(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		dsn := pgtest.NewSchema(t)
		name := strings.ToLower(rand.Text())
		h := newPostgresHost(t, driver, dsn+"&application_name="+name, 2)
		eng := shop(t, h.store, "known")
		tx := begin(t, h)
		within := eng.Within(tx.store)
		require.NoError(t, sell(t.Context(), within, "in_1", "known"))
		_, err := openDB(t, "pgx", dsn, 1).Exec(
			"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", name)
		require.NoError(t, err)
		require.ErrorIs(t, sell(t.Context(), within, "in_2", "known"), storage.ErrUnavailable)
		require.Error(t, tx.commit())
		sellUntil(t, eng, "in_1", storage.ErrUnavailable) // with the other connections, which ended, too
		requireSold(t, h.store, "in_1", true)
		requireSold(t, h.store, "in_2", false)
	})
}

// TestPostgresFullDisk sells until a disk is full, and goes on once there is room:
// that of the rows, without which a sale fails, or that of the log, without which
// the server does.
func TestPostgresFullDisk(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		for _, disk := range []pgtest.Disk{{Megabytes: 48}, {Megabytes: 16, Log: true}} {
			t.Run(fmt.Sprint("of the log: ", disk.Log), func(t *testing.T) {
				cluster := pgtest.OwnOn(t, disk, "wal_recycle=off")
				h := newPostgresHost(t, driver, cluster.DSN(), 2)
				eng := shop(t, h.store, "known")
				room := fill(t, cluster)
				sales := 0
				var err error
				for err == nil && sales < 10_000 {
					err = sell(t.Context(), eng, fmt.Sprint("in_", sales), "known")
					sales++
				}
				if disk.Log { // the server may find the time to say why
					require.True(t, errors.Is(err, storage.ErrFull) || errors.Is(err, storage.ErrUnavailable), "%v", err)
				} else {
					require.ErrorIs(t, err, storage.ErrFull)
					requireAll(t, h, sales-1)
				}
				room()
				cluster.Start(t)
				sellUntil(t, eng, fmt.Sprint("in_", sales-1), storage.ErrUnavailable)
				sellUntil(t, eng, fmt.Sprint("in_", sales), storage.ErrUnavailable)
				requireAll(t, h, sales+1)
			})
		}
	})
}

// fill leaves hardly any room on a cluster's disk, until room is called.
func fill(t *testing.T, cluster *pgtest.Cluster) (room func()) {
	t.Helper()
	ballast := filepath.Join(cluster.DiskFolder(), "ballast")
	f, err := os.Create(ballast)
	require.NoError(t, err)
	written := int64(0)
	for block := make([]byte, 1<<16); err == nil; {
		var n int
		n, err = f.Write(block)
		written += int64(n)
	}
	require.NoError(t, f.Truncate(written-1<<20))
	require.NoError(t, f.Close())
	return func() { require.NoError(t, os.Remove(ballast)) }
}
