package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of --store postgres

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/postgres"
)

// postgresStores makes a schema per scenario on a server.
func postgresStores(ctx context.Context, dsn string) (stores, error) {
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		return stores{}, err
	}
	if err := db.PingContext(ctx); err != nil {
		return stores{}, errors.Join(err, db.Close())
	}
	open := func(ctx context.Context) (storage.Store, func() error, error) { return openPostgres(ctx, db) }
	return stores{open, db.Close}, nil
}

// openPostgres creates a schema that is dropped in the end.
func openPostgres(ctx context.Context, db *sql.DB) (storage.Store, func() error, error) {
	random := make([]byte, 8)
	rand.Read(random)
	schema := "affiliate_sim_" + hex.EncodeToString(random)
	discard := func() error {
		_, err := db.ExecContext(context.WithoutCancel(ctx), `DROP SCHEMA IF EXISTS `+schema+` CASCADE`)
		return err
	}
	store, err := postgres.New(db, postgres.Config{Schema: schema})
	if err != nil {
		return nil, nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		return nil, nil, errors.Join(err, discard())
	}
	return store, discard, nil
}
