package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func query[R any](t *testing.T, dsn, text string) (r R) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	require.NoError(t, conn.QueryRow(t.Context(), text).Scan(&r))
	return r
}

func TestSchemasAreApart(t *testing.T) {
	t.Parallel()
	a, b := NewSchema(t), NewSchema(t)
	for _, dsn := range []string{a, b} {
		execute(t, dsn, "CREATE TABLE t AS SELECT 1 AS n")
		assert.Equal(t, 1, query[int](t, dsn, "SELECT count(*) FROM t"))
	}
	assert.Equal(t, "UTF8", query[string](t, a, "SHOW server_encoding"))
}

func TestOwnStopsAndStarts(t *testing.T) {
	t.Parallel()
	c := Own(t, "max_connections=7", "log_line_prefix=it''s ")
	assert.Equal(t, "7", query[string](t, c.DSN(), "SHOW max_connections"))
	execute(t, c.DSN(), "CREATE TABLE t AS SELECT 1 AS n")
	for _, immediate := range []bool{false, true} {
		c.Stop(t, immediate)
		_, err := pgx.Connect(t.Context(), c.DSN())
		require.Error(t, err)
		c.Start(t)
		c.Restart(t, immediate)
		assert.Equal(t, 1, query[int](t, c.DSN(), "SELECT count(*) FROM t"))
	}
	assert.Contains(t, c.LogTail(5), "ready to accept connections")
	assert.Len(t, strings.Split(c.LogTail(2), "\n"), 2)
}

// A full disk is an error, and a crash where it is that of the log.
func TestOwnOnASmallDisk(t *testing.T) {
	t.Parallel()
	for _, disk := range []Disk{{Megabytes: 48}, {Megabytes: 8, Log: true}} {
		t.Run(fmt.Sprint("of the log: ", disk.Log), func(t *testing.T) {
			t.Parallel()
			c := OwnOn(t, disk, "max_wal_size=64MB")
			conn, err := pgx.Connect(t.Context(), c.DSN())
			require.NoError(t, err)
			_, err = conn.Exec(t.Context(), "CREATE TABLE t (x text); ALTER TABLE t ALTER x SET STORAGE PLAIN")
			require.NoError(t, err)
			for err == nil {
				_, err = conn.Exec(t.Context(), "INSERT INTO t SELECT repeat('x', 4000) FROM generate_series(1, 500)")
			}
			assert.Contains(t, c.LogTail(100), "No space left on device")
			var failed *pgconn.PgError
			assert.Equal(t, !disk.Log, errors.As(err, &failed) && failed.Code == "53100", "%v", err)
			assert.Equal(t, disk.Log, conn.IsClosed())
			require.NoError(t, conn.Close(t.Context()))
		})
	}
}

// A guard does its work however its process ends.
func TestGuardOutlivesItsProcess(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "pgtest")
	require.NoError(t, err)
	data := filepath.Join(folder, "data")
	require.NoError(t, os.MkdirAll(data, 0o700))
	g, err := newGuard(t.Context(), folder)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(data, "postmaster.pid"), nil, 0o600))
	assert.True(t, exists(folder))
	require.NoError(t, g.input.Close(), "as the end of the process does")
	require.Eventually(t, func() bool { return !exists(folder) }, 10*time.Second, 10*time.Millisecond)
	g.release()
}

func TestUsable(t *testing.T) {
	t.Parallel()
	c := Own(t)
	require.NoError(t, usable(t.Context(), c.DSN(), time.Second))
	execute(t, c.DSN(), "CREATE ROLE guest LOGIN")
	guest := strings.Replace(c.DSN(), "user=postgres", "user=guest", 1)
	require.ErrorContains(t, usable(t.Context(), guest, time.Second), "may not create schemas")
	c.Stop(t, false)
	require.Error(t, usable(t.Context(), c.DSN(), time.Second))
}

// outcome is a test of which only the end matters.
type outcome struct {
	testing.TB
	end string
}

func (*outcome) Helper()                 {}
func (*outcome) Name() string            { return "TestOutcome" }
func (o *outcome) Fatalf(string, ...any) { o.end = "failed"; panic(o) }
func (o *outcome) Skipf(string, ...any)  { o.end = "skipped"; panic(o) }

func TestUnavailable(t *testing.T) {
	for _, test := range []struct {
		ci   string
		err  error
		want string
	}{
		{"", errMissing, "skipped"},
		{"false", fmt.Errorf("%w: why", errNoMount), "skipped"},
		{"true", errMissing, "failed"},
		{"1", errNoMount, "failed"},
		{"", errNamed, "failed"},
		{"", os.ErrNotExist, "failed"},
	} {
		t.Setenv("CI", test.ci)
		o := &outcome{}
		assert.Panics(t, func() { unavailable(o, test.err) })
		assert.Equal(t, test.want, o.end, "%v with CI=%q", test.err, test.ci)
	}
}

// A server that somebody named is the one, or an error.
func TestNamedServer(t *testing.T) {
	c := Own(t)
	t.Setenv(address, c.DSN())
	var named server
	named.find(t.Context())
	require.NoError(t, named.err)
	assert.Equal(t, c.DSN(), named.dsn)
	assert.Nil(t, named.cluster)

	c.Stop(t, false)
	var stopped server
	stopped.find(t.Context())
	require.ErrorIs(t, stopped.err, errNamed)
	require.ErrorContains(t, stopped.err, address)
}
