package payload

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// ErrMalformed is the error of a payload that is not what Stripe documents. It
// names the field and never says what is in it.
var ErrMalformed = errors.New("stripeadapter: malformed payload")

// decode reads a JSON object. kind is for the error; id is where the object's own
// id goes, which must be there.
func decode(kind string, object []byte, into any, id *string) error {
	err := json.Unmarshal(object, into)
	return readAs(kind, err, *id)
}

// readAs is what became of reading an object: err is of encoding/json.
func readAs(kind string, err error, id string) error {
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &wrong):
		field := strings.ReplaceAll(wrong.Field, "owner.", "") // is in Go only
		value, _, _ := strings.Cut(wrong.Value, " ")           // "number 1.5"
		return malformed(kind, field, "must not be this "+value)
	case err != nil:
		return malformed(kind, "", "is not JSON")
	case id == "":
		return malformed(kind, "id", "is missing")
	}
	return nil
}

func malformed(kind, field, message string) error {
	if field != "" {
		kind += ": " + field
	}
	return fmt.Errorf("%w: %s %s", ErrMalformed, kind, message)
}

// sub returns amount without what is to go. field is at fault if that overflows.
func sub(kind, field string, amount, minus int64) (int64, error) {
	rest, err := money.Sub(amount, minus)
	if err != nil {
		return 0, malformed(kind, field, "is too large")
	}
	return rest, nil
}

// wrongKind is what encoding/json makes of a value of the wrong kind; it adds the
// path of the field.
func wrongKind(data []byte, of any) error {
	kind := "number"
	switch data[0] {
	case '"':
		kind = "string"
	case '{':
		kind = "object"
	case '[':
		kind = "array"
	case 't', 'f':
		kind = "bool"
	}
	return &json.UnmarshalTypeError{Value: kind, Type: reflect.TypeOf(of)}
}

func isNull(data []byte) bool { return data[0] == 'n' }

// ref is the id of another object: a string, the object itself, or null.
type ref string

func (r *ref) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		*r = ""
		return nil
	case '"':
		return json.Unmarshal(data, (*string)(r))
	case '{':
		var object struct {
			ID string `json:"id"`
		}
		err := json.Unmarshal(data, &object)
		*r = ref(object.ID)
		return err
	}
	return wrongKind(data, *r)
}

// refs returns the ids that are there, each once.
func refs(list ...ref) []string {
	var ids []string
	seen := map[ref]bool{"": true}
	for _, r := range list {
		if !seen[r] {
			seen[r] = true
			ids = append(ids, string(r))
		}
	}
	return ids
}

// owner is who an object belongs to. Since Accounts v2 (2026) a customer may be an
// account.
type owner struct {
	Customer        ref `json:"customer"`
	CustomerAccount ref `json:"customer_account"`
}

func (o owner) customer() string {
	if o.Customer != "" {
		return string(o.Customer)
	}
	return string(o.CustomerAccount)
}

// currency is a code in lower case.
type currency string

func (c *currency) UnmarshalJSON(data []byte) error {
	err := json.Unmarshal(data, (*string)(c))
	*c = currency(strings.ToLower(string(*c)))
	return err
}

// metadata is what the host or the merchant put on an object.
type metadata map[string]string

func (m *metadata) UnmarshalJSON(data []byte) error {
	if !isNull(data) && data[0] != '{' {
		return wrongKind(data, *m)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*m = nil
	for key, value := range raw {
		if value[0] != '"' {
			continue // Stripe has only strings; whatever this is, it is no reference
		}
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return err
		}
		if *m == nil {
			*m = metadata{}
		}
		(*m)[key] = text
	}
	return nil
}

// merged returns all of the sources; the former ones count.
func merged(sources ...metadata) map[string]string {
	var all map[string]string
	for i := len(sources) - 1; i >= 0; i-- {
		if all == nil && len(sources[i]) > 0 {
			all = map[string]string{}
		}
		maps.Copy(all, sources[i])
	}
	return all
}

// maxUnix is the last second that RFC 3339 can write.
const maxUnix = 253_402_300_799

// stamp is a time: seconds since 1970 in v1, RFC 3339 in v2, null for none.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case 'n':
		*s = stamp{}
		return nil
	case '"':
		var text string
		if err := json.Unmarshal(data, &text); err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || at.Unix() < 0 || at.Unix() > maxUnix {
			return wrongKind(data, *s)
		}
		*s = stamp{at.UTC()}
		return nil
	}
	seconds, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil || seconds < 0 || seconds > maxUnix {
		return wrongKind(data, *s)
	}
	*s = stamp{time.Unix(seconds, 0).UTC()}
	return nil
}

// list is a page of objects within another.
type list[T any] struct {
	Data    []T  `json:"data"`
	HasMore bool `json:"has_more"`
}
