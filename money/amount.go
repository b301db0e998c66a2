package money

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Amount is a count of minor units of one currency; 12.34 USD is {1234, "usd"}. Amounts are comparable with ==.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Add returns a + b. The error is ErrCurrencyMismatch or ErrOverflow.
func (a Amount) Add(b Amount) (Amount, error) { return a.combine(b, Add) }

// Sub returns a − b. The error is ErrCurrencyMismatch or ErrOverflow.
func (a Amount) Sub(b Amount) (Amount, error) { return a.combine(b, Sub) }

func (a Amount) combine(b Amount, op func(x, y int64) (int64, error)) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%w: %q and %q", ErrCurrencyMismatch, a.Currency, b.Currency)
	}
	minor, err := op(a.Minor, b.Minor)
	if err != nil {
		return Amount{}, err
	}
	return Amount{Minor: minor, Currency: a.Currency}, nil
}

// Neg returns −a. The error is ErrOverflow for the smallest int64.
func (a Amount) Neg() (Amount, error) {
	minor, err := Neg(a.Minor)
	if err != nil {
		return Amount{}, err
	}
	return Amount{Minor: minor, Currency: a.Currency}, nil
}

// String returns a in major units with the upper-case code, such as "12.34 USD", "-0.05 USD" or "1200 JPY". An amount
// without a currency is its bare count.
func (a Amount) String() string {
	digits, sign := strconv.FormatInt(a.Minor, 10), ""
	if a.Minor < 0 {
		digits, sign = digits[1:], "-"
	}
	if e := a.Currency.Exponent(); e > 0 {
		if short := e + 1 - len(digits); short > 0 {
			digits = strings.Repeat("0", short) + digits
		}
		digits = digits[:len(digits)-e] + "." + digits[len(digits)-e:]
	}
	if a.Currency == "" {
		return sign + digits
	}
	return sign + digits + " " + strings.ToUpper(string(a.Currency))
}

// Add returns a + b, or ErrOverflow.
func Add(a, b int64) (int64, error) {
	sum := a + b
	// The sum is wrong exactly when both operands differ from it in sign.
	if (a^sum)&(b^sum) < 0 {
		return 0, fmt.Errorf("%w: %d + %d", ErrOverflow, a, b)
	}
	return sum, nil
}

// Sub returns a − b, or ErrOverflow.
func Sub(a, b int64) (int64, error) {
	diff := a - b
	if (a^b)&(a^diff) < 0 {
		return 0, fmt.Errorf("%w: %d - %d", ErrOverflow, a, b)
	}
	return diff, nil
}

// Neg returns −a, or ErrOverflow for the smallest int64.
func Neg(a int64) (int64, error) {
	if a == math.MinInt64 {
		return 0, fmt.Errorf("%w: -(%d)", ErrOverflow, a)
	}
	return -a, nil
}
