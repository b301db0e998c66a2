package affiliate

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// Tx is several operations that become one: see Engine.Atomically. Its methods do
// what the Engine's of the same names do, and see each other's effects. A Tx must
// not be used by more than one goroutine.
type Tx struct {
	u      *unit
	failed error
}

// Atomically runs a function and then writes what the operations of its transaction
// leave, as a whole or not at all: nothing if the function returns an error or one
// of the operations did. When another writer was faster the function runs again on
// a fresh Tx, so it may have no other effects that last.
//
// It is for adapters that turn one message of some other system into several
// facts, and keep documents of their own about it.
func (e *Engine) Atomically(ctx context.Context, fn func(tx *Tx) error) error {
	return wrap("atomically", e.doWithSecret(ctx, func(u *unit) error {
		tx := &Tx{u: u}
		if err := fn(tx); err != nil {
			return err
		}
		return tx.failed
	}))
}

// run does one operation of a Tx. What a failed one leaves is not written, for
// the whole Tx fails.
func run[T any](tx *Tx, operation func() (T, error)) (T, error) {
	result, err := operation()
	if err != nil && tx.failed == nil {
		tx.failed = err
	}
	return result, err
}

// Ahead lets the operations of the Tx be dated up to a time that has not come yet:
// by a clock that runs ahead of Config.Now, such as a test clock of a payment provider.
// What they earn is pending until then and after.
func (tx *Tx) Ahead(until time.Time) { tx.u.horizon = until }

// Bound reports whether the customer has a binding that a conversion without a program
// reads (semantics 3.8), by what is decided so far.
func (tx *Tx) Bound(customer string) (bool, error) {
	who, err := tx.u.customer(customer)
	if err != nil {
		return false, err
	}
	return who.doc.State.Bound(""), nil
}

// Configuration returns the organization's configuration.
func (tx *Tx) Configuration() (*program.Configuration, error) {
	err := tx.u.load()
	return tx.u.setup, err
}

// RecordClick is Engine.RecordClick.
func (tx *Tx) RecordClick(in Click) (ClickResult, error) {
	return run(tx, func() (ClickResult, error) { return tx.u.recordClick(in) })
}

// RecordClicks is Engine.RecordClicks.
func (tx *Tx) RecordClicks(in []Click) ([]ClickResult, error) {
	if len(in) == 0 {
		return nil, nil
	}
	return run(tx, func() ([]ClickResult, error) { return tx.u.recordClicks(in) })
}

// Identify is Engine.Identify.
func (tx *Tx) Identify(in Identify) (IdentifyResult, error) {
	return run(tx, func() (IdentifyResult, error) { return tx.u.recordIdentify(in) })
}

// RecordConversion is Engine.RecordConversion. Later operations of the Tx may
// change what it returns.
func (tx *Tx) RecordConversion(in Conversion) (ConversionResult, error) {
	return run(tx, func() (ConversionResult, error) { return tx.u.recordConversion(in) })
}

// RecordRefund is Engine.RecordRefund.
func (tx *Tx) RecordRefund(in Refund) (FactResult, error) {
	return run(tx, func() (FactResult, error) { return tx.u.recordFact(in.At, in.fact()) })
}

// FailRefund is Engine.FailRefund.
func (tx *Tx) FailRefund(refundID, conversion string, effectiveAt time.Time) (FactResult, error) {
	return run(tx, func() (FactResult, error) { return tx.u.recordFact(effectiveAt, failedRefund(refundID, conversion)) })
}

// RecordDispute is Engine.RecordDispute.
func (tx *Tx) RecordDispute(in Dispute) (FactResult, error) {
	return run(tx, func() (FactResult, error) { return tx.u.recordFact(in.At, in.fact()) })
}

// AmendConversion is Engine.AmendConversion.
func (tx *Tx) AmendConversion(conversion string, amount int64, effectiveAt time.Time) (FactResult, error) {
	return run(tx, func() (FactResult, error) { return tx.u.recordFact(effectiveAt, amendment(conversion, amount)) })
}

// HasClick reports whether a click with an id is recorded.
func (tx *Tx) HasClick(id string) (bool, error) {
	clicks, err := tx.u.namedClick(id)
	return len(clicks) > 0, err
}

// Conversion returns a conversion as it was recorded, if it was. What it earned is
// Engine.Conversion's to tell.
func (tx *Tx) Conversion(id string) (conv attribution.Conversion, found bool, err error) {
	var doc conversionDoc
	if err := tx.u.read(conversionRef(id), &doc); err != nil || doc.Customer == "" {
		return attribution.Conversion{}, false, err
	}
	list, err := tx.u.conversions(id)
	if err != nil || len(list) == 0 {
		return attribution.Conversion{}, false, err
	}
	return list[0], true, nil
}

// Conversions returns the conversions of a customer, under all its ids, as they
// were recorded, in any order. One that is recorded at the same time by somebody
// else makes the Tx run again, if it writes a document that both of them write
// or anything about the customer.
func (tx *Tx) Conversions(customer string) ([]attribution.Conversion, error) {
	who, err := tx.u.customer(customer)
	if err != nil {
		return nil, err
	}
	return tx.u.conversionsOf(who)
}

// Facts returns what was recorded of a conversion beside itself, by whomever, in time
// order: refunds and their failures, disputes, amendments and reviews. The conversion
// need not be known yet. If somebody else adds to them meanwhile, the Tx runs again
// if it does so, too.
func (tx *Tx) Facts(conversion string) ([]commission.Fact, error) {
	if err := tx.u.load(conversionRef(conversion)); err != nil {
		return nil, err
	}
	facts, err := tx.u.facts([]string{conversion})
	return facts[conversion], err
}

// Expect reads in one go what operations to come will need: documents by key,
// conversions and customers by id. It changes nothing but the number of reads.
func (tx *Tx) Expect(documents, conversions, customers []string) error {
	var refs []storage.Ref
	for _, key := range documents {
		refs = append(refs, documentRef(key))
	}
	for _, id := range conversions {
		refs = append(refs, conversionRef(id))
	}
	for _, key := range customers {
		refs = append(refs, customerRef(key))
	}
	return tx.u.load(refs...)
}

// Document returns a document, as this Tx will leave it: nil if there is none.
func (tx *Tx) Document(key string) ([]byte, error) {
	ref := documentRef(key)
	if err := tx.u.load(ref); err != nil {
		return nil, err
	}
	return slices.Clone(tx.u.current(ref)), nil
}

// PutDocument writes a document, JSON, under a key of the caller's choice, 1 to 255
// bytes. If somebody else writes it at the same time, one of the two transactions runs
// again; that is so for equal documents, too.
func (tx *Tx) PutDocument(key string, data []byte) error {
	_, err := run(tx, func() (any, error) {
		c := checks{now: tx.u.now}
		c.id("key", key, true)
		if !json.Valid(data) {
			c.Add("data", "must be JSON")
		}
		if err := c.err(); err != nil {
			return nil, err
		}
		g, err := tx.u.gate(documentRef(key))
		if err == nil {
			g.Data = slices.Clone(data)
		}
		return nil, err
	})
	return err
}

func documentRef(key string) storage.Ref {
	return storage.Ref{Kind: storage.DocumentAnchor, Key: key}
}
