package money

import "errors"

// Errors that the functions of this package return; compare with errors.Is.
var (
	// ErrUnknownCurrency reports a code that is not an active ISO 4217 currency.
	ErrUnknownCurrency = errors.New("money: unknown currency")
	// ErrCurrencyMismatch reports arithmetic between two currencies (semantics 1.4).
	ErrCurrencyMismatch = errors.New("money: currencies differ")
	// ErrOverflow reports a result that does not fit an int64 (semantics 1.5).
	ErrOverflow = errors.New("money: overflow")
	// ErrNotDecimal reports a string that is no plain decimal number such as "20" or "12.5".
	ErrNotDecimal = errors.New("money: not a decimal number")
	// ErrNegative reports a value below zero where none may be.
	ErrNegative = errors.New("money: negative")
	// ErrTooManyPlaces reports a rate with more than six decimal places.
	ErrTooManyPlaces = errors.New("money: more than 6 decimal places")
	// ErrTooLarge reports a rate over 100 percent.
	ErrTooLarge = errors.New("money: over 100 percent")
	// ErrNotWhole reports a decimal point where a whole number of minor units belongs.
	ErrNotWhole = errors.New("money: not a whole number")
	// ErrShare reports a share that is no fraction from 0 to 1.
	ErrShare = errors.New("money: share is not between 0 and 1")
	// ErrDenominator reports a ratio whose denominator is zero or negative.
	ErrDenominator = errors.New("money: denominator is not positive")
)
