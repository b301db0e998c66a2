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
	flag.Bool("demo", false, "take three orders, as always")
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
//
// The card is charged before it begins. Money that moves elsewhere is in no
// transaction of ours: charged inside of it, a commit that fails would leave a
// customer who paid for nothing. So a charge is declined before anything is stored;
// and one that went through, whose order could not be stored, is given back by the
// caller, or stored by another try: the id makes that safe, here and at the payment
// provider, where it is the idempotency key.
func (s *shop) takeOrder(ctx context.Context, o order, card charger) error {
	if err := card.charge(ctx, o); err != nil {
		return err
	}
	return s.record(ctx, o)
}

// charger is a payment provider. Charging the same order again charges nothing
// again.
type charger interface {
	charge(ctx context.Context, o order) error
}

type order struct {
	id, customer string
	cents        int64
}

// record stores a paid order and its conversion, or neither. It may be repeated.
func (s *shop) record(ctx context.Context, o order) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // which does nothing after Commit

	const insert = "INSERT INTO orders VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
	if _, err := tx.ExecContext(ctx, insert, o.id, o.customer, o.cents); err != nil {
		return err
	}
	_, err = s.eng.Within(s.store.Join(tx)).RecordConversion(ctx, affiliate.Conversion{
		ID: o.id, Customer: o.customer, Amount: o.cents, Currency: "usd",
	})
	if err != nil {
		return err
	}
	return tx.Commit()
}

// run takes an order that goes through, one whose card is declined, and one that
// cannot be stored at first.
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

	card := cards{}
	if err := s.takeOrder(ctx, order{"order-1", "customer-1", 50_00}, card); err != nil {
		return err
	}
	if err := s.takeOrder(ctx, order{"order-2", "customer-1", limit + 1}, card); !errors.Is(err, errDeclined) {
		return fmt.Errorf("order-2: %w", err)
	}
	gone, leave := context.WithCancel(ctx) // the customer closes the browser
	third := order{"order-3", "customer-1", 20_00}
	if err := s.takeOrder(gone, third, then{card, leave}); !errors.Is(err, context.Canceled) {
		return fmt.Errorf("order-3: %w", err)
	}
	if err := s.tell(ctx, out, third.id, card); err != nil {
		return err
	}
	if err := s.takeOrder(ctx, third, card); err != nil { // the shop tries again
		return err
	}
	for _, id := range []string{"order-1", "order-2", "order-3"} {
		if err := s.tell(ctx, out, id, card); err != nil {
			return err
		}
	}
	return nil
}

// cards plays a payment provider: what was charged, by order.
type cards map[string]int64

const limit = 80_00

var errDeclined = errors.New("the card is declined")

func (c cards) charge(_ context.Context, o order) error {
	if o.cents > limit {
		return errDeclined
	}
	c[o.id] = o.cents
	return nil
}

// then does something once the card is charged.
type then struct {
	charger
	next func()
}

func (t then) charge(ctx context.Context, o order) error {
	defer t.next()
	return t.charger.charge(ctx, o)
}

// tell prints what is known of an order.
func (s *shop) tell(ctx context.Context, out io.Writer, id string, card cards) error {
	var orders int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM orders WHERE id = ?", id).Scan(&orders); err != nil {
		return err
	}
	sale, err := s.eng.Conversion(ctx, id)
	if err != nil && !errors.Is(err, affiliate.ErrNotFound) {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: charged %d, orders %d, commissions %d\n", id, card[id], orders, len(sale.Commissions))
	return err
}

// open makes the shop: an offer of 20 %, a partner, and a customer whom she brought.
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
	if _, err := eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: new("https://shop.example/"), Rules: offer}, affiliate.Always()); err != nil {
		return err
	}
	if _, err := eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always()); err != nil {
		return err
	}
	if _, err := eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always()); err != nil {
		return err
	}
	click, err := eng.RecordClick(ctx, affiliate.Click{Partner: "ada", Program: "main", Visitor: "browser-1"})
	if err != nil {
		return err
	}
	_, err = eng.Identify(ctx, affiliate.Identify{Customer: "customer-1", Click: click.ClickID})
	return err
}
