package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// address names the environment variable with the URL of a server.
const address = "AFFILIATE_TEST_POSTGRES_URL"

// server is what the tests of a binary share.
type server struct {
	once    sync.Once
	dsn     string
	cluster *Cluster // which its guard ends with this process; nil: the server is somebody else's
	err     error
}

var shared server

// DSN returns the URL of a database of the server that tests share, as a user who
// may create schemas.
func DSN(tb testing.TB) string {
	tb.Helper()
	shared.once.Do(func() { shared.find(context.WithoutCancel(tb.Context())) })
	if shared.err != nil {
		unavailable(tb, shared.err)
	}
	return shared.dsn
}

func (s *server) find(ctx context.Context) {
	if s.dsn = os.Getenv(address); s.dsn != "" {
		if err := usable(ctx, s.dsn, 10*time.Second); err != nil {
			s.err = fmt.Errorf("%w %s: %w", errNamed, address, err)
		}
		return
	}
	for _, dsn := range running() {
		if usable(ctx, dsn, time.Second) == nil {
			s.dsn = dsn
			return
		}
	}
	if s.cluster, s.err = newCluster(ctx, Disk{}, []string{"max_connections=400", "max_wal_size=2GB"}); s.err == nil {
		s.dsn = s.cluster.DSN()
	}
}

// errNamed reports a server that somebody named but that is of no use: no reason
// to skip anything.
var errNamed = errors.New("the server of")

// running returns where a server on this machine may answer.
func running() (list []string) {
	users := []string{"postgres"}
	if me, err := user.Current(); err == nil && me.Username != users[0] {
		users = append([]string{me.Username}, users...)
	}
	for _, name := range users {
		for _, host := range []string{"/var/run/postgresql", "/tmp", "127.0.0.1"} {
			if strings.HasPrefix(host, "/") && !exists(filepath.Join(host, ".s.PGSQL.5432")) {
				continue
			}
			u := url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: url.Values{
				"host": {host}, "port": {"5432"}, "user": {name}, "sslmode": {"disable"},
			}.Encode()}
			list = append(list, u.String())
		}
	}
	return list
}

// usable reports why a server does not answer or cannot give us schemas.
func usable(ctx context.Context, dsn string, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // it was only a look
	var may bool
	err = conn.QueryRow(ctx, `SELECT has_database_privilege(current_database(), 'CREATE')`).Scan(&may)
	if err == nil && !may {
		return errors.New("its user may not create schemas")
	}
	return err
}

// unavailable ends a test that has no server, or not the one it needs. Nothing is
// skipped where nobody would read it.
func unavailable(tb testing.TB, err error) {
	tb.Helper()
	lacking := errors.Is(err, errMissing) || errors.Is(err, errNoMount)
	ci := os.Getenv("CI")
	if !lacking || (ci != "" && ci != "false") {
		tb.Fatalf("no PostgreSQL to test with: %v", err)
	}
	fmt.Fprintf(os.Stderr, "SKIPPED %s: no PostgreSQL to test with: %v\n", tb.Name(), err)
	tb.Skipf("no PostgreSQL to test with: %v", err)
}
