package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
)

// ErrSchema reports tables that are not the ones this version of the library
// needs: Migrate has not run, an applied migration has changed since, or a later
// version has run its own.
var ErrSchema = sqlstore.ErrSchema

// ErrSettings reports a database that is not opened as the store needs it.
var ErrSettings = errors.New("sqlite: wrong settings")

//go:embed migrations/*.sql
var files embed.FS

// Migrations returns the migrations, for hosts that run them by a tool of their
// own. The files carry goose's markers.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

func migrations() sqlstore.Migrations {
	return sqlstore.Migrations{
		Files: Migrations(),
		Known: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'aff_schema_version'",
	}
}

// Migrate creates the tables or brings them up to date, in one transaction. It
// may be repeated, and run by several processes at once, of which all but one
// wait as long as their busy_timeout. The error is ErrSchema if it cannot.
func (s *Store) Migrate(ctx context.Context) error {
	if err := s.migrate(ctx); err != nil {
		return fmt.Errorf("sqlite: migrate: %w", s.sql.Dialect().Typed(err))
	}
	return nil
}

func (s *Store) migrate(ctx context.Context) (err error) {
	conn, err := s.pool.DB.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // which only gives it back
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, undone := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, undone)
		}
	}()
	if err := migrations().Migrate(ctx, sqlstore.On(conn), s.sql.Dialect()); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// MigrateTx is Migrate inside a transaction of the host, which commits it. If it
// fails, the transaction is as it was.
func (s *Store) MigrateTx(ctx context.Context, tx *sql.Tx) error {
	in := sqlstore.On(tx)
	err := sqlstore.Saved(ctx, in, func() error { return migrations().Migrate(ctx, in, s.sql.Dialect()) })
	if err != nil {
		return fmt.Errorf("sqlite: migrate: %w", s.sql.Dialect().Typed(err))
	}
	return nil
}

// setting is what a pragma has to say.
type setting struct {
	pragma, want string
	right        func(value string) bool
}

// Check reports everything that is wrong with the database: ErrSchema,
// ErrSettings or both. Settings belong to a connection; Check sees those of one,
// as the DSN makes them for all.
func (s *Store) Check(ctx context.Context) error {
	conn, err := s.pool.DB.Conn(ctx)
	if err != nil {
		return fmt.Errorf("sqlite: check: %w", err)
	}
	defer func() { _ = conn.Close() }() // which only gives it back
	var problems []error
	if err := migrations().Check(ctx, sqlstore.On(conn), s.sql.Dialect()); err != nil {
		problems = append(problems, fmt.Errorf("sqlite: check: %w", err))
	}
	for _, want := range []setting{
		{"journal_mode", "wal", func(v string) bool { return v == "wal" }},
		{"synchronous", "2 (FULL) or more", func(v string) bool { return v == "2" || v == "3" }},
		{"busy_timeout", "more than 0", func(v string) bool { return v != "0" }},
		{"encoding", "UTF-8", func(v string) bool { return v == "UTF-8" }},
	} {
		problems = append(problems, want.check(ctx, conn))
	}
	return errors.Join(problems...)
}

func (s setting) check(ctx context.Context, conn *sql.Conn) error {
	var value string
	if err := conn.QueryRowContext(ctx, "PRAGMA "+s.pragma).Scan(&value); err != nil {
		return fmt.Errorf("sqlite: check %s: %w", s.pragma, err)
	}
	if !s.right(value) {
		return fmt.Errorf("%w: %s is %s, not %s", ErrSettings, s.pragma, value, s.want)
	}
	return nil
}
