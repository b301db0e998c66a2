package promo

import (
	"errors"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// Errors of codes.
var (
	ErrInvalid = errors.New("invalid code")
	ErrTaken   = errors.New("the code is taken")
	ErrLimit   = errors.New("no more codes are allowed")
)

// MaxActive is how many codes, generated ones included, a partner may have
// active on one program where partners add their own (semantics 6.3).
const MaxActive = 5

// MaxEver is how many codes, retired ones included, a partner may have on a program
// to add one more: codes are theirs for ever, so nobody shall take all of them.
const MaxEver = 100

const (
	minLength = 3
	maxLength = 40
)

// Normalize trims surrounding white space, raises a code to upper case (ASCII
// only) and checks its spelling. It returns ErrInvalid for anything that is
// not 3–40 characters of A–Z, 0–9 and '-' (semantics 6.1).
func Normalize(code string) (string, error) {
	code = strings.TrimSpace(code)
	if len(code) < minLength || len(code) > maxLength {
		return "", invalid()
	}
	upper := []byte(code)
	for i, b := range upper {
		switch {
		case 'a' <= b && b <= 'z':
			upper[i] = b - ('a' - 'A')
		case 'A' <= b && b <= 'Z', '0' <= b && b <= '9', b == '-':
		default:
			return "", invalid()
		}
	}
	return string(upper), nil
}

func invalid() error {
	var list problem.List
	list.Add("code", "must have %d to %d characters of A-Z, 0-9 and -", minLength, maxLength)
	return list.Err(ErrInvalid)
}

// Generate spells the code that an approved partnership gets: the letters and
// digits of the partner's name, then the suffix, like ADALOVELACE5F2A. The
// caller draws the suffix (A–Z, 0–9).
func Generate(name, suffix string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(name) {
		if ('A' <= r && r <= 'Z') || ('0' <= r && r <= '9') {
			b.WriteRune(r)
		}
	}
	letters := b.String()
	if letters == "" {
		letters = "PARTNER"
	}
	return letters[:min(len(letters), maxLength-len(suffix))] + suffix
}

// Interval is a stretch of time in which a code resolves: From ≤ t < To. A zero
// To means that it is open.
type Interval struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to,omitzero"`
}

func (i Interval) holds(t time.Time) bool {
	return !t.Before(i.From) && (i.To.IsZero() || t.Before(i.To))
}

// Code is a promo code. It belongs to one partner and one program for ever.
type Code struct {
	Code      string     `json:"code"` // normalized
	Partner   string     `json:"partner"`
	Program   string     `json:"program"`
	Generated bool       `json:"generated,omitempty"`
	Intervals []Interval `json:"intervals"` // in time order
	Reward    *Reward    `json:"reward,omitempty"`
}

// ActiveAt reports whether the code is inside a validity interval at t.
func (c Code) ActiveAt(t time.Time) bool {
	for _, in := range c.Intervals {
		if in.holds(t) {
			return true
		}
	}
	return false
}

// RetiredAt reports whether the code is retired at t for good: a later validity
// interval must start with another change.
func (c Code) RetiredAt(t time.Time) bool {
	if len(c.Intervals) == 0 {
		return true
	}
	last := c.Intervals[len(c.Intervals)-1]
	return !last.To.IsZero() && !t.Before(last.To)
}

// Resolve says why the code does not resolve for a conversion at t that names
// program (which may be empty), or "" if it does (semantics 6.2, 6.3).
func (c Code) Resolve(t time.Time, program string) attribution.Reason {
	switch {
	case program != "" && program != c.Program:
		return attribution.CodeOtherProgram
	case c.ActiveAt(t):
		return ""
	case len(c.Intervals) == 0 || t.Before(c.Intervals[0].From):
		return attribution.CodeUnknown
	default:
		return attribution.CodeRetired
	}
}
