package pgtest_test

import (
	"context"
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/lib/pq"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
)

// connect returns a connection until the end of the test.
func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // it may be broken on purpose
	return conn
}

// proxied returns a proxy for a schema with a table t, and a connection that
// does without it.
func proxied(t *testing.T) (*pgtest.Proxy, *pgx.Conn) {
	t.Helper()
	dsn := pgtest.NewSchema(t)
	direct := connect(t, dsn)
	_, err := direct.Exec(t.Context(), "CREATE TABLE t (n integer)")
	require.NoError(t, err)
	return pgtest.NewProxy(t, dsn), direct
}

// rows returns what is in t.
func rows(t *testing.T, direct *pgx.Conn) []int {
	t.Helper()
	found, err := direct.Query(t.Context(), "SELECT n FROM t ORDER BY n")
	require.NoError(t, err)
	list, err := pgx.CollectRows(found, pgx.RowTo[int])
	require.NoError(t, err)
	return list
}

func executed(trips []pgtest.Trip) (all [][]string) {
	for _, t := range trips {
		all = append(all, t.Executed)
	}
	return all
}

func TestProxyCountsTripsOfPgx(t *testing.T) {
	t.Parallel()
	proxy, direct := proxied(t)
	conn := connect(t, proxy.DSN())
	assert.Empty(t, proxy.Take(), "logging in")

	const insert = "INSERT INTO t VALUES ($1)"
	_, err := conn.Exec(t.Context(), insert, 1)
	require.NoError(t, err)
	assert.Equal(t, []pgtest.Trip{
		{Connection: 1, Prepared: []string{insert}}, {Connection: 1, Executed: []string{insert}},
	}, proxy.Take())

	_, err = conn.Exec(t.Context(), insert, 2)
	require.NoError(t, err)
	assert.Equal(t, []pgtest.Trip{{Connection: 1, Executed: []string{insert}}}, proxy.Take())

	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	batch := &pgx.Batch{}
	batch.Queue("SAVEPOINT a")
	batch.Queue(insert, 3)
	batch.Queue(insert, 4)
	require.NoError(t, tx.SendBatch(t.Context(), batch).Close())
	require.NoError(t, tx.Commit(t.Context()))
	trips := executed(proxy.Take())
	require.Len(t, trips, 4, "the savepoint is prepared")
	assert.Equal(t, [][]string{{"begin"}, nil, {"SAVEPOINT a", insert, insert}, {"commit"}}, trips)
	assert.Equal(t, []int{1, 2, 3, 4}, rows(t, direct))
}

func TestProxyCountsTripsOfDatabaseSQL(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{"pgx", "postgres"} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			proxy, direct := proxied(t)
			db, err := sql.Open(driver, proxy.DSN())
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, db.Close()) })
			stmt, err := db.PrepareContext(t.Context(), "INSERT INTO t VALUES ($1)")
			require.NoError(t, err)
			require.NoError(t, db.PingContext(t.Context()), "pgx does at first")
			proxy.Take()

			tx, err := db.BeginTx(t.Context(), nil)
			require.NoError(t, err)
			for n := range 3 {
				_, err := tx.Stmt(stmt).ExecContext(t.Context(), n) //nolint:sqlclosecheck // the end of tx closes it
				require.NoError(t, err)
			}
			require.NoError(t, tx.Commit())
			trips := proxy.Take()
			require.Len(t, trips, 5)
			for _, trip := range trips {
				assert.Empty(t, trip.Prepared)
				assert.Len(t, trip.Executed, 1)
			}
			assert.Equal(t, "INSERT INTO t VALUES ($1)", trips[3].Executed[0])
			assert.Equal(t, []int{0, 1, 2}, rows(t, direct))
		})
	}
}

// Requests without a wait between them are one trip.
func TestProxyCountsAPipelineAsOneTrip(t *testing.T) {
	t.Parallel()
	proxy, _ := proxied(t)
	conn := connect(t, proxy.DSN())
	for range 20 { // the server must not be so quick that the client could have waited
		pipeline := conn.PgConn().StartPipeline(t.Context())
		for range 3 {
			pipeline.SendQueryParams("SELECT pg_sleep(0.01)", nil, nil, nil, nil)
			pipeline.SendPipelineSync()
		}
		require.NoError(t, pipeline.Flush())
		require.NoError(t, pipeline.Close())
	}
	assert.Len(t, proxy.Take(), 20)
}

// A request or its answer is lost with the connection.
func TestProxyLosesConnections(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		on   string
		harm pgtest.Harm
		want []int
	}{
		{"before the statement", "INSERT", pgtest.LoseRequest, []int{}},
		{"after the statement", "INSERT", pgtest.LoseAnswer, []int{}},
		{"before the commit", "COMMIT", pgtest.LoseRequest, []int{}},
		{"after the commit", "COMMIT", pgtest.LoseAnswer, []int{1}},
	} {
		for _, driver := range []string{"pgx", "postgres"} {
			t.Run(test.name+"/"+driver, func(t *testing.T) {
				t.Parallel()
				proxy, direct := proxied(t)
				db, err := sql.Open(driver, proxy.DSN())
				require.NoError(t, err)
				t.Cleanup(func() { require.NoError(t, db.Close()) })
				struck := proxy.Inject(pgtest.Fault{On: test.on, Harm: test.harm})

				tx, err := db.BeginTx(t.Context(), nil)
				require.NoError(t, err)
				assert.False(t, struck())
				_, err = tx.ExecContext(t.Context(), "INSERT INTO t VALUES ($1)", 1)
				if err == nil {
					err = tx.Commit()
				}
				require.Error(t, err)
				assert.True(t, struck())
				_ = tx.Rollback() // of what is gone
				assert.Equal(t, test.want, rows(t, direct))
				require.NoError(t, db.PingContext(t.Context()), "another connection")
			})
		}
	}
}

