package sqlstore

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/quickjson"
)

// A field of a row is a pointer, or one of these, which say how the field is
// written and how it is scanned.
var (
	_ field = jsonField{}
	_ field = customerField{}
	_ field = derivedField("")
	_ field = textField{}
)

type field interface {
	driver.Valuer
	sql.Scanner
}

// jsonField is the JSON of what v points to, and NULL if that is a map or list
// without anything.
type jsonField struct{ v any }

func (f jsonField) Value() (driver.Value, error) {
	if texts, ok := f.v.(*map[string]string); ok {
		return textsOrNull(*texts), nil
	}
	if v := reflect.ValueOf(f.v).Elem(); (v.Kind() == reflect.Map || v.Kind() == reflect.Slice) && v.Len() == 0 {
		return nil, nil
	}
	data, err := json.Marshal(f.v)
	return string(data), err
}

func (f jsonField) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		return nil
	case string:
		return json.Unmarshal([]byte(src), f.v)
	case []byte:
		return json.Unmarshal(src, f.v)
	default:
		return fmt.Errorf("JSON in a column of type %T", src)
	}
}

// textsOrNull is the JSON of texts, and nil if there are none.
func textsOrNull(texts map[string]string) any {
	if len(texts) == 0 {
		return nil
	}
	return string(quickjson.Map(make([]byte, 0, 64), texts, quickjson.String))
}

// customerField is the customer key of a conversion: one without a customer is
// a customer of its own.
type customerField struct{ c *attribution.Conversion }

func (f customerField) Value() (driver.Value, error) { return f.c.CustomerKey(), nil }

func (f customerField) Scan(src any) error {
	var key sql.NullString
	if err := key.Scan(src); err != nil {
		return err
	}
	if f.c.Customer = key.String; attribution.IsGuest(key.String) {
		f.c.Customer = ""
	}
	return nil
}

// derivedField is text that follows from other fields, and is only written.
type derivedField string

func (f derivedField) Value() (driver.Value, error) { return string(f), nil }

func (f derivedField) Scan(any) error { return nil }

// textField is bytes that are kept as text.
type textField struct{ v *[]byte }

func (f textField) Value() (driver.Value, error) {
	if *f.v == nil {
		return nil, nil
	}
	return string(*f.v), nil
}

func (f textField) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		*f.v = nil
	case string:
		*f.v = []byte(src)
	case []byte:
		*f.v = append([]byte(nil), src...)
	default:
		return fmt.Errorf("text in a column of type %T", src)
	}
	return nil
}
