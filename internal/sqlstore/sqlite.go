package sqlstore

import (
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/storage"
)

// SQLite is the dialect of SQLite 3.38 or later. Times are numbers there.
func SQLite() Dialect {
	return Dialect{
		Name:   "sqlite",
		From:   `(SELECT value AS first FROM json_each(?)) AS list CROSS JOIN `,
		Listed: ` = first`,
		Any:    ` IN (SELECT value FROM json_each(?))`,
		Pairs:  `(SELECT value ->> 0 AS first, value ->> 1 AS second FROM json_each(?)) AS list`,
		Each: func(columns, from, where string) string {
			return `SELECT ` + columns + ` FROM $pairs CROSS JOIN ` + from + ` WHERE ` + where
		},
		// A statement that fails ends the transaction, or a savepoint: SQLite need not
		// write down how to undo it alone, as it does for many rows by default.
		Insert: "INSERT OR FAIL",
		Blob:   "BLOB",
		Else:   "ON CONFLICT DO NOTHING",
		Typed:  typedSQLite,
		Time:   func(t *time.Time) any { return micros{t} },
	}
}

// micros is a time as microseconds since 1970.
type micros struct{ t *time.Time }

// Value returns the number; that of a time before 1970, such as the zero time,
// is negative.
func (m micros) Value() (driver.Value, error) { return m.t.UnixMicro(), nil }

// Scan sets the time, in UTC.
func (m micros) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("time in a column of type %T", src)
	}
	*m.t = time.UnixMicro(n).UTC()
	return nil
}

// typedSQLite knows errors by SQLite's own texts, which all drivers pass on.
func typedSQLite(err error) error {
	text := err.Error()
	for _, known := range []struct {
		text string
		err  error
	}{
		{"database is locked", storage.ErrTimeout}, // busy_timeout is over, or the snapshot too old to write
		{"database table is locked", storage.ErrTimeout},
		{"readonly database", storage.ErrReadOnly},
		{"interrupted", storage.ErrCanceled},
		{"database or disk is full", storage.ErrFull},
		{"disk I/O error", storage.ErrUnavailable},
		{"unable to open database file", storage.ErrUnavailable},
	} {
		if strings.Contains(text, known.text) {
			return fmt.Errorf("%w: %w", known.err, err)
		}
	}
	return err
}