// What the server has when the connection is lost it finishes, or does not.
func TestProxyLosesBoth(t *testing.T) {
	t.Parallel()
	proxy, direct := proxied(t)
	db, err := sql.Open("postgres", proxy.DSN()) // pgx cancels what it gets no answer to
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	conn, err := db.Conn(t.Context()) // a whole pool tries again
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	proxy.Inject(pgtest.Fault{On: "INSERT", Harm: pgtest.LoseBoth})
	_, err = conn.ExecContext(t.Context(), "INSERT INTO t SELECT 1 FROM pg_sleep(0.1)")
	require.Error(t, err)
	require.Eventually(t, func() bool { return len(rows(t, direct)) == 1 }, 10*time.Second, 10*time.Millisecond)
}

func TestProxyRefuses(t *testing.T) {
	t.Parallel()
	proxy, direct := proxied(t)
	conn := connect(t, proxy.DSN())
	const insert = "INSERT INTO t VALUES ($1)"

	for _, state := range []string{"40001", "40P01", "53100", "55P03", "40001"} {
		proxy.Inject(pgtest.Fault{On: "insert into", After: 1, Harm: pgtest.Refuse, State: state})
		tx, err := conn.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), insert, 1)
		require.NoError(t, err, "spared")
		_, err = tx.Exec(t.Context(), "SAVEPOINT a")
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), insert, 2)
		requireState(t, state, err)
		_, err = tx.Exec(t.Context(), "SELECT 1")
		requireState(t, "25P02", err)
		_, err = tx.Exec(t.Context(), "ROLLBACK TO SAVEPOINT a")
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), insert, 3)
		require.NoError(t, err)
		require.NoError(t, tx.Commit(t.Context()))
		assert.Equal(t, []int{1, 3}, rows(t, direct))
		_, err = direct.Exec(t.Context(), "TRUNCATE t")
		require.NoError(t, err)
	}
}

// A batch has already begun when one of its statements fails.
func TestProxyRefusesInABatch(t *testing.T) {
	t.Parallel()
	proxy, direct := proxied(t)
	conn := connect(t, proxy.DSN())
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	proxy.Inject(pgtest.Fault{On: "INSERT", Harm: pgtest.Refuse, State: "40001"})
	send := func() error {
		batch := &pgx.Batch{}
		batch.Queue("SAVEPOINT a")
		batch.Queue("INSERT INTO t VALUES ($1)", 1)
		batch.Queue("RELEASE SAVEPOINT a")
		return tx.SendBatch(t.Context(), batch).Close()
	}
	requireState(t, "40001", send())
	_, err = tx.Exec(t.Context(), "ROLLBACK TO SAVEPOINT a")
	require.NoError(t, err)
	require.NoError(t, send())
	require.NoError(t, tx.Commit(t.Context()))
	assert.Equal(t, []int{1}, rows(t, direct))
}

// A commit that is refused ends the transaction.
func TestProxyRefusesCommits(t *testing.T) {
	t.Parallel()
	proxy, direct := proxied(t)
	conn := connect(t, proxy.DSN())
	proxy.Inject(pgtest.Fault{On: "COMMIT", Harm: pgtest.Refuse, State: "40001"})
	tx, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "INSERT INTO t VALUES (1)")
	require.NoError(t, err)
	requireState(t, "40001", tx.Commit(t.Context()))
	assert.Equal(t, byte('I'), conn.PgConn().TxStatus())
	_, err = conn.Exec(t.Context(), "INSERT INTO t VALUES (2)")
	require.NoError(t, err)
	assert.Equal(t, []int{2}, rows(t, direct))
}

func TestProxyDelays(t *testing.T) {
	t.Parallel()
	proxy, direct := proxied(t)
	conn := connect(t, proxy.DSN())
	struck := proxy.Inject(pgtest.Fault{On: "INSERT", Harm: pgtest.Delay, Wait: 200 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := conn.Exec(ctx, "INSERT INTO t VALUES (1)")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	assert.True(t, struck())
	assert.Empty(t, rows(t, direct))
}

// A client may cancel what runs, and others may be cut off in the middle of it.
func TestProxyEndsWhatRuns(t *testing.T) {
	t.Parallel()
	proxy, _ := proxied(t)
	db, err := sql.Open("postgres", proxy.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = db.ExecContext(ctx, "SELECT pg_sleep(60)")
	require.ErrorContains(t, err, "cancel")

	conn := connect(t, proxy.DSN())
	time.AfterFunc(100*time.Millisecond, proxy.Cut)
	_, err = conn.Exec(t.Context(), "SELECT pg_sleep(60)")
	require.Error(t, err)
	assert.True(t, conn.IsClosed())
}

func requireState(t *testing.T, state string, err error) {
	t.Helper()
	var failed *pgconn.PgError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, state, failed.Code, failed.Message)
}
