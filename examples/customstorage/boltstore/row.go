package boltstore

import (
	"reflect"
	"time"

	"github.com/goaffiliate/affiliate/program"
)

// canonical returns a copy of v in the form in which all stores keep it: times in
// UTC, cut to microseconds, and lists and maps that are empty as nil. Directly
// behind a pointer these are empty instead: there the pointer says that a value was
// given. JSON then gives back what it got.
func canonical[T any](v T) T {
	settle(reflect.ValueOf(&v).Elem(), false)
	return v
}

// settle replaces in v, a shallow copy, what it shares with the original.
func settle(v reflect.Value, pointed bool) {
	switch v.Kind() {
	case reflect.Struct:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			*t = t.UTC().Truncate(time.Microsecond)
			return
		}
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				settle(field, false)
			}
		}
	case reflect.Pointer:
		if !v.IsNil() {
			target := reflect.New(v.Type().Elem())
			target.Elem().Set(v.Elem())
			settle(target.Elem(), true)
			v.Set(target)
		}
	case reflect.Slice:
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(list, v)
		for i := range list.Len() {
			settle(list.Index(i), false)
		}
		set(v, list, pointed)
	case reflect.Map:
		copied := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries := v.MapRange(); entries.Next(); {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(entries.Value())
			settle(value, false)
			copied.SetMapIndex(entries.Key(), value)
		}
		set(v, copied, pointed)
	default: // the rest shares nothing
	}
}

func set(v, list reflect.Value, pointed bool) {
	if list.Len() == 0 && !pointed {
		v.SetZero()
		return
	}
	v.Set(list)
}

// setupRow is a configuration change with its Seq, which its own JSON leaves out.
type setupRow struct {
	Number int64
	program.Change
}

func numbered(list []program.Change) []setupRow {
	rows := make([]setupRow, len(list))
	for i, c := range list {
		rows[i] = setupRow{c.Seq, c}
	}
	return rows
}

func plain(rows []setupRow, err error) ([]program.Change, error) {
	var list []program.Change
	for _, r := range rows {
		r.Seq = r.Number
		list = append(list, r.Change)
	}
	return list, err
}
