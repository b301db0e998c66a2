// Package postgres is the store for PostgreSQL 12 or later, over the host's
// *sql.DB: with the stdlib driver of jackc/pgx, lib/pq, or another one that
// speaks its protocol. Over a pgxpool.Pool there is package pgxstore, a module of
// its own.
//
// A commit is one statement, which is its own transaction, or inside the host's
// transaction (Join) runs in a savepoint. Nothing asks for more isolation than
// READ COMMITTED. If another transaction was faster, the statement fails on
// purpose; the server's log then shows an invalid integer that begins with
// "affiliate: overtaken". Statements are prepared; behind a pooler that gives
// each transaction another connection it must support that (PgBouncer 1.21 does).
//
// The tables begin with aff_ and may be read by anybody: the columns of
// migrations/00001_init.sql are meant to be. Only the store writes them.
//
// Here are the migrations, the commit and joining the host's transaction. Queries
// and the dialect live in internal/sqlstore, rules nowhere in a store.
package postgres
