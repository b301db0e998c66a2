// Package calendar holds the calendar arithmetic of semantics 1.6: adding months to an anchor, and the day, week, month,
// quarter or year around an instant, in an IANA time zone.
//
// What lives here: pure functions of instants and zones. What may not: clocks, cadences and cut-offs (package payout), rules
// that know what is counted in a period (package commission).
//
// A local time that a clock change skips or repeats means what time.Date makes of it, everywhere. A nil location is UTC.
package calendar
