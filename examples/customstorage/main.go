package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/examples/customstorage/boltstore"
	"github.com/goaffiliate/affiliate/program"
)

func main() {
	flag.Bool("demo", false, "tell the story, as always")
	flag.Parse()
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "customstorage:", err)
		os.Exit(1)
	}
}

// What the story must come to, in cents, worked out by hand.
const (
	// 20 % of the 50.00 of 2 March, less 20 % of the 12.50 that are refunded. It
	// matures on 16 March, before the payout run of 1 April.
	wantPaidOut = 7_50

	// 20 % of the 80.00 of 2 April, which mature on the 16th.
	wantPending = 16_00
)

// run tells the story in a file of its own, and reads it a second time.
func run(ctx context.Context, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "affiliate-customstorage-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "shop.db")
	before, err := withShop(file, func(s *shop) (figures, error) {
		if err := s.trade(ctx); err != nil {
			return figures{}, err
		}
		return s.figures(ctx)
	})
	if err != nil {
		return err
	}
	after, err := withShop(file, func(s *shop) (figures, error) { return s.figures(ctx) })
	if err != nil {
		return err
	}
	switch {
	case after != before:
		return fmt.Errorf("the file was reopened, and\n%+v\nbecame\n%+v", before, after)
	case after.inPayout != wantPaidOut || after.pending != wantPending || after.payable != 0:
		return fmt.Errorf("by hand it is %s and %s, not\n%+v", dollars(wantPaidOut), dollars(wantPending), after)
	}
	_, err = fmt.Fprintf(out, "ada earned %s: %s is paid out, %s is pending\n\n%s\nreopened: all figures are the same\n",
		dollars(after.inPayout+after.pending), dollars(after.inPayout), dollars(after.pending), after.statement)
	return err
}

func dollars(cents int64) string { return fmt.Sprintf("%d.%02d", cents/100, cents%100) }

// shop is a host: its orders and all that the library stores are in one file.
type shop struct {
	db    *bbolt.DB
	store *boltstore.Store
	eng   *affiliate.Engine
	now   time.Time
}

// withShop runs f while the file is open.
func withShop(file string, f func(s *shop) (figures, error)) (result figures, err error) {
	s := &shop{now: date(time.March, 1)}
	if s.db, err = bbolt.Open(file, 0o600, &bbolt.Options{Timeout: time.Second}); err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, s.db.Close()) }()
	if s.store, err = boltstore.New(s.db); err != nil {
		return result, err
	}
	s.eng, err = affiliate.New(s.store, affiliate.Config{Now: func() time.Time { return s.now }})
	if err != nil {
		return result, err
	}
	return f(s)
}

func date(month time.Month, day int) time.Time {
	return time.Date(2026, month, day, 9, 0, 0, 0, time.UTC)
}

// trade is the story: an offer, a referred customer, two orders, a refund, a payout.
func (s *shop) trade(ctx context.Context) error {
	if err := s.refer(ctx); err != nil {
		return err
	}
	s.now = date(time.March, 2)
	if err := s.takeOrder(ctx, "order-1", 50_00); err != nil {
		return err
	}
	refund := affiliate.Refund{ID: "refund-1", Conversion: "order-1", Amount: 12_50}
	if _, err := s.eng.RecordRefund(ctx, refund); err != nil {
		return err
	}
	s.now = date(time.April, 1)
	if _, err := s.eng.RunPayouts(ctx, affiliate.PayoutRun{}); err != nil {
		return err
	}
	s.now = date(time.April, 2)
	if err := s.takeOrder(ctx, "order-2", 80_00); err != nil {
		return err
	}
	_, err := s.eng.Settle(ctx, 0)
	return err
}

// refer makes an offer of 20 % and a partner who brings a customer.
func (s *shop) refer(ctx context.Context) error {
	holdback := 14
	offer := program.SettingsChange{
		DestinationURL: new("https://shop.example/"),
		Rules:          []commission.Rule{{ID: "sale", Trigger: commission.Every, Type: commission.Percent, Value: "20"}},
		HoldbackDays:   &holdback,
	}
	if _, err := s.eng.CreateProgram(ctx, "main", offer, affiliate.Always()); err != nil {
		return err
	}
	if _, err := s.eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always()); err != nil {
		return err
	}
	if _, err := s.eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always()); err != nil {
		return err
	}
	click, err := s.eng.RecordClick(ctx, affiliate.Click{Partner: "ada", Program: "main", Visitor: "browser-1"})
	if err != nil {
		return err
	}
	_, err = s.eng.Identify(ctx, affiliate.Identify{Customer: "customer-1", Click: click.ClickID})
	return err
}

// takeOrder stores an order and its commission in one transaction of the shop.
func (s *shop) takeOrder(ctx context.Context, id string, cents int64) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		orders, err := tx.CreateBucketIfNotExists([]byte("orders"))
		if err != nil {
			return err
		}
		if err := orders.Put([]byte(id), fmt.Append(nil, cents)); err != nil {
			return err
		}
		_, err = s.eng.Within(s.store.Join(tx)).RecordConversion(ctx, affiliate.Conversion{
			ID: id, Customer: "customer-1", Amount: cents, Currency: "usd",
		})
		return err
	})
}

// figures is what a partner can see.
type figures struct {
	pending, payable, inPayout int64 // cents
	statement                  string
}

func (s *shop) figures(ctx context.Context) (f figures, err error) {
	s.now = date(time.April, 2)
	balances, err := s.eng.Balances(ctx, "ada", s.now)
	if err != nil || len(balances) != 1 {
		return f, errors.Join(err, fmt.Errorf("ada has %d balances, not one", len(balances)))
	}
	f.pending, f.payable, f.inPayout = balances[0].Pending, balances[0].Payable, balances[0].InPayout
	payouts, err := s.eng.Payouts(ctx, "ada")
	if err != nil || len(payouts) != 1 {
		return f, errors.Join(err, fmt.Errorf("ada has %d payouts, not one", len(payouts)))
	}
	statement, err := s.eng.Statement(ctx, payouts[0].ID)
	if err != nil {
		return f, err
	}
	text, err := statement.CSV()
	f.statement = string(text)
	return f, err
}
