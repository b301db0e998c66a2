package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/goaffiliate/affiliate/storage"
)

// Reader is all of a storage.Store but Commit.
type Reader interface {
	storage.Anchors
	storage.Facts
	storage.Backlog
	storage.Ledger
	storage.Feed
}

var _ Reader = (*Store)(nil)

// Store reads what package storage asks for, and knows what a commit writes. It
// is safe for concurrent use if its Conn is.
type Store struct {
	conn    Conn
	dialect Dialect
	*statements
}

// statements are all texts, which stores of a dialect share.
type statements struct {
	tables tables
	reads  readTexts
	writes writeTexts
}

// New returns a store whose statements run on a Conn.
func New(conn Conn, d Dialect) *Store {
	t := newTables()
	return &Store{conn: conn, dialect: d, statements: &statements{tables: t, reads: newReadTexts(d, t), writes: newWriteTexts(d)}}
}

// On returns the same store on another Conn.
func (s *Store) On(conn Conn) *Store {
	return &Store{conn: conn, dialect: s.dialect, statements: s.statements}
}

// Dialect returns the dialect of the statements.
func (s *Store) Dialect() Dialect { return s.dialect }

// list returns the rows of a query of whole rows.
func list[T any](ctx context.Context, s *Store, t table[T], query string, args ...any) ([]T, error) {
	return scan(ctx, s, "read "+t.name, query, args, func(row *T) []any { return t.fields(s.dialect, row) })
}

// scan returns what a query finds; fields are where a row of it is scanned.
func scan[T any](ctx context.Context, s *Store, what, query string, args []any, fields func(*T) []any) (found []T, err error) {
	err = s.conn.Read(ctx, query, args, func(rows Rows) error {
		found = nil
		for rows.Next() {
			var row T
			if err := rows.Scan(fields(&row)...); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			found = append(found, row)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", s.dialect.Name, what, err)
	}
	return found, nil
}

// one returns the only row of a query; found is false if there is none.
func one[T any](ctx context.Context, s *Store, what, query string, args []any, fields func(*T) []any) (row T, found bool, err error) {
	rows, err := scan(ctx, s, what, query, args, fields)
	if err != nil || len(rows) == 0 {
		return row, false, err
	}
	return rows[0], true, nil
}

// Texts returns every statement of the stores, for tests that prepare them.
func Texts(d Dialect) []string {
	t := newTables()
	var all []string
	for _, group := range []any{t, newReadTexts(d, t), newWriteTexts(d)} {
		all = append(all, textsIn(reflect.ValueOf(group))...)
	}
	for i, text := range all {
		all[i] = d.sql(text)
	}
	return all
}

// textsIn returns the statements in a struct of texts or tables.
func textsIn(group reflect.Value) []string {
	var all []string
	switch group.Kind() {
	case reflect.String:
		if group.Len() > 0 { // else the dialect needs none
			all = append(all, group.String())
		}
	case reflect.Array, reflect.Slice:
		for i := range group.Len() {
			all = append(all, textsIn(group.Index(i))...)
		}
	case reflect.Struct:
		if inserts := group.FieldByName("inserts"); inserts.IsValid() {
			return textsIn(inserts)
		}
		for i := range group.NumField() {
			all = append(all, textsIn(group.Field(i))...)
		}
	default:
		panic(errors.New("not a statement"))
	}
	return all
}
