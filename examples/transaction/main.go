package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the host's choice

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/sqlite"
)

func main() {
	flag.Bool("demo", false, "take two orders, as always")
	flag.Parse()
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "transaction:", err)
		os.Exit(1)
	}
}

// shop is a host: its orders and the tables of the library are in one database.
type shop struct {
	db    *sql.DB
	store *sqlite.Store
	eng   *affiliate.Engine
}

// takeOrder is the whole point: the order and the commission on it are one
// transaction, which only the shop commits.
func (s *shop) takeOrder(ctx context.Context, id, customer string, cents int64, charge func() error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // which does nothing after Commit

	if _, err := tx.ExecContext(ctx, "INSERT INTO orders VALUES (?, ?, ?)", id, customer, cents); err != nil {
		return err
	}
	_, err = s.eng.Within(s.store.Join(tx)).RecordConversion(ctx, affiliate.Conversion{
		ID: id, Customer: customer, Amount: cents, Currency: "usd",
	})
	if err != nil {
		return err
	}
	if err := charge(); err != nil {
		return err
	}
	return tx.Commit()
}

// run takes an order that goes through and one whose card is declined.
func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "affiliate-transaction-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := open(ctx, filepath.Join(dir, "shop.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()

	if err := s.takeOrder(ctx, "order-1", "customer-1", 50_00, func() error { return nil }); err != nil {
		return err
	}
	declined := errors.New("the card is declined")
	err = s.takeOrder(ctx, "order-2", "customer-1", 90_00, func() error { return declined })
	if !errors.Is(err, declined) {
		return fmt.Errorf("order-2: %w", err)
	}
	for _, id := range []string{"order-1", "order-2"} {
		if err := s.tell(ctx, out, id); err != nil {
			return err
		}
	}
	return nil
}

// tell prints what is known of an order.
func (s *shop) tell(ctx context.Context, out io.Writer, id string) error {
	var orders int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM orders WHERE id = ?", id).Scan(&orders); err != nil {
		return err
	}
	sale, err := s.eng.Conversion(ctx, id)
	if err != nil && !errors.Is(err, affiliate.ErrNotFound) {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: orders %d, commissions %d\n", id, orders, len(sale.Commissions))
	return err
}

// open makes the shop: an offer of 20 %, a partner, and a customer she brought.
func open(ctx context.Context, file string) (*shop, error) {
	// _txlock=immediate: transactions that will write say so when they begin.
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+
		"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	store, err := sqlite.New(db, sqlite.Config{})
	if err != nil {
		return nil, err
	}
	if err := store.Migrate(ctx); err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, "CREATE TABLE orders (id TEXT PRIMARY KEY, customer TEXT NOT NULL, cents INTEGER NOT NULL)"); err != nil {
		return nil, err
	}
	eng, err := affiliate.New(store, affiliate.Config{})
	if err != nil {
		return nil, err
	}
	return &shop{db, store, eng}, refer(ctx, eng)
}

func refer(ctx context.Context, eng *affiliate.Engine) error {
	offer := []commission.Rule{{ID: "sale", Trigger: commission.Every, Type: commission.Percent, Value: "20"}}
	if err := eng.CreateProgram(ctx, "main", program.SettingsChange{Rules: offer}, affiliate.Always()); err != nil {
		return err
	}
	if err := eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always()); err != nil {
		return err
	}
	if err := eng.Approve(ctx, "ada", "main", affiliate.Always()); err != nil {
		return err
	}
	click, err := eng.RecordClick(ctx, affiliate.Click{Partner: "ada", Program: "main", Visitor: "browser-1"})
	if err != nil {
		return err
	}
	_, err = eng.Identify(ctx, affiliate.Identify{Customer: "customer-1", Click: click.ClickID})
	return err
}
