package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

// The order and its commission are committed together, or vanish together.
func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// order-3: charged 2000, orders 0, commissions 0
	// order-1: charged 5000, orders 1, commissions 1
	// order-2: charged 0, orders 0, commissions 0
	// order-3: charged 2000, orders 1, commissions 1
}

// A card is charged while no transaction is open: another one can write in the
// meantime, and is not kept waiting by a payment provider that is slow.
func TestChargeIsOutsideTheTransaction(t *testing.T) {
	t.Parallel()
	s, err := open(t.Context(), filepath.Join(t.TempDir(), "shop.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.db.Close() }()
	charged := 0
	err = s.takeOrder(t.Context(), order{"order-1", "customer-1", 50_00}, then{cards{}, func() {
		charged++
		if n := s.db.Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use while the card is charged", n)
		}
		if err := s.record(t.Context(), order{"order-2", "customer-1", 10_00}); err != nil {
			t.Errorf("nobody else can write while the card is charged: %v", err)
		}
	}})
	if err != nil || charged != 1 {
		t.Fatalf("charged %d times: %v", charged, err)
	}
}
