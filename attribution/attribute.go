package attribution

import (
	"math"
	"time"
)

// NoWindow is a window in which every earlier click counts.
const NoWindow = time.Duration(math.MaxInt64)

// InWindow reports whether a click made at clicked counts for a conversion at
// at: not after it, and at most window before it, bound included (semantics 3.2).
func InWindow(clicked, at time.Time, window time.Duration) bool {
	return !clicked.After(at) && at.Sub(clicked) <= window
}

// Attribute shares a conversion made at a time among the clicks of one customer
// by a model. The clicks may come in any order. Left out are those outside the
// window, flagged ones, and those that name no partner.
//
// The credits come in the order of their first credited click, one for each
// partner and program, and their shares add up to exactly one. There are none if
// no click counts. A model that is not one of the four is an error that unwraps
// to ErrUnknownModel (semantics 3.3).
func Attribute(clicks []Click, at time.Time, m Model, window time.Duration) ([]Credit, error) {
	touches := make([]Click, 0, len(clicks))
	for _, c := range clicks {
		if c.Partner != "" && c.Flag == "" && InWindow(c.At, at, window) {
			touches = append(touches, c)
		}
	}
	SortClicks(touches)
	return share(m, touches)
}
