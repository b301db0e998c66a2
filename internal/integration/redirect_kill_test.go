package integration_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/pgxstore"
	"github.com/goaffiliate/affiliate/storage/sqlite"
)

// serveRedirects is in the environment of a process that is only a server: its
// driver, its DSN, the length of its queue, and whether it stores that.
const serveRedirects = "AFFILIATE_TEST_SERVE_REDIRECTS"

func TestMain(m *testing.M) {
	if settings := os.Getenv(serveRedirects); settings != "" {
		fmt.Fprintln(os.Stderr, serve(settings))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// serve serves redirects until the process is killed. It says where on stdout.
func serve(settings string) error {
	ctx, parts := context.Background(), strings.Split(settings, " ")
	queue, err := strconv.Atoi(parts[2])
	if err != nil {
		return err
	}
	store, err := reopen(ctx, parts[0], parts[1])
	if err != nil {
		return err
	}
	eng, err := affiliate.New(store, affiliate.Config{})
	if err != nil {
		return err
	}
	handler, err := affiliatehttp.New(eng, affiliatehttp.Config{
		ClickTimeout: time.Minute, Queue: queue, VelocityLimit: affiliatehttp.Limit{PerMinute: -1},
	})
	if err != nil {
		return err
	}
	if parts[3] == "true" {
		go func() { _ = handler.Run(ctx) }() // until the end of the process
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String() + "/r/ada")
	return http.Serve(listener, handler.Routes()) //nolint:gosec // it lives for half a second
}

// reopen opens a store that is there already.
func reopen(ctx context.Context, driver, dsn string) (storage.Store, error) {
	if driver == "pgxpool" {
		pool, err := pgxpool.New(ctx, dsn)
		if err != nil {
			return nil, err
		}
		return pgxstore.New(pool, pgxstore.Config{})
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return nil, err
	}
	return sqlite.New(db, sqlite.Config{})
}

// killed is a server that is killed and started again, and what it promised.
type killed struct {
	settings string
	told     atomic.Int64 // clicks that visitors were told
	mu       sync.Mutex
	promised []string // ids of clicks that visitors were told
}

// enough clicks fill every queue of these tests.
const enough = 120

// live starts the server, has visitors come, and kills it while they do.
func (k *killed) live(t *testing.T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), serveRedirects+"="+k.settings)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, complaints.String())
	var visitors sync.WaitGroup
	for range 32 {
		visitors.Go(func() { k.visit(t, strings.TrimSpace(address)) })
	}
	before := k.told.Load()
	time.Sleep(time.Duration(100+rand.IntN(300)) * time.Millisecond)
	require.Eventually(t, func() bool { return k.told.Load() > before+enough }, time.Minute, time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	visitors.Wait()
	require.Error(t, cmd.Wait())
}

// visit comes again and again, each time as somebody new, until nobody answers.
func (k *killed) visit(t *testing.T, address string) {
	t.Helper()
	client := http.Client{
		Transport:     &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	var mine []string
	for {
		response, err := client.Get(address)
		if err != nil {
			break
		}
		_, err = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		_, id, found := strings.Cut(response.Header.Get("Location"), "cref=")
		if !found {
			t.Error(response.Status, response.Header)
			break
		}
		mine = append(mine, id) // the visitor was told, whatever err is
		k.told.Add(1)
		if err != nil {
			break
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.promised = append(k.promised, mine...)
}

// lost returns how many of the clicks that visitors were told are not stored.
func (k *killed) lost(t *testing.T, store storage.Store) int {
	t.Helper()
	rows, err := store.Rows(t.Context(), affiliate.DefaultOrganization)
	require.NoError(t, err)
	stored := map[string]bool{}
	for _, c := range rows.Clicks {
		stored[c.ID] = true
	}
	lost := 0
	for _, id := range k.promised {
		if !stored[id] {
			lost++
		}
	}
	t.Log(len(k.promised), "promised,", len(stored), "stored,", lost, "lost")
	return lost
}

// killable returns the settings of a server on a store of each kind, and how to
// look into the store.
func killable(t *testing.T, driver string) (dsn string, store storage.Store) {
	t.Helper()
	if driver == "pgxpool" {
		dsn = pgtest.NewSchema(t)
		store = openPostgres(t, driver, dsn, "", 2)
	} else {
		for _, d := range sqliteDrivers {
			if d.name == driver {
				dsn = "file:" + filepath.Join(t.TempDir(), "kill.db") + d.settings
			}
		}
		db, err := sql.Open(driver, dsn)
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		store = newSQLite(t, db)
	}
	migrates, ok := store.(interface{ Migrate(context.Context) error })
	require.True(t, ok)
	require.NoError(t, migrates.Migrate(t.Context()))
	linked(t, store)
	return dsn, store
}

// TestKilledRedirects kills the process that redirects (SIGKILL) while visitors
// come. What a visitor was told is stored then: all of it or, where the host asked
// for a queue, all but as many clicks as the queue holds.
func TestKilledRedirects(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"sqlite", "sqlite3", "pgxpool"} {
		for _, mode := range []struct {
			name   string
			queue  int
			stores bool // Run
			may    int
		}{
			{"durable", 0, false, 0}, {"queue", 100, true, 100}, {"full queue", 50, false, 50},
		} {
			t.Run(driver+" "+mode.name, func(t *testing.T) {
				t.Parallel()
				dsn, store := killable(t, driver)
				k := &killed{settings: fmt.Sprint(driver, " ", dsn, " ", mode.queue, " ", mode.stores)}
				for kill := 1; kill <= 3; kill++ {
					k.live(t)
					lost := k.lost(t, store)
					require.LessOrEqual(t, lost, kill*mode.may)
					if mode.queue > 0 && !mode.stores { // the bound is not a loose one
						require.Equal(t, kill*mode.may, lost)
					}
				}
			})
		}
	}
}
