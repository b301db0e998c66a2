package sqlstore

import (
	"context"
	"database/sql"
	"errors"
)

// conn is what *sql.Conn and *sql.Tx have in common.
type conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// On returns a session on a connection or a transaction of database/sql.
func On(c conn) Session { return session{c} }

type session struct{ conn conn }

func (s session) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	result, err := s.conn.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (s session) Read(ctx context.Context, text string, args []any, collect func(Rows) error) error {
	rows, err := s.conn.QueryContext(ctx, text, args...)
	return gather(rows, err, collect)
}

func (s session) Prepare(ctx context.Context, text string) error {
	stmt, err := s.conn.PrepareContext(ctx, text)
	if err != nil {
		return err
	}
	return stmt.Close() //nolint:sqlclosecheck // its error is the answer
}

// Saved runs statements in a savepoint of a session: if they fail, it is as it
// was before.
func Saved(ctx context.Context, in Session, run func() error) error {
	if _, err := in.Exec(ctx, "SAVEPOINT affiliate"); err != nil {
		return err
	}
	err := run()
	ctx = context.WithoutCancel(ctx)
	if err != nil {
		_, undone := in.Exec(ctx, "ROLLBACK TO SAVEPOINT affiliate")
		err = errors.Join(err, undone)
	}
	_, released := in.Exec(ctx, "RELEASE SAVEPOINT affiliate")
	return errors.Join(err, released)
}
