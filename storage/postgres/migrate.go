package postgres

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

// ErrSettings reports a database that is not set up as the store needs it.
var ErrSettings = errors.New("postgres: wrong settings")

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

// Migrate creates the tables or brings them up to date, in one transaction. It
// may be repeated, and run by several processes at once, of which all but one
// wait. The error is ErrSchema if it cannot.
func (s *Store) Migrate(ctx context.Context) error {
	tx, err := s.pool.DB.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", s.typed(err))
	}
	defer func() { _ = tx.Rollback() }() // which does nothing after Commit
	if err := s.MigrateTx(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("postgres: migrate: %w", s.typed(err))
	}
	return nil
}

// MigrateTx is Migrate inside a transaction of the host, which commits it. If it
// fails, the transaction is as it was.
func (s *Store) MigrateTx(ctx context.Context, tx *sql.Tx) error {
	in := sqlstore.On(tx)
	err := sqlstore.Saved(ctx, in, func() error {
		return sqlstore.PostgresMigrations(Migrations()).Migrate(ctx, in, s.sql.Dialect())
	})
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", s.typed(err))
	}
	return nil
}

// Check reports everything that is wrong with the database: ErrSchema,
// ErrSettings or both.
func (s *Store) Check(ctx context.Context) error {
	conn, err := s.pool.DB.Conn(ctx)
	if err != nil {
		return fmt.Errorf("postgres: check: %w", s.typed(err))
	}
	defer func() { _ = conn.Close() }() // which only gives it back
	in := sqlstore.On(conn)
	var problems []error
	if err := sqlstore.PostgresMigrations(Migrations()).Check(ctx, in, s.sql.Dialect()); err != nil {
		problems = append(problems, fmt.Errorf("postgres: check: %w", s.typed(err)))
	}
	if err := sqlstore.CheckPostgres(ctx, in); err != nil {
		problems = append(problems, fmt.Errorf("%w: %w", ErrSettings, err))
	}
	return errors.Join(problems...)
}
