package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	_ "modernc.org/sqlite" // the driver is the host's choice

	"github.com/goaffiliate/affiliate/storage/sqlite"
)

// openFile opens a database file. More pragmas may follow the usual ones.
func openFile(file string, pragmas ...string) (*sql.DB, error) {
	return sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: url.Values{
		"_pragma": append([]string{"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(FULL)"}, pragmas...),
	}.Encode()}).String())
}

// openStore opens the one database of the example: the shop's own tables and,
// next to them, those of the library.
func openStore(ctx context.Context, file string) (*sql.DB, *sqlite.Store, error) {
	db, err := openFile(file)
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
	if err == nil {
		_, err = db.ExecContext(ctx, shopTables)
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open %s: %w", file, err), db.Close())
	}
	return db, store, nil
}

const shopTables = `
CREATE TABLE IF NOT EXISTS shop_customers (id TEXT PRIMARY KEY, email TEXT NOT NULL, since INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS shop_proofs (customer TEXT PRIMARY KEY, hash TEXT UNIQUE, mailed INTEGER, verified INTEGER);
CREATE TABLE IF NOT EXISTS shop_orders (
	id TEXT PRIMARY KEY, customer TEXT NOT NULL, promo_code TEXT NOT NULL, cents INTEGER NOT NULL, refunded INTEGER NOT NULL DEFAULT 0,
	paid_at INTEGER NOT NULL, reported INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS shop_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);`

// order is a payment that the shop took.
type order struct {
	ID, Customer, PromoCode string
	Cents, Refunded         int64
	PaidAt                  time.Time
}

func (o order) Left() int64 { return o.Cents - o.Refunded }

// addCustomer stores a customer whose address is not verified yet.
func (a *app) addCustomer(ctx context.Context, id, email string) error {
	tx, err := a.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `INSERT INTO shop_customers (id, email, since) VALUES (?, ?, ?)`, id, email, a.clock.now().UnixMicro()); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO shop_proofs (customer) VALUES (?)`, id); err != nil {
		return err
	}
	return tx.Commit()
}

// verified reports whether a customer's address is verified.
func (a *app) verified(ctx context.Context, customer string) (bool, error) {
	var n int
	err := a.db.QueryRowContext(ctx, `SELECT count(*) FROM shop_proofs WHERE customer = ? AND verified IS NULL`, customer).Scan(&n)
	return n == 0, err
}

// email returns a customer's address; not ok if there is no such customer.
func (a *app) email(ctx context.Context, customer string) (email string, ok bool, err error) {
	err = a.db.QueryRowContext(ctx, `SELECT email FROM shop_customers WHERE id = ?`, customer).Scan(&email)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return email, err == nil, err
}

func (a *app) addOrder(ctx context.Context, o order) error {
	_, err := a.db.ExecContext(ctx, `INSERT INTO shop_orders (id, customer, promo_code, cents, paid_at) VALUES (?, ?, ?, ?, ?)`,
		o.ID, o.Customer, o.PromoCode, o.Cents, o.PaidAt.UnixMicro())
	return err
}

// orders returns orders, latest first; the condition is ours, its argument not.
func (a *app) orders(ctx context.Context, where string, arg any) ([]order, error) {
	rows, err := a.db.QueryContext(ctx,
		`SELECT id, customer, promo_code, cents, refunded, paid_at FROM shop_orders WHERE `+where+` ORDER BY paid_at DESC, id`, arg)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []order
	for rows.Next() {
		var o order
		var micros int64
		if err := rows.Scan(&o.ID, &o.Customer, &o.PromoCode, &o.Cents, &o.Refunded, &micros); err != nil {
			return nil, err
		}
		o.PaidAt = time.UnixMicro(micros).UTC()
		list = append(list, o)
	}
	return list, rows.Err()
}

func (a *app) markReported(ctx context.Context, id string) error {
	_, err := a.db.ExecContext(ctx, `UPDATE shop_orders SET reported = 1 WHERE id = ?`, id)
	return err
}

// giveBack notes a refund of the customer's order; not ok if less is left.
func (a *app) giveBack(ctx context.Context, customer, id string, cents int64) (ok bool, err error) {
	result, err := a.db.ExecContext(ctx,
		`UPDATE shop_orders SET refunded = refunded + ?1 WHERE id = ?2 AND customer = ?3 AND refunded + ?1 <= cents`, cents, id, customer)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// Names of settings.
const (
	clockOffset  = "clock_offset"
	cookieKey    = "cookie_key"
	pageKey      = "page_key"
	sampleLoaded = "sample_loaded"
	servedAt     = "served_at"
)

// setting returns a setting, or nothing.
func (a *app) setting(ctx context.Context, name string) (text string, err error) {
	err = a.db.QueryRowContext(ctx, `SELECT value FROM shop_settings WHERE name = ?`, name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return text, err
}

// execer is a database, or a transaction of one.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func saveSetting(ctx context.Context, db execer, name, text string) error {
	_, err := db.ExecContext(ctx, `INSERT INTO shop_settings (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, text)
	return err
}

// secret returns a secret that is made at the first start and kept, so that
// cookies and bookmarks outlive the process.
func (a *app) secret(ctx context.Context, name string) ([]byte, error) {
	text, err := a.setting(ctx, name)
	if err == nil && text == "" {
		text = rand.Text() + rand.Text()
		err = saveSetting(ctx, a.db, name, text)
	}
	return []byte(text), err
}

func (a *app) savedOffset(ctx context.Context) (time.Duration, error) {
	text, err := a.setting(ctx, clockOffset)
	if err != nil || text == "" {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return time.Duration(n), err
}

func (a *app) saveOffset(ctx context.Context, d time.Duration) error {
	return saveSetting(ctx, a.db, clockOffset, strconv.FormatInt(int64(d), 10))
}
