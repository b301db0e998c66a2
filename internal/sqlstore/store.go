package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// Store reads what package storage asks for, and prepares what a commit writes.
// It is safe for concurrent use.
type Store struct {
	db      *sql.DB
	dialect Dialect
	tables  tables
	reads   readTexts
	writes  writeTexts

	mu       sync.RWMutex
	prepared map[string]*sql.Stmt
}

// New returns a store over the host's database.
func New(db *sql.DB, d Dialect) *Store {
	t := newTables()
	return &Store{
		db: db, dialect: d, tables: t, reads: newReadTexts(t), writes: newWriteTexts(),
		prepared: map[string]*sql.Stmt{},
	}
}

// Statement returns a prepared statement. They are few, and live as long as the
// database. A statement that is not prepared yet takes a connection: ask for it
// before holding one.
func (s *Store) Statement(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.RLock()
	stmt, ok := s.prepared[text]
	s.mu.RUnlock()
	if ok {
		return stmt, nil
	}
	stmt, err := s.db.PrepareContext(ctx, s.dialect.sql(text))
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.prepared[text]; ok {
		return other, stmt.Close() //nolint:sqlclosecheck // the other one serves
	}
	s.prepared[text] = stmt
	return stmt, nil
}

func (s *Store) speaks() Dialect { return s.dialect }

// query runs a query with its prepared statement.
func (s *Store) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := s.Statement(ctx, query) //nolint:sqlclosecheck // it stays prepared
	if err != nil {
		return nil, err
	}
	return stmt.QueryContext(ctx, args...)
}

// source is where rows are read: a Store, or a transaction.
type source interface {
	speaks() Dialect
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list returns the rows of a query of whole rows.
func list[T any](ctx context.Context, from source, t table[T], query string, args ...any) ([]T, error) {
	return scan(ctx, from, "read "+t.name, query, args, func(row *T) []any { return t.fields(from.speaks(), row) })
}

// scan returns what a query finds; fields are where a row of it is scanned.
func scan[T any](ctx context.Context, from source, what, query string, args []any, fields func(*T) []any) (found []T, err error) {
	defer func() {
		if err != nil {
			found, err = nil, fmt.Errorf("%s: %s: %w", from.speaks().Name, what, err)
		}
	}()
	rows, err := from.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var row T
		if err := rows.Scan(fields(&row)...); err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// one returns the only row of a query; found is false if there is none.
func one[T any](ctx context.Context, from source, what, query string, args []any, fields func(*T) []any) (row T, found bool, err error) {
	rows, err := scan(ctx, from, what, query, args, fields)
	if err != nil || len(rows) == 0 {
		return row, false, err
	}
	return rows[0], true, nil
}

// Texts returns every statement of the stores, for tests that prepare them.
func Texts(d Dialect) []string {
	t := newTables()
	var all []string
	for _, group := range []any{t, newReadTexts(t), newWriteTexts()} {
		all = append(all, textsIn(reflect.ValueOf(group))...)
	}
	for i, text := range all {
		all[i] = d.sql(text)
	}
	return all
}

// textsIn returns the statements of a struct of texts or tables.
func textsIn(group reflect.Value) []string {
	var all []string
	for i := range group.NumField() {
		switch field := group.Field(i); field.Kind() {
		case reflect.String:
			all = append(all, field.String())
		case reflect.Struct:
			inserts := field.FieldByName("inserts")
			for n := range inserts.Len() {
				all = append(all, inserts.Index(n).String())
			}
		default:
			panic(errors.New("not a statement"))
		}
	}
	return all
}
