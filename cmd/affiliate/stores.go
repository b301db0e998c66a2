package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/storage/sqlite"
	_ "modernc.org/sqlite" // the driver of --store sqlite
)

// stores makes an empty store for each scenario.
type stores struct {
	open  func(ctx context.Context) (storage.Store, func() error, error)
	close func() error
}

func nothing() error { return nil }

// storesOf returns the stores that --store names.
func storesOf(ctx context.Context, name, dsn string) (stores, error) {
	switch name {
	case "memory":
		open := func(context.Context) (storage.Store, func() error, error) { return memory.New(), nothing, nil }
		return stores{open, nothing}, nil
	case "sqlite":
		return sqliteStores()
	case "postgres":
		return postgresStores(ctx, dsn)
	}
	return stores{}, fmt.Errorf("unknown store %q: must be memory, sqlite or postgres", name)
}

// sqliteStores makes a database file per scenario in a temporary directory.
func sqliteStores() (stores, error) {
	dir, err := os.MkdirTemp("", "affiliate-simulate-")
	if err != nil {
		return stores{}, err
	}
	n := 0
	open := func(ctx context.Context) (storage.Store, func() error, error) {
		n++
		return openSQLite(ctx, filepath.Join(dir, fmt.Sprintf("%d.db", n)))
	}
	return stores{open, func() error { return os.RemoveAll(dir) }}, nil
}

// openSQLite creates a database that is thrown away, so that nothing needs to
// reach the disk.
func openSQLite(ctx context.Context, path string) (storage.Store, func() error, error) {
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{
		"_pragma": {"journal_mode(WAL)", "synchronous(OFF)", "busy_timeout(5000)"},
	}.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, nil, err
	}
	discard := func() error {
		err := db.Close()
		for _, suffix := range []string{"", "-wal", "-shm"} {
			if gone := os.Remove(path + suffix); gone != nil && !errors.Is(gone, os.ErrNotExist) {
				err = errors.Join(err, gone)
			}
		}
		return err
	}
	store, err := sqlite.New(db, sqlite.Config{})
	if err == nil {
		err = store.Migrate(ctx)
	}
	if err != nil {
		return nil, nil, errors.Join(err, discard())
	}
	return store, discard, nil
}
