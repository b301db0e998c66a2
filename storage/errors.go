package storage

import "errors"

// Errors that a store wraps around the database's own where it can tell them
// apart. Whatever the error, a change was written as a whole or not at all, and
// doing the operation again ends in one effect.
var (
	// ErrSerialization: the transaction met another one and cannot go on.
	// Nothing was written; run it again. A store that is not joined to a host's
	// transaction does so itself, some times.
	ErrSerialization = errors.New("could not serialize with other transactions")

	// ErrTimeout: a lock or the statement took longer than the database allows.
	// Nothing was written.
	ErrTimeout = errors.New("the database timed out")

	// ErrCanceled: somebody canceled the statement, or the caller's context ended,
	// which the Engine adds to the context's own error. In the second case it is not
	// known whether the change was written.
	ErrCanceled = errors.New("the operation was canceled")

	// ErrReadOnly: the database takes no writes, such as a standby. Nothing was
	// written.
	ErrReadOnly = errors.New("the database is read-only")

	// ErrFull: the database has no space left. Nothing was written.
	ErrFull = errors.New("the database is full")

	// ErrUnavailable: the database cannot be reached, or was lost on the way. It
	// is not known whether the change was written.
	ErrUnavailable = errors.New("the database is unavailable")
)
