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

// Batch is several operations that become one: see Engine.Atomically. Its methods
// do what the Engine's of the same names do, see each other's effects, and are for
// the goroutine of the function alone.
type Batch struct {
	u      *unit
	failed error
}

// Atomically runs a function and then writes what the operations of its batch
// leave, as a whole or not at all: nothing if the function returns an error or one
// of the operations did. When another writer was faster the function runs again on
// a fresh batch, so it may have no other effects that last.
//
// It is for adapters that turn one message of some other system into several
// facts, and keep documents of their own about it.
func (e *Engine) Atomically(ctx context.Context, fn func(b *Batch) error) error {
	return wrap("atomically", e.doWithSecret(ctx, func(u *unit) error {
		b := &Batch{u: u}
		if err := fn(b); err != nil {
			return err
		}
		return b.failed
	}))
}

// run does one operation of a batch. What a failed one leaves is not written, for
// the whole batch fails.
func run[T any](b *Batch, operation func() (T, error)) (T, error) {
	result, err := operation()
	if err != nil && b.failed == nil {
		b.failed = err
	}
	return result, err
}

// Ahead lets the operations of the batch be dated up to a time that has not come yet:
// by a clock that runs ahead of Config.Now, such as a test clock of a payment provider.
// What they earn is pending until then and after.
func (b *Batch) Ahead(until time.Time) { b.u.horizon = until }

// Bound reports whether the customer has a binding that a conversion without a program
// reads (semantics 3.8), by what is decided so far.
func (b *Batch) Bound(customer string) (bool, error) {
	who, err := b.u.customer(customer)
	if err != nil {
		return false, err
	}
	return who.doc.State.Bound(""), nil
}

// Setup returns the organization's set-up.
func (b *Batch) Setup() (*program.Setup, error) {
	err := b.u.load()
	return b.u.setup, err
}

// RecordClick is Engine.RecordClick.
func (b *Batch) RecordClick(in Click) (ClickResult, error) {
	return run(b, func() (ClickResult, error) { return b.u.recordClick(in) })
}

// Identify is Engine.Identify.
func (b *Batch) Identify(in Identify) (IdentifyResult, error) {
	return run(b, func() (IdentifyResult, error) { return b.u.recordIdentify(in) })
}

// RecordConversion is Engine.RecordConversion. Later operations of the batch may
// change what it returns.
func (b *Batch) RecordConversion(in Conversion) (ConversionResult, error) {
	return run(b, func() (ConversionResult, error) { return b.u.recordConversion(in) })
}

// RecordRefund is Engine.RecordRefund.
func (b *Batch) RecordRefund(in Refund) (FactResult, error) {
	return run(b, func() (FactResult, error) { return b.u.recordFact(in.At, in.fact()) })
}

// FailRefund is Engine.FailRefund.
func (b *Batch) FailRefund(refundID, conversion string, failedAt time.Time) (FactResult, error) {
	return run(b, func() (FactResult, error) { return b.u.recordFact(failedAt, failedRefund(refundID, conversion)) })
}

// RecordDispute is Engine.RecordDispute.
func (b *Batch) RecordDispute(in Dispute) (FactResult, error) {
	return run(b, func() (FactResult, error) { return b.u.recordFact(in.At, in.fact()) })
}

// AmendConversion is Engine.AmendConversion.
func (b *Batch) AmendConversion(conversion string, amount int64, amendedAt time.Time) (FactResult, error) {
	return run(b, func() (FactResult, error) { return b.u.recordFact(amendedAt, amendment(conversion, amount)) })
}

// HasClick reports whether a click with an id is recorded.
func (b *Batch) HasClick(id string) (bool, error) {
	clicks, err := b.u.namedClick(id)
	return len(clicks) > 0, err
}

// Conversion returns a conversion as it was recorded, if it was. What it earned is
// Engine.Conversion's to tell.
func (b *Batch) Conversion(id string) (conv attribution.Conversion, found bool, err error) {
	var doc conversionDoc
	if err := b.u.read(conversionRef(id), &doc); err != nil || doc.Customer == "" {
		return attribution.Conversion{}, false, err
	}
	list, err := b.u.conversions(id)
	if err != nil || len(list) == 0 {
		return attribution.Conversion{}, false, err
	}
	return list[0], true, nil
}

// Conversions returns the conversions of a customer, under all its ids, as they
// were recorded, in any order. One that is recorded at the same time by somebody
// else makes the batch run again, if it writes a document that both of them write
// or anything about the customer.
func (b *Batch) Conversions(customer string) ([]attribution.Conversion, error) {
	who, err := b.u.customer(customer)
	if err != nil {
		return nil, err
	}
	return b.u.conversionsOf(who)
}

// Facts returns what was recorded of a conversion beside itself, by whomever, in time
// order: refunds and their failures, disputes, amendments and reviews. The conversion
// need not be known yet. If somebody else adds to them meanwhile, the batch runs again
// if it does so, too.
func (b *Batch) Facts(conversion string) ([]commission.Fact, error) {
	if err := b.u.load(conversionRef(conversion)); err != nil {
		return nil, err
	}
	facts, err := b.u.facts([]string{conversion})
	return facts[conversion], err
}

// Expect reads in one go what operations to come will need: documents by key,
// conversions and customers by id. It changes nothing but the number of reads.
func (b *Batch) Expect(documents, conversions, customers []string) error {
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
	return b.u.load(refs...)
}

// Document returns a document, as this batch will leave it: nil if there is none.
func (b *Batch) Document(key string) ([]byte, error) {
	ref := documentRef(key)
	if err := b.u.load(ref); err != nil {
		return nil, err
	}
	return slices.Clone(b.u.current(ref)), nil
}

// PutDocument writes a document, JSON, under a key of the caller's choice, 1 to 255
// bytes. If somebody else writes it at the same time, one of the two batches runs
// again; that is so for equal documents, too.
func (b *Batch) PutDocument(key string, data []byte) error {
	_, err := run(b, func() (any, error) {
		c := checks{now: b.u.now}
		c.id("key", key, true)
		if !json.Valid(data) {
			c.Add("data", "must be JSON")
		}
		if err := c.err(); err != nil {
			return nil, err
		}
		g, err := b.u.gate(documentRef(key))
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
