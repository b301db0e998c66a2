package storagetest

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// filler gives every field of a row a value of its own, so that a field that a
// store forgets is missed, also one that a later version adds.
type filler struct {
	n       int
	extreme bool
}

// row returns a filled row. Rows of different numbers have nothing in common.
func row[R any](number int, extreme bool) R {
	var r R
	f := filler{n: 1000 * number, extreme: extreme}
	f.fill(reflect.ValueOf(&r).Elem())
	return r
}

func (f *filler) fill(v reflect.Value) {
	f.n++
	switch p := v.Addr().Interface().(type) {
	case *time.Time:
		*p = f.time()
		return
	case *money.Share:
		*p = money.Share{Num: 1, Den: int64(f.n)}
		return
	case *time.Weekday:
		*p = time.Wednesday
		return
	case **bool:
		*p = new(bool) // of commission.Tiers, where true is read back as nil
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(f.text())
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(f.number())
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.Type.Kind() == reflect.Bool && field.Tag.Get("json") == "-" {
				continue // a hint to whoever stores the row, no part of it
			}
			f.fill(v.Field(i))
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		f.fillSlice(v)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key)
			f.fill(value)
			v.SetMapIndex(key, value)
		}
	default:
		panic(fmt.Sprintf("storagetest: no value for a %s", v.Type()))
	}
}

func (f *filler) fillSlice(v reflect.Value) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes(fmt.Appendf(nil, `{"n":%d}`, f.n)) // JSON, for that is what events hold
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), 2, 2))
	for i := range 2 {
		f.fill(v.Index(i))
	}
}

// time returns one that is neither in UTC nor of whole microseconds; extreme
// ones are up to the edges of what is used.
func (f *filler) time() time.Time {
	if f.extreme {
		return []time.Time{
			{}, time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		}[f.n%3]
	}
	zone := time.FixedZone("", 5*3600+30*60)
	return time.Date(2024, 2, 29, 23, 59, 59, 123_456_789, zone).Add(time.Duration(f.n) * time.Second)
}

func (f *filler) text() string {
	if f.extreme {
		return fmt.Sprintf("%d Ä ñ 漢字 🧾 ' \" \\ {NULL,} %% _ \t\n\x01 %s", f.n, strings.Repeat("x", 300))
	}
	return fmt.Sprint("text ", f.n)
}

func (f *filler) number() int64 {
	switch {
	case f.extreme && f.n%2 == 0:
		return math.MaxInt64
	case f.extreme:
		return math.MinInt64 + 1 // no float has it
	default:
		return int64(f.n)
	}
}

// kind is one kind of row of a change.
type kind struct {
	name  string
	claim bool // a second insert makes a change stale

	add  func(c *storage.Change, number int, extreme bool) // a filled row
	last func(c *storage.Change)                           // the last row once more
	zero func(c *storage.Change)                           // a row without any value
	// diff compares the rows of two changes: what was written with what is read.
	diff func(wrote, read *storage.Change) string
	// count returns how many rows there are.
	count func(c *storage.Change) int
}

func kindOf[R any](name string, claim bool, rows func(*storage.Change) *[]R) kind {
	return kind{
		name: name, claim: claim,
		add: func(c *storage.Change, number int, extreme bool) {
			*rows(c) = append(*rows(c), row[R](number, extreme))
		},
		last: func(c *storage.Change) {
			list := rows(c)
			*list = append(*list, (*list)[len(*list)-1])
		},
		zero: func(c *storage.Change) { *rows(c) = append(*rows(c), *new(R)) },
		diff: func(wrote, read *storage.Change) string {
			return difference(*rows(wrote), *rows(read))
		},
		count: func(c *storage.Change) int { return len(*rows(c)) },
	}
}

// difference is "" if the rows read are those written, in any order, as a store
// keeps them: with times in UTC and of whole microseconds, and with nil for
// slices and maps that are empty.
func difference[R any](wrote, read []R) string {
	var lines []string
	left := storekit.Clone(wrote)
	for _, r := range read {
		found := false
		for i := range left {
			if found = reflect.DeepEqual(left[i], r); found {
				left = append(left[:i:i], left[i+1:]...)
				break
			}
		}
		if !found {
			lines = append(lines, fmt.Sprintf("read  %+v", r))
		}
	}
	for _, l := range left {
		lines = append(lines, fmt.Sprintf("wrote %+v", l))
	}
	return strings.Join(lines, "\n")
}

func kinds() []kind {
	commissions := kindOf("commission", false, func(c *storage.Change) *[]storage.Commission { return &c.Commissions })
	commissions.zero = func(c *storage.Change) {
		var r storage.Commission
		r.Share.Den = 1 // 0/1 is how a share of nothing is written
		c.Commissions = append(c.Commissions, r)
	}
	return []kind{
		kindOf("click", true, func(c *storage.Change) *[]attribution.Click { return &c.Clicks }),
		kindOf("identify", true, func(c *storage.Change) *[]storage.Identify { return &c.Identifies }),
		kindOf("conversion", true, func(c *storage.Change) *[]attribution.Conversion { return &c.Conversions }),
		kindOf("fact", true, func(c *storage.Change) *[]commission.Fact { return &c.Facts }),
		kindOf("setup", true, func(c *storage.Change) *[]program.Change { return &c.Setup }),
		kindOf("entry", true, func(c *storage.Change) *[]commission.Entry { return &c.Entries }),
		kindOf("note", true, func(c *storage.Change) *[]storage.Note { return &c.Notes }),
		commissions,
		kindOf("line", true, func(c *storage.Change) *[]storage.LedgerLine { return &c.Lines }),
		kindOf("payout", false, func(c *storage.Change) *[]payout.Payout { return &c.Payouts }),
		kindOf("adjustment", true, func(c *storage.Change) *[]payout.Adjustment { return &c.Adjustments }),
		kindOf("count", false, func(c *storage.Change) *[]storage.ClickCount { return &c.Counts }),
		kindOf("event", true, func(c *storage.Change) *[]storage.Event { return &c.Events }),
	}
}

// everything is a change with a row of every kind.
func everything(number int) storage.Change {
	var c storage.Change
	for _, k := range kinds() {
		k.add(&c, number, false)
	}
	return c
}
