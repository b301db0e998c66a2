package affiliatehttp

import (
	"encoding"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// csvPage is how many rows of a list are read at once while it is sent as a table.
const csvPage = 5000

// wantsCSV reports whether a list is asked for as a table, all of it.
func wantsCSV(r *http.Request) (bool, *failure) {
	switch format := r.URL.Query().Get("format"); format {
	case "", "json":
		return false, nil
	case "csv":
		return true, nil
	default:
		return false, invalid(affiliate.Problem{Field: "format", Message: "must be json or csv"})
	}
}

// listed is a List of any type.
type listed interface {
	rows() (items any, next string)
}

func (l List[T]) rows() (items any, next string) { return l.Items, l.NextAfter }

// sendCSV sends a list as a table, page by page as it is read. Columns are the fields
// of its JSON, those of nested objects with a point; lists and maps are JSON. Amounts
// are in minor units. What fails after the first page cuts the table short, and
// the connection with it.
func (c *call) sendCSV(w http.ResponseWriter, first listed, read func(*call) (int, any, *failure)) {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", "attachment")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	out := csv.NewWriter(w)
	items, next := first.rows()
	columns := columnsOf(reflect.TypeOf(items).Elem(), "", nil)
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.name
	}
	_ = out.Write(names) // Flush tells
	for {
		rows := reflect.ValueOf(items)
		for i := range rows.Len() {
			_ = out.Write(cells(rows.Index(i), columns))
		}
		out.Flush()
		if out.Error() != nil || next == "" {
			return // a caller that is gone needs no more
		}
		query := c.r.URL.Query()
		query.Set("after", next)
		c.r.URL.RawQuery = query.Encode()
		_, answer, f := read(c)
		page, ok := answer.(listed)
		if f != nil || !ok {
			panic(http.ErrAbortHandler) // so that nobody takes a part for the whole
		}
		items, next = page.rows()
	}
}

// column is a field of the rows of a table.
type column struct {
	name string
	path []int // of the field
}

func columnsOf(t reflect.Type, prefix string, path []int) (list []column) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		at := append(append([]int{}, path...), i)
		kind := field.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		switch {
		case name == "-":
		case field.Anonymous && name == "":
			list = append(list, columnsOf(field.Type, prefix, at)...)
		case kind.Kind() == reflect.Struct && !isText(kind):
			list = append(list, columnsOf(kind, prefix+name+".", at)...)
		default:
			list = append(list, column{prefix + name, at})
		}
	}
	return list
}

// isText reports whether a struct is one value, such as a time or a share.
func isText(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) || t.Implements(reflect.TypeFor[json.Marshaler]())
}

func cells(row reflect.Value, columns []column) []string {
	list := make([]string, len(columns))
	for i, column := range columns {
		list[i] = cell(row, column.path)
	}
	return list
}

// cell is the text of a field; empty if what it is in is not there.
func cell(v reflect.Value, path []int) string {
	for _, i := range path {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return ""
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	switch {
	case v.IsZero() && v.Kind() != reflect.Bool && v.Kind() != reflect.Int && v.Kind() != reflect.Int64:
		return ""
	case v.Kind() == reflect.Int || v.Kind() == reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case v.Kind() == reflect.String:
		return ui.Cell(v.String())
	}
	data, err := json.Marshal(v.Interface())
	if err != nil { // plain structs of this package always marshal
		return ""
	}
	var text string
	if json.Unmarshal(data, &text) == nil {
		return ui.Cell(text)
	}
	return ui.Cell(string(data))
}
