// Package pgxstore is the store for PostgreSQL 12 or later over the host's
// *pgxpool.Pool: package postgres without database/sql. Tables, migrations and
// statements are the same, so a host may use both on one database.
//
// Inside the host's pgx.Tx (Join), a call and its savepoint are one round trip.
//
// It is a module of its own, so that only hosts that use pgx depend on it.
package pgxstore
