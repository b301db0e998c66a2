package money

import "errors"

// Errors that the functions of this package return; compare with errors.Is.
var (
	// ErrUnknownCurrency reports a code that is not an active ISO 4217 currency.
	ErrUnknownCurrency = errors.New("unknown currency")
	// ErrCurrencyMismatch reports arithmetic between two currencies (semantics 1.4).
	ErrCurrencyMismatch = errors.New("currencies differ")
	// ErrOverflow reports a result that does not fit an int64 (semantics 1.5).
	ErrOverflow = errors.New("the amount does not fit into 64 bits")
	// ErrNotDecimal reports a string that is no plain decimal number such as "20" or "12.5".
	ErrNotDecimal = errors.New("not a decimal number")
	// ErrNegative reports a value below zero where none may be.
	ErrNegative = errors.New("negative")
	// ErrTooManyPlaces reports a rate with more than six decimal places.
	ErrTooManyPlaces = errors.New("more than 6 decimal places")
	// ErrTooLarge reports a rate over 100 percent.
	ErrTooLarge = errors.New("over 100 percent")
	// ErrNotWhole reports a decimal point where a whole number of minor units belongs.
	ErrNotWhole = errors.New("not a whole number")
	// ErrShare reports a share that is no fraction from 0 to 1.
	ErrShare = errors.New("share is not between 0 and 1")
	// ErrDenominator reports a ratio whose denominator is zero or negative.
	ErrDenominator = errors.New("denominator is not positive")
)
