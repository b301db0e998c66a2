package pgxstore

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/goaffiliate/affiliate/internal/sqlstore"
)

// handle is what *pgx.Conn and pgx.Tx have in common.
type handle interface {
	querier
	Exec(ctx context.Context, text string, args ...any) (pgconn.CommandTag, error)
	Prepare(ctx context.Context, name, text string) (*pgconn.StatementDescription, error)
}

var (
	_ handle = (*pgx.Conn)(nil)
	_ handle = pgx.Tx(nil)
)

// session is one connection, for migrations.
type session struct{ handle }

func (s session) Exec(ctx context.Context, text string, args ...any) (int64, error) {
	tag, err := s.handle.Exec(ctx, text, args...)
	return tag.RowsAffected(), err
}

func (s session) Read(ctx context.Context, text string, args []any, collect func(sqlstore.Rows) error) error {
	return read(ctx, s.handle, text, args, collect)
}

// Prepare has the server read a statement, which keeps no name.
func (s session) Prepare(ctx context.Context, text string) error {
	_, err := s.handle.Prepare(ctx, "", text)
	return err
}
