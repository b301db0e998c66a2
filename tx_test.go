package affiliate_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
)

// One message of another system is a sale, what is known of its customer, and the
// adapter's own note of it: all of them, or none.
func ExampleEngine_Atomically() {
	d := newDemo()
	_, err := d.RecordClick(d, affiliate.Click{ID: "click_1", Partner: "ada", Program: "main"})
	must(err)
	receive := func(message string) error {
		return d.Atomically(d, func(b *affiliate.Tx) error {
			seen, err := b.Document("message/" + message)
			if err != nil || seen != nil {
				return err
			}
			if _, err := b.Identify(affiliate.Identify{Customer: "cus_1", Click: "click_1"}); err != nil {
				return err
			}
			if _, err := b.RecordConversion(affiliate.Conversion{ID: message, Customer: "cus_1", Amount: 4900}); err != nil {
				return err
			}
			return b.PutDocument("message/"+message, []byte(`{"done":true}`))
		})
	}
	fmt.Println(receive("m1"), receive("m1"), receive("m2"))
	balances, err := d.Balances(d, "ada", time.Time{})
	fmt.Println(minor(balances[0].Payable+balances[0].Pending), err)
	// Output:
	// <nil> <nil> <nil>
	// 19.60 USD <nil>
}

func TestNothingOfAFailedBatchIsWritten(t *testing.T) {
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		fn   func(b *affiliate.Tx) error
		want error
	}{
		"the function fails": {func(*affiliate.Tx) error { return refused }, refused},
		"an operation fails and nobody cares": {func(b *affiliate.Tx) error {
			_, _ = b.RecordRefund(affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 99_999})
			return nil
		}, affiliate.ErrOverRefund},
		"a document is no JSON": {func(b *affiliate.Tx) error {
			_ = b.PutDocument("key", []byte("{"))
			return nil
		}, affiliate.ErrInvalidInput},
		"a key is too long": {func(b *affiliate.Tx) error {
			return b.PutDocument(strings.Repeat("k", 300), []byte("{}"))
		}, affiliate.ErrInvalidInput},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDemo()
			before := d.dump(t)
			err := d.Atomically(d, func(b *affiliate.Tx) error {
				_, err := b.RecordConversion(affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 4900})
				require.NoError(t, err)
				require.NoError(t, b.PutDocument("doc", []byte("{}")))
				return c.fn(b)
			})
			require.ErrorIs(t, err, c.want)
			assert.Equal(t, before, d.dump(t))
		})
	}
}

// dump is everything that is stored.
func (d demo) dump(t *testing.T) string {
	t.Helper()
	rows, err := d.store.Rows(d, d.Organization())
	require.NoError(t, err)
	text, err := rows.Canonical()
	require.NoError(t, err)
	return string(text)
}

func TestABatchSeesWhatItDid(t *testing.T) {
	d := newDemo()
	require.NoError(t, d.Atomically(d, func(b *affiliate.Tx) error {
		require.NoError(t, b.Expect([]string{"doc"}, []string{"in_1"}, []string{"cus_1"}))
		waiting, err := b.RecordRefund(affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 900})
		require.NoError(t, err)
		assert.True(t, waiting.Waiting)
		res, err := b.RecordConversion(affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 4900})
		require.NoError(t, err)
		assert.Equal(t, int64(800), res.Commissions[0].Amount)
		res, err = b.RecordConversion(affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 4900})
		require.NoError(t, err)
		assert.True(t, res.Duplicate)
		again, err := b.RecordRefund(affiliate.Refund{ID: "re_1", Conversion: "in_1", Amount: 900})
		require.NoError(t, err)
		assert.True(t, again.Duplicate)

		sales, err := b.Conversions("cus_1")
		require.NoError(t, err)
		assert.Len(t, sales, 1)
		sale, found, err := b.Conversion("in_1")
		require.NoError(t, err)
		assert.True(t, found)
		assert.Equal(t, int64(4900), sale.Amount)
		_, found, err = b.Conversion("in_2")
		require.NoError(t, err)
		assert.False(t, found)

		facts, err := b.Facts("in_1")
		require.NoError(t, err)
		assert.Len(t, facts, 1)
		assert.Equal(t, "re_1", facts[0].ID)
		facts, err = b.Facts("in_2")
		require.NoError(t, err)
		assert.Empty(t, facts)

		require.NoError(t, b.PutDocument("doc", []byte(`{"a":1}`)))
		doc, err := b.Document("doc")
		assert.JSONEq(t, `{"a":1}`, string(doc))
		return err
	}))
	assert.Equal(t, int64(800), d.standing("in_1").Amount)
}

func TestBatchesThatMeetInADocument(t *testing.T) {
	d := newDemo()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			assert.NoError(t, d.Atomically(d, func(b *affiliate.Tx) error {
				doc, err := b.Document("count")
				if err != nil {
					return err
				}
				n := 0
				_, _ = fmt.Sscan(string(doc), &n)
				return b.PutDocument("count", fmt.Append(nil, n+1))
			}))
		})
	}
	all.Wait()
	require.NoError(t, d.Atomically(d, func(b *affiliate.Tx) error {
		doc, err := b.Document("count")
		assert.Equal(t, "20", string(doc))
		return err
	}))
}

func TestAnEmailInABatchMakesTheSecret(t *testing.T) {
	d := newDemo()
	email := "ada@acme.test"
	require.NoError(t, d.Atomically(d, func(b *affiliate.Tx) error {
		_, err := b.Identify(affiliate.Identify{Customer: "cus_1", Email: email})
		return err
	}))
	setup, err := d.Configuration(d)
	require.NoError(t, err)
	assert.NotEmpty(t, setup.Organization.ID)
}

func TestABatchAheadOfTheClock(t *testing.T) {
	d := newDemo()
	next := d.Now().AddDate(1, 0, 0)
	record := func(ahead bool) error {
		return d.Atomically(d, func(b *affiliate.Tx) error {
			if ahead {
				b.Ahead(next)
			}
			_, err := b.RecordConversion(affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 4900, At: next})
			return err
		})
	}
	require.ErrorIs(t, record(false), affiliate.ErrInvalidInput)
	require.NoError(t, record(true))
	balances, err := d.Balances(d, "ada", time.Time{})
	require.NoError(t, err)
	assert.Equal(t, int64(980), balances[0].Pending)
	assert.Zero(t, balances[0].Payable)
}

func TestABatchKnowsWhoIsBound(t *testing.T) {
	d := newDemo()
	require.NoError(t, d.Atomically(d, func(b *affiliate.Tx) error {
		bound, err := b.Bound("cus_1")
		require.NoError(t, err)
		assert.False(t, bound)
		_, err = b.RecordConversion(affiliate.Conversion{ID: "in_1", Customer: "cus_1", Partner: "ada", Amount: 4900})
		require.NoError(t, err)
		bound, err = b.Bound("cus_1")
		assert.True(t, bound)
		return err
	}))
}
