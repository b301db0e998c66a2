package storekit

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// Cursor is a place in a partner's list of commissions, which runs from the
// latest to the earliest.
type Cursor struct {
	At         time.Time      `json:"t"`
	Conversion string         `json:"c"`
	Program    string         `json:"p"`
	Rule       string         `json:"r"`
	Currency   money.Currency `json:"m"`
}

// CursorOf returns the place of a commission.
func CursorOf(c storage.Commission) Cursor {
	return Cursor{c.At, c.Conversion, c.Program, c.Rule, c.Currency}
}

// Compare orders places: negative if c comes before other in the order of time
// and, in a list, after it.
func (c Cursor) Compare(other Cursor) int {
	return cmp.Or(c.At.Compare(other.At), cmp.Compare(c.Conversion, other.Conversion), cmp.Compare(c.Program, other.Program),
		cmp.Compare(c.Rule, other.Rule), cmp.Compare(c.Currency, other.Currency))
}

// String returns the cursor as text that is safe in a URL.
func (c Cursor) String() string {
	data, err := json.Marshal(c)
	if err != nil {
		return "" // only a year beyond 9999 does that; such a page has no next
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// ParseCursor reads what String writes. The error is
// storage.ErrCursor.
func ParseCursor(s string) (Cursor, error) {
	var c Cursor
	data, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return Cursor{}, fmt.Errorf("%w: %q", storage.ErrCursor, s)
	}
	return c, nil
}

// Page cuts a list that may be longer than limit, and returns the cursor of the
// next page, "" if there is none.
func Page(list []storage.Commission, limit int) (page []storage.Commission, next string) {
	if limit <= 0 || len(list) <= limit {
		return list[:min(len(list), max(limit, 0))], ""
	}
	return list[:limit], CursorOf(list[limit-1]).String()
}
