package affiliatetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
)

// strict decodes one JSON value into a pointer. Beyond what encoding/json does,
// field names must be spelled exactly, and the error names the field.
func strict(data []byte, into any) error {
	if err := exact(data, reflect.TypeOf(into), ""); err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more after the end of the value")
	}
	return nil
}

// exact checks the names of all fields of a value, and the times in it.
func exact(data []byte, t reflect.Type, path string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case string(bytes.TrimSpace(data)) == "null":
		return nil
	case t == reflect.TypeFor[time.Time]():
		var at time.Time
		if err := json.Unmarshal(data, &at); err != nil {
			return fmt.Errorf("%s: %s is not a time like 2026-05-01T00:00:00Z", path, data)
		}
		return nil
	case t.Kind() == reflect.Slice && t != reflect.TypeFor[json.RawMessage]():
		return exactItems(data, t.Elem(), path)
	case t.Kind() == reflect.Struct && t.NumField() > 0:
		return exactFields(data, t, path)
	}
	return nil
}

func exactItems(data []byte, t reflect.Type, path string) error {
	var items []json.RawMessage
	if err := json.Unmarshal(data, &items); err != nil {
		return named(err, path)
	}
	for i, item := range items {
		if err := exact(item, t, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}

func exactFields(data []byte, t reflect.Type, path string) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return named(err, path)
	}
	types := fieldTypes(t)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		at := strings.TrimPrefix(path+"."+name, ".")
		kind, ok := types[name]
		if !ok {
			return fmt.Errorf("unknown field %q", at)
		}
		if err := exact(fields[name], kind, at); err != nil {
			return err
		}
	}
	return nil
}

// tiersFields and scheduleFields name the fields of types that decode
// themselves.
type tiersFields struct {
	Metric      string                 `json:"metric"`
	Period      string                 `json:"period"`
	Retroactive bool                   `json:"retroactive"`
	Thresholds  []commission.Threshold `json:"thresholds"`
}

type scheduleFields struct {
	Cadence  string           `json:"cadence"`
	Weekday  string           `json:"weekday"`
	Day      int              `json:"day"`
	Hour     int              `json:"hour"`
	TimeZone string           `json:"timeZone"`
	Cron     string           `json:"cron"`
	Minimum  map[string]int64 `json:"minimum"`
}

// fieldTypes are the fields of a struct by their JSON names.
func fieldTypes(t reflect.Type) map[string]reflect.Type {
	switch t {
	case reflect.TypeFor[commission.Tiers]():
		t = reflect.TypeFor[tiersFields]()
	case reflect.TypeFor[payout.Schedule](), reflect.TypeFor[payout.ScheduleChange]():
		t = reflect.TypeFor[scheduleFields]()
	}
	types := map[string]reflect.Type{}
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); name != "-" {
			types[name] = t.Field(i).Type
		}
	}
	return types
}

// named puts the path before an error that has none.
func named(err error, path string) error {
	var kind *json.UnmarshalTypeError
	if path == "" || !errors.As(err, &kind) {
		return err
	}
	return fmt.Errorf("%s: %s is not a %s", path, kind.Value, kind.Type)
}
