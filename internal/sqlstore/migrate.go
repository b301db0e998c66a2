package sqlstore

import (
	"context"
	"crypto/sha256"
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

	// Lock makes other runs wait until the transaction ends; empty: it does so by
	// itself.
	Lock string

	// Known counts the tables named aff_schema_version.
	Known string
}

// migration is one file.
type migration struct {
	version        int
	name, checksum string
	up             string
}

// Migrate applies what is missing, all of it or nothing, in the transaction of a
// session that ends with it. The error is ErrSchema if an applied file has
// changed since or the database is ahead of this version.
func (m Migrations) Migrate(ctx context.Context, in Session, d Dialect) error {
	list, err := m.read()
	if err != nil {
		return err
	}
	if m.Lock != "" {
		if _, err := in.Exec(ctx, m.Lock); err != nil {
			return err
		}
	}
	if err := m.schema(ctx, in, d); err != nil {
		return err
	}
	_, err = in.Exec(ctx, d.sql(`CREATE TABLE IF NOT EXISTS aff_schema_version (
		version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)`))
	if err != nil {
		return err
	}
	done, err := compare(ctx, in, d, list)
	if err != nil {
		return err
	}
	for _, file := range list[done:] {
		if err := file.apply(ctx, in, d); err != nil {
			return fmt.Errorf("%s: %w", file.name, err)
		}
	}
	return nil
}

// schema creates the schema of the tables, unless it is the connection's own or
// there, which needs no right to create one.
func (m Migrations) schema(ctx context.Context, in Session, d Dialect) error {
	if d.names.Schema == "" {
		return nil
	}
	found, err := count(ctx, in, `SELECT count(*) FROM pg_namespace WHERE nspname = '`+d.names.Schema+`'`)
	if err != nil || found > 0 {
		return err
	}
	_, err = in.Exec(ctx, `CREATE SCHEMA "`+d.names.Schema+`"`)
	return err
}

func (file migration) apply(ctx context.Context, in Session, d Dialect) error {
	if _, err := in.Exec(ctx, d.ddl(file.up)); err != nil {
		return err
	}
	_, err := in.Exec(ctx, d.sql(`INSERT INTO aff_schema_version (version, name, checksum) VALUES (?, ?, ?)`),
		file.version, file.name, file.checksum)
	return err
}

// Check returns ErrSchema unless all migrations are applied, unchanged, and no
// others. Where another tool applied them nothing is known of that, and the
// tables must be such that every statement can be prepared.
func (m Migrations) Check(ctx context.Context, in Session, d Dialect) error {
	list, err := m.read()
	if err != nil {
		return err
	}
	known, err := count(ctx, in, d.sql(m.Known))
	if err != nil {
		return err
	}
	if known == 0 {
		for _, text := range Texts(d) {
			if err := in.Prepare(ctx, text); err != nil {
				return fmt.Errorf("%w: %w", ErrSchema, err)
			}
		}
		return nil
	}
	done, err := compare(ctx, in, d, list)
	if err == nil && done < len(list) {
		err = fmt.Errorf("%w: at version %d, %s is missing", ErrSchema, done, list[done].name)
	}
	return err
}

// count returns the number that a query finds.
func count(ctx context.Context, in Session, text string) (n int64, err error) {
	err = in.Read(ctx, text, nil, func(rows Rows) error {
		for rows.Next() {
			if err := rows.Scan(&n); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return n, err
}

// compare returns how many of the migrations are applied.
func compare(ctx context.Context, in Session, d Dialect, list []migration) (done int, err error) {
	var applied []migration
	err = in.Read(ctx, d.sql(`SELECT version, name, checksum FROM aff_schema_version ORDER BY version`), nil, func(rows Rows) error {
		applied = nil
		for rows.Next() {
			var m migration
			if err := rows.Scan(&m.version, &m.name, &m.checksum); err != nil {
				return err
			}
			applied = append(applied, m)
		}
		return rows.Err()
	})
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	for i, m := range applied {
		switch {
		case i == len(list):
			return 0, fmt.Errorf("%w: at version %d, which is unknown", ErrSchema, m.version)
		case m.version != list[i].version || m.checksum != list[i].checksum:
			return 0, fmt.Errorf("%w: %s was applied with other content", ErrSchema, m.name)
		}
	}
	return len(applied), nil
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
