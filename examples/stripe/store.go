package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	_ "modernc.org/sqlite" // the driver is the host's choice

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/sqlite"
)

// openStore opens the database. The shop has no tables of its own: what its
// customers bought is at Stripe.
func openStore(ctx context.Context, file string) (*sql.DB, storage.Store, error) {
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: url.Values{"_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)",
	}}.Encode()}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, nil, err
	}
	store, err := sqlite.New(db, sqlite.Config{})
	if err == nil {
		err = store.Migrate(ctx)
	}
	if err == nil {
		err = store.Check(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open %s: %w", file, err), db.Close())
	}
	return db, store, nil
}
