package main

import (
	"context"
	"os"
)

// The order and its commission are committed together, or vanish together.
func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// order-1: orders 1, commissions 1
	// order-2: orders 0, commissions 0
}
