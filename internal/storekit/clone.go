package storekit

import (
	"reflect"
	"time"
)

// Time returns t as every store keeps it: in UTC, cut to microseconds.
func Time(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Clone returns a deep copy of v as every store keeps it: times as of Time, and
// slices and maps that are empty as nil, because databases cannot tell these
// apart. Directly behind a pointer they are empty instead of nil: there the
// pointer says that a value was given.
func Clone[T any](v T) T {
	normalize(reflect.ValueOf(&v).Elem(), false)
	return v
}

// normalize replaces in v, which is a shallow copy, what it shares with the
// original.
func normalize(v reflect.Value, pointed bool) {
	switch v.Kind() {
	case reflect.Struct:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			*t = Time(*t)
			return
		}
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				normalize(field, false)
			}
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		target := reflect.New(v.Type().Elem())
		target.Elem().Set(v.Elem())
		normalize(target.Elem(), true)
		v.Set(target)
	case reflect.Slice:
		if v.Len() == 0 && !pointed {
			v.SetZero()
			return
		}
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(list, v)
		if v.Type().Elem().Kind() != reflect.Uint8 {
			for i := range list.Len() {
				normalize(list.Index(i), false)
			}
		}
		v.Set(list)
	case reflect.Map:
		normalizeMap(v, pointed)
	default: // the rest shares nothing
	}
}

func normalizeMap(v reflect.Value, pointed bool) {
	if v.Len() == 0 && !pointed {
		v.SetZero()
		return
	}
	copied := reflect.MakeMapWithSize(v.Type(), v.Len())
	for entries := v.MapRange(); entries.Next(); {
		value := reflect.New(v.Type().Elem()).Elem()
		value.Set(entries.Value())
		normalize(value, false)
		copied.SetMapIndex(entries.Key(), value)
	}
	v.Set(copied)
}
