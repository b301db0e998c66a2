package integration_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
)

// patience is how long the redirects of these tests wait for their database.
const patience = 250 * time.Millisecond

// door is the redirect of a new process: it knows nothing that it did not read.
type door struct {
	handler *affiliatehttp.Handler
	eng     *affiliate.Engine
	stored  int
}

func newDoor(t *testing.T, store storage.Store) *door {
	t.Helper()
	eng, err := affiliate.New(store, affiliate.Config{})
	require.NoError(t, err)
	handler, err := affiliatehttp.New(eng, affiliatehttp.Config{ClickTimeout: patience, VelocityLimit: affiliatehttp.Limit{PerMinute: -1}})
	require.NoError(t, err)
	return &door{handler: handler, eng: eng}
}

// visit returns the answer to a visitor, who was not kept waiting for longer than
// the database may take for one read and one write.
func (d *door) visit(t *testing.T, link string) *httptest.ResponseRecorder {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/r/{link}", d.handler.Redirect)
	start, w := time.Now(), httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/r/"+link, nil))
	assert.Less(t, time.Since(start), patience+2*time.Second)
	return w
}

// counts requires that a visit is counted.
func (d *door) counts(t *testing.T) {
	t.Helper()
	w := d.visit(t, "ada")
	require.Equal(t, http.StatusFound, w.Code)
	_, id, found := strings.Cut(w.Header().Get("Location"), "cref=")
	require.True(t, found, w.Header().Get("Location"))
	_, err := d.eng.Click(t.Context(), id)
	require.NoError(t, err)
	d.stored++
}

// recovers requires that visits are counted again before long.
func (d *door) recovers(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(d.visit(t, "ada").Header().Get("Location"), "cref=") }, 10*time.Second, 10*time.Millisecond)
	d.stored++
	d.counts(t)
}

// losesOne requires that a visit goes on to where it should, is not counted, and
// is known to be lost.
func (d *door) losesOne(t *testing.T) {
	t.Helper()
	before := d.handler.LostClicks()
	w := d.visit(t, "ada")
	require.Equal(t, http.StatusFound, w.Code)
	require.Equal(t, "https://shop.example/pricing?plan=pro", w.Header().Get("Location"))
	require.Equal(t, before+1, d.handler.LostClicks())
}

// knowsNothing requires that a visitor is asked to come back.
func (d *door) knowsNothing(t *testing.T, link string) {
	t.Helper()
	w := d.visit(t, link)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	require.Empty(t, w.Header().Get("Location"))
}

// TestRedirectWithoutPostgres stops the server, with notice and without.
func TestRedirectWithoutPostgres(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Own(t)
	stores, doors := map[string]storage.Store{}, map[string]*door{}
	for _, driver := range postgresDrivers {
		stores[driver] = newPostgresHost(t, driver, schemaOf(t, cluster, driver), 1).store
		linked(t, stores[driver])
		doors[driver] = newDoor(t, stores[driver])
		doors[driver].counts(t)
	}
	for _, immediate := range []bool{false, true} {
		cluster.Stop(t, immediate)
		fresh := map[string]*door{}
		for driver, old := range doors {
			fresh[driver] = newDoor(t, stores[driver])
			fresh[driver].knowsNothing(t, "ada")
			require.Zero(t, fresh[driver].handler.LostClicks(), "nobody went on")
			for range 3 {
				old.losesOne(t)
			}
			old.knowsNothing(t, "bob")
		}
		cluster.Start(t)
		for driver, old := range doors {
			old.recovers(t)
			fresh[driver].recovers(t)
			old.stored += fresh[driver].stored
			require.Equal(t, http.StatusNotFound, old.visit(t, "bob").Code)
		}
	}
	for driver, old := range doors {
		rows, err := stores[driver].Rows(t.Context(), affiliate.DefaultOrganization)
		require.NoError(t, err)
		require.Len(t, rows.Clicks, old.stored)
	}
}

// TestRedirectBeforeASlowPostgres has the server not answer in time, to what a
// visit reads and to what it writes.
func TestRedirectBeforeASlowPostgres(t *testing.T) {
	t.Parallel()
	eachPostgres(t, func(t *testing.T, driver string) {
		t.Helper()
		dsn := pgtest.NewSchema(t)
		linked(t, newPostgresHost(t, "pgxpool", dsn, 2).store)
		proxy := pgtest.NewProxy(t, dsn)
		d := newDoor(t, newPostgresHost(t, driver, proxy.DSN(), 8).store)
		slowly := func(on string, then func()) {
			struck := proxy.Inject(pgtest.Fault{On: on, Harm: pgtest.Delay, Wait: 4 * patience})
			then()
			require.True(t, struck(), on)
		}
		slowly("FROM aff_anchors", func() { d.knowsNothing(t, "ada") })
		d.recovers(t)
		slowly("FROM aff_anchors", func() { d.losesOne(t) })
		d.recovers(t)
		slowly("INTO aff_clicks", func() {
			if driver == "postgres" { // lib/pq waits for the answer to what it could not cancel
				d.counts(t)
				return
			}
			d.losesOne(t)
		})
		d.recovers(t)
	})
}

// TestRedirectBeforeALockedSQLite has somebody else write for a long time.
func TestRedirectBeforeALockedSQLite(t *testing.T) {
	t.Parallel()
	for _, driver := range sqliteDrivers {
		t.Run(driver.name, func(t *testing.T) {
			t.Parallel()
			db := openSQLite(t, driver.name, strings.Replace(driver.settings, "5000", "200", 1))
			store := newSQLite(t, db)
			require.NoError(t, store.Migrate(t.Context()))
			linked(t, store)
			d := newDoor(t, store)
			d.counts(t)
			other, err := db.Conn(t.Context())
			require.NoError(t, err)
			defer func() { require.NoError(t, other.Close()) }()
			_, err = other.ExecContext(t.Context(), "BEGIN IMMEDIATE")
			require.NoError(t, err)
			for range 3 {
				d.losesOne(t)
			}
			require.Equal(t, http.StatusNotFound, d.visit(t, "bob").Code, "reading goes on")
			_, err = other.ExecContext(t.Context(), "ROLLBACK")
			require.NoError(t, err)
			d.recovers(t)
			rows, err := store.Rows(t.Context(), affiliate.DefaultOrganization)
			require.NoError(t, err)
			require.Len(t, rows.Clicks, d.stored)
		})
	}
}
