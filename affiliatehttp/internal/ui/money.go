package ui

import (
	"strings"

	"github.com/goaffiliate/affiliate/money"
)

// Money writes an amount of minor units as people read it: "$1,234.50",
// "−€3.20", "CHF 10.00". It computes nothing.
func Money(minor int64, c money.Currency) string {
	digits, _, _ := strings.Cut(money.Amount{Minor: minor, Currency: c}.String(), " ")
	sign := ""
	if digits[0] == '-' {
		sign, digits = "−", digits[1:]
	}
	whole, rest, point := strings.Cut(digits, ".")
	text := sign + symbol(c) + Group(whole)
	if point {
		text += "." + rest
	}
	return text
}

// ShortMoney is Money without a fraction of zero, for running text.
func ShortMoney(minor int64, c money.Currency) string { return brief(Money(minor, c)) }

// brief leaves out a fraction of zero.
func brief(text string) string {
	whole, rest, point := strings.Cut(text, ".")
	if point && strings.Trim(rest, "0") == "" {
		return whole
	}
	return text
}

// Group puts commas between thousands of a run of digits.
func Group(digits string) string {
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Plain writes an amount as a number of major units for machines: "-6.67".
func Plain(minor int64, c money.Currency) string {
	digits, _, _ := strings.Cut(money.Amount{Minor: minor, Currency: c}.String(), " ")
	return digits
}

func symbol(c money.Currency) string {
	switch c {
	case "usd":
		return "$"
	case "eur":
		return "€"
	case "gbp":
		return "£"
	case "jpy":
		return "¥"
	case "inr":
		return "₹"
	case "krw":
		return "₩"
	case "cad":
		return "CA$"
	case "aud":
		return "A$"
	case "nzd":
		return "NZ$"
	case "brl":
		return "R$"
	case "":
		return ""
	default:
		return strings.ToUpper(string(c)) + "\u00a0"
	}
}
