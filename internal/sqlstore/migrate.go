package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// ErrSchema reports tables that are not the ones this version of the library
// needs.
var ErrSchema = errors.New("schema is not as needed")

// Migrations are files such as 00001_init.sql, counted from 1 without gaps, each
// with a part marked "-- +goose Up". What was applied is kept with its checksum.
type Migrations struct {
	Files fs.FS

	// Begin starts a transaction in which Lock, if not empty, makes other runs
	// wait.
	Begin, Lock string

	// Known counts the tables named aff_schema_version.
	Known string
}

// migration is one file.
type migration struct {
	version        int
	name, checksum string
	up             string
}

// Migrate applies what is missing, all of it or nothing. It may be repeated, and
// run by several processes at once. The error is ErrSchema if an applied file
// has changed since or the database is ahead of this version.
func (m Migrations) Migrate(ctx context.Context, db *sql.DB, d Dialect) (err error) {
	list, err := m.read()
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }() // which only gives it back
	if _, err := conn.ExecContext(ctx, m.Begin); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_, undone := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, undone)
		}
	}()
	if m.Lock != "" {
		if _, err := conn.ExecContext(ctx, m.Lock); err != nil {
			return err
		}
	}
	if err := m.apply(ctx, conn, d, list); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// apply runs the migrations that are missing.
func (m Migrations) apply(ctx context.Context, conn *sql.Conn, d Dialect, list []migration) error {
	_, err := conn.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS aff_schema_version (
		version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)`)
	if err != nil {
		return err
	}
	done, err := compare(ctx, conn, list)
	if err != nil {
		return err
	}
	for _, file := range list[done:] {
		if _, err := conn.ExecContext(ctx, file.up); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
		_, err := conn.ExecContext(ctx, d.sql(`INSERT INTO aff_schema_version (version, name, checksum) VALUES (?, ?, ?)`),
			file.version, file.name, file.checksum)
		if err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
	}
	return nil
}

// Check returns ErrSchema unless all migrations are applied, unchanged, and no
// others. Where another tool applied them nothing is known of that, and the
// tables must be such that every statement can be prepared.
func (m Migrations) Check(ctx context.Context, conn *sql.Conn, d Dialect) error {
	list, err := m.read()
	if err != nil {
		return err
	}
	var known int
	if err := conn.QueryRowContext(ctx, m.Known).Scan(&known); err != nil {
		return err
	}
	if known == 0 {
		return prepareAll(ctx, conn, d)
	}
	done, err := compare(ctx, conn, list)
	if err == nil && done < len(list) {
		err = fmt.Errorf("%w: at version %d, %s is missing", ErrSchema, done, list[done].name)
	}
	return err
}

func prepareAll(ctx context.Context, conn *sql.Conn, d Dialect) error {
	prepare := func(text string) error {
		stmt, err := conn.PrepareContext(ctx, text)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSchema, err)
		}
		defer func() { _ = stmt.Close() }() // it was never used
		return nil
	}
	for _, text := range Texts(d) {
		if err := prepare(text); err != nil {
			return err
		}
	}
	return nil
}

// compare returns how many of the migrations are applied.
func compare(ctx context.Context, conn *sql.Conn, list []migration) (done int, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT version, name, checksum FROM aff_schema_version ORDER BY version`)
	if err != nil {
		return 0, fmt.Errorf("read aff_schema_version: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var applied migration
		if err := rows.Scan(&applied.version, &applied.name, &applied.checksum); err != nil {
			return 0, err
		}
		switch {
		case done == len(list):
			return 0, fmt.Errorf("%w: at version %d, which is unknown", ErrSchema, applied.version)
		case applied.version != list[done].version || applied.checksum != list[done].checksum:
			return 0, fmt.Errorf("%w: %s was applied with other content", ErrSchema, applied.name)
		}
		done++
	}
	return done, rows.Err()
}

// read returns the migrations in order.
func (m Migrations) read() ([]migration, error) {
	names, err := fs.Glob(m.Files, "*.sql")
	if err != nil {
		return nil, err
	}
	list := make([]migration, 0, len(names))
	for i, name := range names {
		text, err := fs.ReadFile(m.Files, name)
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(name, fmt.Sprintf("%05d_", i+1)) {
			return nil, fmt.Errorf("%s is not number %d", name, i+1)
		}
		_, up, marked := strings.Cut(string(text), "-- +goose Up\n")
		if !marked {
			return nil, fmt.Errorf("%s has no part marked Up", name)
		}
		up, _, _ = strings.Cut(up, "-- +goose Down\n")
		sum := sha256.Sum256(text)
		list = append(list, migration{version: i + 1, name: name, checksum: hex.EncodeToString(sum[:]), up: up})
	}
	return list, nil
}
