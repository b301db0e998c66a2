package money

import (
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Share is an exact rational from 0 to 1 in lowest terms: the part of a conversion that one touch is credited with. Build it
// with NewShare, so that equal shares are == (zero is 0/1). The zero value counts as zero.
type Share struct {
	Num, Den int64
}

// NewShare returns num/den in lowest terms. The error is ErrShare unless 0 ≤ num ≤ den and den > 0.
func NewShare(num, den int64) (Share, error) {
	if den <= 0 || num < 0 || num > den {
		return Share{}, fmt.Errorf("%w: %d/%d", ErrShare, num, den)
	}
	g := int64(gcd(uint64(num), uint64(den)))
	return Share{Num: num / g, Den: den / g}, nil
}

// WholeShare returns 1/1.
func WholeShare() Share { return Share{Num: 1, Den: 1} }

// IsZero reports whether s is zero.
func (s Share) IsZero() bool { return s.Num == 0 }

// Add returns s + t in lowest terms. The error is ErrShare when the sum exceeds 1 and ErrOverflow when its lowest terms do
// not fit an int64.
func (s Share) Add(t Share) (Share, error) {
	s, t = s.orZero(), t.orZero()
	g := int64(gcd(uint64(s.Den), uint64(t.Den)))
	if hi, lo := bits.Mul64(uint64(s.Den/g), uint64(t.Den)); hi != 0 || lo>>63 != 0 {
		return s.addBig(t)
	}
	// Neither product exceeds the common denominator, because neither share exceeds 1.
	den, x, y := s.Den/g*t.Den, s.Num*(t.Den/g), t.Num*(s.Den/g)
	if x > den-y {
		return Share{}, fmt.Errorf("%w: %v + %v", ErrShare, s, t)
	}
	return NewShare(x+y, den)
}

func (s Share) addBig(t Share) (Share, error) {
	sum := new(big.Rat).Add(big.NewRat(s.Num, s.Den), big.NewRat(t.Num, t.Den))
	if sum.Cmp(big.NewRat(1, 1)) > 0 {
		return Share{}, fmt.Errorf("%w: %v + %v", ErrShare, s, t)
	}
	if !sum.Denom().IsInt64() {
		return Share{}, fmt.Errorf("%w: %v + %v", ErrOverflow, s, t)
	}
	return Share{Num: sum.Num().Int64(), Den: sum.Denom().Int64()}, nil
}

// Cmp returns −1, 0 or 1 as s is less than, equal to or greater than t.
func (s Share) Cmp(t Share) int {
	s, t = s.orZero(), t.orZero()
	return cmpFractions(uint64(s.Num), uint64(s.Den), uint64(t.Num), uint64(t.Den))
}

// String returns "1/3", or "1" and "0" for the whole and nothing.
func (s Share) String() string {
	if s = s.orZero(); s.Den == 1 {
		return strconv.FormatInt(s.Num, 10)
	}
	return strconv.FormatInt(s.Num, 10) + "/" + strconv.FormatInt(s.Den, 10)
}

// ParseShare reads what String writes; terms need not be lowest. The error is ErrShare for anything else.
func ParseShare(s string) (Share, error) {
	first, second, fraction := strings.Cut(s, "/")
	if !fraction {
		second = "1"
	}
	num, errNum := ParseWhole(first)
	den, errDen := ParseWhole(second)
	if errNum != nil || errDen != nil {
		return Share{}, fmt.Errorf("%w: %q", ErrShare, s)
	}
	return NewShare(num, den)
}

// MarshalText writes what String does; the error is always nil.
func (s Share) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what ParseShare does, with the same error.
func (s *Share) UnmarshalText(text []byte) error {
	parsed, err := ParseShare(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// orZero gives the zero value its denominator.
func (s Share) orZero() Share {
	if s.Den == 0 {
		return Share{Num: 0, Den: 1}
	}
	return s
}

// gcd returns the greatest common divisor; that of 0 and n is n.
func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// cmpFractions compares a/b with c/d; b and d are positive.
func cmpFractions(a, b, c, d uint64) int {
	hi1, lo1 := bits.Mul64(a, d)
	hi2, lo2 := bits.Mul64(c, b)
	switch {
	case hi1 < hi2 || hi1 == hi2 && lo1 < lo2:
		return -1
	case hi1 == hi2 && lo1 == lo2:
		return 0
	default:
		return 1
	}
}
