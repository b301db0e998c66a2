package money

import (
	"fmt"
	"strconv"
	"strings"
)

// Rate is a percentage in millionths of a percent: 20 % is 20_000_000. It is never below 0 or over 100 %.
type Rate int64

const (
	ratePlaces = 6
	onePercent = 1_000_000
	// wholeRate is 100 %, which is also what a rate is divided by to become a factor.
	wholeRate = 100 * onePercent
)

// ParseRate returns the rate that a plain decimal string such as "20" or "12.5" gives in percent, from 0 to 100 with at most
// six decimal places (trailing zeros count as places). The error is ErrNotDecimal (also for signs other than '-', exponents
// and spaces), ErrNegative, ErrTooManyPlaces or ErrTooLarge.
func ParseRate(s string) (Rate, error) {
	whole, places, err := splitDecimal(s)
	if err != nil {
		return 0, err
	}
	if len(places) > ratePlaces {
		return 0, fmt.Errorf("%w: %q", ErrTooManyPlaces, s)
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > 3 {
		return 0, fmt.Errorf("%w: %q", ErrTooLarge, s)
	}
	// At most nine digits: neither an error nor an overflow is possible.
	n, _ := strconv.ParseInt("0"+whole+places+strings.Repeat("0", ratePlaces-len(places)), 10, 64)
	if n > wholeRate {
		return 0, fmt.Errorf("%w: %q", ErrTooLarge, s)
	}
	return Rate(n), nil
}

// String returns the shortest decimal that ParseRate reads back, such as "12.5".
func (r Rate) String() string {
	n, sign := int64(r), ""
	if n < 0 {
		sign = "-"
	}
	whole, places := n/onePercent, n%onePercent
	if places == 0 {
		return strconv.FormatInt(whole, 10)
	}
	return sign + strings.TrimRight(fmt.Sprintf("%d.%06d", max(whole, -whole), max(places, -places)), "0")
}

// ParseWhole returns the count of minor units that a string of digits such as "5000" gives. The error is ErrNotDecimal,
// ErrNegative, ErrNotWhole (any decimal point, "5000.0" too) or ErrOverflow.
func ParseWhole(s string) (int64, error) {
	whole, places, err := splitDecimal(s)
	if err != nil {
		return 0, err
	}
	if places != "" {
		return 0, fmt.Errorf("%w: %q", ErrNotWhole, s)
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrOverflow, s)
	}
	return n, nil
}

// splitDecimal returns the digits before and after the point of a plain decimal; places is empty without a point. It is
// stricter than a decimal library: what it accepts has one spelling per number of places, so that terms compare as text.
func splitDecimal(s string) (whole, places string, err error) {
	body, negative := strings.CutPrefix(s, "-")
	whole, places, point := strings.Cut(body, ".")
	if !isDigits(whole) || point && !isDigits(places) {
		return "", "", fmt.Errorf("%w: %q", ErrNotDecimal, s)
	}
	if negative {
		return "", "", fmt.Errorf("%w: %q", ErrNegative, s)
	}
	return whole, places, nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
