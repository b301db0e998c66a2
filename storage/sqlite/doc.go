// Package sqlite is the store for SQLite 3.38 or later, over the host's
// *sql.DB and whatever driver is behind it.
//
// Open the database in WAL mode, with synchronous=FULL and a busy_timeout, on
// every connection: in the DSN, not by a statement. Check reports what is
// missing. With modernc.org/sqlite and mattn/go-sqlite3:
//
//	file:app.db?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(5000)
//	file:app.db?_journal_mode=WAL&_synchronous=FULL&_busy_timeout=5000
//
// The tables begin with aff_ and may be read by anybody: the columns of
// migrations/00001_init.sql are meant to be. Only the store writes them.
//
// Here are the migrations, the commit and joining the host's transaction. Queries and the dialect live in
// internal/sqlstore, rules nowhere in a store.
package sqlite
