package sqlstore

import "context"

// Rows are the rows that a query found.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

// Conn is where statements run: a pool, or a transaction of the host. Texts are
// those of this package, with question marks.
type Conn interface {
	// Read runs a query and hands its rows to collect, which is called again
	// from the start if the query had to be repeated.
	Read(ctx context.Context, text string, args []any, collect func(Rows) error) error

	// View runs reads that see one moment.
	View(ctx context.Context, reads func(Conn) error) error
}

// Session is one connection inside a transaction. Texts are passed on as they
// are.
type Session interface {
	Exec(ctx context.Context, text string, args ...any) (affected int64, err error)
	Read(ctx context.Context, text string, args []any, collect func(Rows) error) error
	Prepare(ctx context.Context, text string) error // to see that it can be
}
