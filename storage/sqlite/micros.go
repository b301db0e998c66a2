package sqlite

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// micros is a time as microseconds since 1970.
type micros struct{ t *time.Time }

// Value returns the number; that of a time before 1970, such as the zero time,
// is negative.
func (m micros) Value() (driver.Value, error) { return m.t.UnixMicro(), nil }

// Scan sets the time, in UTC.
func (m micros) Scan(src any) error {
	n, ok := src.(int64)
	if !ok {
		return fmt.Errorf("time in a column of type %T", src)
	}
	*m.t = time.UnixMicro(n).UTC()
	return nil
}
