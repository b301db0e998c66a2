package money

import (
	"fmt"
	"strings"
)

// Currency is a lower-case ISO 4217 code such as "usd". The zero value is no currency.
type Currency string

// ParseCurrency returns the currency that s names in any letter case. It trims nothing. The error is ErrUnknownCurrency for
// everything that is not in the table, the codes without minor units (gold, special drawing rights, tests) included.
func ParseCurrency(s string) (Currency, error) {
	if c := Currency(s); c.Valid() {
		return c, nil
	}
	// Length first: lower-casing beyond ASCII may yield ASCII letters.
	if len(s) == 3 {
		if c := Currency(strings.ToLower(s)); c.Valid() {
			return c, nil
		}
	}
	return "", fmt.Errorf("%w %q", ErrUnknownCurrency, s)
}

// Valid reports whether c is in the table and in lower case.
func (c Currency) Valid() bool {
	_, ok := exponent(c)
	return ok
}

// Exponent returns how many decimal digits the minor unit has: 2 for usd, 0 for jpy, 3 for kwd. It is 0 for a code that is
// not valid.
func (c Currency) Exponent() int {
	e, _ := exponent(c)
	return e
}

// exponent is the ISO 4217 table (list one) of everything that has a minor unit. The table is ours because the lists in
// common libraries follow CLDR, which drops digits that are not used in cash (isk aside, ISO gives huf, irr or lbp two).
// ang and bgn were withdrawn in 2025 and 2026 and stay, so that facts from before can be read.
func exponent(c Currency) (digits int, ok bool) {
	switch c {
	case "bif", "clp", "djf", "gnf", "isk", "jpy", "kmf", "krw", "pyg", "rwf", "ugx", "uyi", "vnd", "vuv", "xaf", "xof",
		"xpf":
		return 0, true
	case "bhd", "iqd", "jod", "kwd", "lyd", "omr", "tnd":
		return 3, true
	case "clf", "uyw":
		return 4, true
	case "aed", "afn", "all", "amd", "ang", "aoa", "ars", "aud", "awg", "azn", "bam", "bbd", "bdt", "bgn", "bmd", "bnd",
		"bob", "bov", "brl", "bsd", "btn", "bwp", "byn", "bzd", "cad", "cdf", "che", "chf", "chw", "cny", "cop", "cou",
		"crc", "cup", "cve", "czk", "dkk", "dop", "dzd", "egp", "ern", "etb", "eur", "fjd", "fkp", "gbp", "gel", "ghs",
		"gip", "gmd", "gtq", "gyd", "hkd", "hnl", "htg", "huf", "idr", "ils", "inr", "irr", "jmd", "kes", "kgs", "khr",
		"kpw", "kyd", "kzt", "lak", "lbp", "lkr", "lrd", "lsl", "mad", "mdl", "mga", "mkd", "mmk", "mnt", "mop", "mru",
		"mur", "mvr", "mwk", "mxn", "mxv", "myr", "mzn", "nad", "ngn", "nio", "nok", "npr", "nzd", "pab", "pen", "pgk",
		"php", "pkr", "pln", "qar", "ron", "rsd", "rub", "sar", "sbd", "scr", "sdg", "sek", "sgd", "shp", "sle", "sos",
		"srd", "ssp", "stn", "svc", "syp", "szl", "thb", "tjs", "tmt", "top", "try", "ttd", "twd", "tzs", "uah", "usd",
		"usn", "uyu", "uzs", "ved", "ves", "wst", "xad", "xcd", "xcg", "yer", "zar", "zmw", "zwg":
		return 2, true
	}
	return 0, false
}
