package pgxstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/postgres"
)

// Config is where a store's tables are. The zero value works.
type Config = postgres.Config

// Errors of Migrate and Check.
var (
	ErrSchema   = postgres.ErrSchema
	ErrSettings = postgres.ErrSettings
)

// reader is the part of the store that is the same in all SQL.
type reader = sqlstore.Reader

// Store is a store in PostgreSQL; it implements storage.Store. It is safe for
// concurrent use, and leaves the pool to the host, also to close.
type Store struct {
	reader
	sql  *sqlstore.Store
	pool *pool
}

var (
	_ storage.Store      = (*Store)(nil)
	_ storage.Concurrent = (*Store)(nil)
)

// New returns a store over a pool. The error is one of the Config.
func New(p *pgxpool.Pool, cfg Config) (*Store, error) {
	d, err := sqlstore.Postgres().In(sqlstore.Names(cfg))
	if err != nil {
		return nil, err
	}
	conn := &pool{p, d, sqlstore.NewFinisher(d)}
	s := sqlstore.New(conn, d)
	return &Store{reader: s, sql: s, pool: conn}, nil
}

// Commits returns 2: while one commit waits for the disk, the server works on the
// other.
func (s *Store) Commits() int { return 2 }

// Commit applies each change as a whole or not at all, in one statement, which is
// a transaction. Several are first tried as if they were one; if that is stale,
// one of them is, and they are written one by one. What could not be serialized
// runs again, some times.
func (s *Store) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := sqlstore.CommitEach(changes, func(change storage.Change) (storage.Outcome, error) {
		return sqlstore.CommitOne(s.sql, org, change, func(list []sqlstore.Statement) error {
			return sqlstore.Again(ctx, func() error { return s.pool.write(ctx, list) })
		})
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// Join returns the store inside a transaction of the host, for Engine.Within:
// what it writes is the host's to commit or roll back. It is for one goroutine,
// until the transaction ends, takes no other connection, and works at every
// isolation level.
//
// Each call runs in a savepoint, so that one that fails leaves the transaction as
// it was; only the end of ctx inside a statement ends the transaction, as pgx
// then closes the connection. What could not be serialized
// (storage.ErrSerialization) is the host's to run again, with its whole
// transaction.
func (s *Store) Join(tx pgx.Tx) storage.Store {
	conn := joinedConn{tx, s.pool}
	sql := s.sql.On(conn)
	return &joined{reader: sql, sql: sql, conn: conn}
}

// joined is a store inside the host's transaction.
type joined struct {
	reader
	sql  *sqlstore.Store
	conn joinedConn
}

// Commit applies each change in a savepoint.
func (j *joined) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	outcomes, err := sqlstore.CommitEach(changes, func(change storage.Change) (storage.Outcome, error) {
		return sqlstore.CommitOne(j.sql, org, change, func(list []sqlstore.Statement) error {
			return j.conn.write(ctx, list)
		})
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// Migrate creates the tables or brings them up to date, in one transaction. It
// may be repeated, and run by several processes at once, of which all but one
// wait. The error is ErrSchema if it cannot.
func (s *Store) Migrate(ctx context.Context) error {
	return pgx.BeginFunc(ctx, s.pool.pool, func(tx pgx.Tx) error { return s.MigrateTx(ctx, tx) })
}

// MigrateTx is Migrate inside a transaction of the host, which commits it. If it
// fails, the transaction is as it was.
func (s *Store) MigrateTx(ctx context.Context, tx pgx.Tx) error {
	in := session{tx}
	err := sqlstore.Saved(ctx, in, func() error {
		return sqlstore.PostgresMigrations(postgres.Migrations()).Migrate(ctx, in, s.sql.Dialect())
	})
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", s.pool.typed(err))
	}
	return nil
}

// Check reports everything that is wrong with the database: ErrSchema,
// ErrSettings or both.
func (s *Store) Check(ctx context.Context) error {
	conn, err := s.pool.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("postgres: check: %w", s.pool.typed(err))
	}
	defer conn.Release()
	in := session{conn.Conn()}
	var problems []error
	if err := sqlstore.PostgresMigrations(postgres.Migrations()).Check(ctx, in, s.sql.Dialect()); err != nil {
		problems = append(problems, fmt.Errorf("postgres: check: %w", s.pool.typed(err)))
	}
	if err := sqlstore.CheckPostgres(ctx, in); err != nil {
		problems = append(problems, fmt.Errorf("%w: %w", ErrSettings, err))
	}
	return errors.Join(problems...)
}
