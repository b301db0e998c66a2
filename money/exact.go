package money

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strings"
)

// Exact is an amount of minor units before rounding: a rational in lowest terms. It is an immutable value; compare with Cmp,
// not with ==. The zero value is zero.
//
// Nearly every amount fits num/den in int64. One that does not lives in big instead, and goes back as soon as it fits, so
// that the two forms never hold the same number.
type Exact struct {
	num, den int64 // den is 0 in the zero value, else positive
	big      *big.Rat
}

// Percent returns amount × rate × share, where amount is in minor units: 20 % of 100.00 for a third is 2000/3.
func Percent(amount int64, rate Rate, share Share) Exact {
	share = share.orZero()
	return whole(amount).times(int64(rate), wholeRate).times(share.Num, share.Den)
}

// Fixed returns minor × share, in minor units.
func Fixed(minor int64, share Share) Exact {
	share = share.orZero()
	return whole(minor).times(share.Num, share.Den)
}

// Ratio returns amount × num / den, in minor units. The error is ErrDenominator unless den > 0.
func Ratio(amount, num, den int64) (Exact, error) {
	if den <= 0 {
		return Exact{}, fmt.Errorf("%w: %d", ErrDenominator, den)
	}
	return whole(amount).times(num, den), nil
}

func whole(n int64) Exact { return Exact{num: n, den: 1} }

// times returns e × num/den, for den > 0.
func (e Exact) times(num, den int64) Exact {
	if e.big == nil {
		n1, d2 := reduce(e.num, den)
		n2, d1 := reduce(num, e.denominator())
		n, okNum := mul(n1, n2)
		d, okDen := mul(d1, d2)
		if okNum && okDen {
			return Exact{num: n, den: d}
		}
	}
	return fromRat(new(big.Rat).Mul(e.rat(), new(big.Rat).SetFrac64(num, den)))
}

// Add returns e + f.
func (e Exact) Add(f Exact) Exact {
	if e.big == nil && f.big == nil {
		d1, d2 := e.denominator(), f.denominator()
		g := int64(gcd(uint64(d1), uint64(d2)))
		x, okX := mul(e.num, d2/g)
		y, okY := mul(f.num, d1/g)
		den, okDen := mul(d1/g, d2)
		num, err := Add(x, y)
		if okX && okY && okDen && err == nil {
			num, den = reduce(num, den)
			return Exact{num: num, den: den}
		}
	}
	return fromRat(new(big.Rat).Add(e.rat(), f.rat()))
}

// IsZero reports whether e is zero.
func (e Exact) IsZero() bool { return e.Sign() == 0 }

// Sign returns −1, 0 or 1 as e is negative, zero or positive.
func (e Exact) Sign() int {
	if e.big != nil {
		return e.big.Sign()
	}
	return cmp.Compare(e.num, 0)
}

// Cmp returns −1, 0 or 1 as e is less than, equal to or greater than f.
func (e Exact) Cmp(f Exact) int {
	if s := cmp.Compare(e.Sign(), f.Sign()); s != 0 {
		return s
	}
	if e.big != nil || f.big != nil {
		return e.rat().Cmp(f.rat())
	}
	c := cmpFractions(magnitude(e.num), uint64(e.denominator()), magnitude(f.num), uint64(f.denominator()))
	if e.num < 0 {
		return -c
	}
	return c
}

// Round returns e rounded half away from zero (semantics 1.2). The error is ErrOverflow when that does not fit an int64.
func (e Exact) Round() (int64, error) {
	if e.big != nil {
		return e.roundBig()
	}
	quotient, rest := e.num/e.denominator(), magnitude(e.num%e.denominator())
	if rest >= uint64(e.denominator())-rest {
		// The denominator is at least 2 here, so the quotient is far from both ends.
		quotient += int64(e.Sign())
	}
	return quotient, nil
}

// Floor returns the largest whole number that is not above e. The error is ErrOverflow when that does not fit an int64.
func (e Exact) Floor() (int64, error) {
	if e.big != nil {
		// Div is Euclidean, which is the floor for a positive divisor.
		return toInt64(new(big.Int).Div(e.big.Num(), e.big.Denom()))
	}
	quotient := e.num / e.denominator()
	if e.num < 0 && e.num%e.denominator() != 0 {
		quotient--
	}
	return quotient, nil
}

// roundBig is sign × floor(|e| + 1/2).
func (e Exact) roundBig() (int64, error) {
	two := big.NewInt(2)
	num := new(big.Int).Abs(e.big.Num())
	num.Mul(num, two).Add(num, e.big.Denom())
	num.Div(num, two.Mul(two, e.big.Denom()))
	if e.big.Sign() < 0 {
		num.Neg(num)
	}
	return toInt64(num)
}

// String returns e as a decimal if six places hold it exactly ("666.5"), and as a fraction in lowest terms otherwise
// ("2000/3").
func (e Exact) String() string {
	r := e.rat()
	scaled := new(big.Rat).Mul(r, big.NewRat(onePercent, 1))
	if !scaled.IsInt() {
		return r.String()
	}
	return strings.TrimSuffix(strings.TrimRight(r.FloatString(ratePlaces), "0"), ".")
}

func (e Exact) denominator() int64 {
	if e.den == 0 {
		return 1
	}
	return e.den
}

// rat returns e as a rational that the caller may not change.
func (e Exact) rat() *big.Rat {
	if e.big != nil {
		return e.big
	}
	return new(big.Rat).SetFrac64(e.num, e.denominator())
}

func fromRat(r *big.Rat) Exact {
	if r.Num().IsInt64() && r.Denom().IsInt64() {
		return Exact{num: r.Num().Int64(), den: r.Denom().Int64()}
	}
	return Exact{big: r}
}

func toInt64(n *big.Int) (int64, error) {
	if !n.IsInt64() {
		return 0, fmt.Errorf("%w: %v", ErrOverflow, n)
	}
	return n.Int64(), nil
}

// reduce returns num/den, den > 0, in lowest terms.
func reduce(num, den int64) (int64, int64) {
	g := int64(gcd(magnitude(num), uint64(den)))
	return num / g, den / g
}

// magnitude returns |n|, for the smallest int64 too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// mul returns a × b and whether it fits.
func mul(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		return -int64(lo), true
	}
	return int64(lo), true
}
