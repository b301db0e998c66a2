// Command transaction takes an order and records its conversion in one
// transaction of the host: both are committed, or both vanish. The card is charged
// before the transaction, never inside of it.
//
//	go run ./examples/transaction -demo
package main
