package book

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Posted is what was recorded of a payment.
type Posted struct {
	Conversion string                   `json:"conversion,omitempty"` // id
	Object     string                   `json:"object,omitempty"`     // id of what it was recorded from
	Content    Content                  `json:"content,omitzero"`
	Amount     int64                    `json:"amount,omitempty"`
	Revision   int                      `json:"revision,omitempty"`   // conversions before this one, which count nothing any more
	Amendments int                      `json:"amendments,omitempty"` // of the conversion
	Adopted    bool                     `json:"adopted,omitempty"`    // somebody else recorded it
	Refunds    []PostedRefund           `json:"refunds,omitempty"`    // that stand
	Count      int                      `json:"count,omitempty"`      // refunds so far
	Disputes   map[string]PostedDispute `json:"held,omitempty"`       // by id
	Others     []Obsolete               `json:"others,omitempty"`     // recorded before it was known to be the same payment
}

// Content is what of a conversion cannot be changed.
type Content struct {
	At       time.Time `json:"at"`
	Customer string    `json:"customer"`
	Currency string    `json:"currency"`
	Code     string    `json:"code,omitempty"`
	Renewal  bool      `json:"renewal,omitempty"` // the code came with the subscription
	Program  string    `json:"program,omitempty"`
	Referral string    `json:"referral,omitempty"` // referral code that was none of ours
}

// Equal reports whether two contents are the same.
func (c Content) Equal(o Content) bool {
	at := c.At.Equal(o.At)
	c.At, o.At = time.Time{}, time.Time{}
	return at && c == o
}

// PostedRefund is a refund as it was recorded.
type PostedRefund struct {
	ID     string `json:"id"`
	Amount int64  `json:"amount"`
}

// PostedDispute is a dispute as it was recorded last. Once it is decided otherwise
// than it was, it goes on under another id.
type PostedDispute struct {
	ID     string    `json:"id"`
	Status string    `json:"status"`
	Amount int64     `json:"amount"` // commissionable
	At     time.Time `json:"at"`
	Count  int       `json:"count"` // ids so far
}

// Obsolete is a conversion that was recorded of a payment, and has to be amended
// to nothing.
type Obsolete struct {
	Conversion string    `json:"conversion"`
	At         time.Time `json:"at"`
	Amendments int       `json:"amendments,omitempty"`
}

// merge keeps one of two conversions that were recorded of the same payment.
func (p *Posted) merge(o Posted) {
	if o.Conversion == "" {
		return
	}
	a := *p
	if a.Conversion == "" || o.Conversion < a.Conversion {
		a, o = o, a
	}
	others := slices.Concat(a.Others, o.Others)
	if o.Conversion != "" && o.Conversion != a.Conversion {
		others = append(others, o.obsolete())
	}
	slices.SortFunc(others, func(x, y Obsolete) int { return compare(x.Conversion, y.Conversion) })
	a.Others = slices.Compact(others)
	*p = a
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (p Posted) obsolete() Obsolete { return Obsolete{p.Conversion, p.Content.At, p.Amendments} }

// Next starts the posting of a conversion that takes the place of this one. A source
// that is an id of the host's is the id itself, unless it was used before.
func (p *Posted) Next(source string, hosts bool, content Content, amount int64) {
	next := Posted{Conversion: source, Content: content, Amount: amount, Others: p.Others, Revision: p.Revision}
	if p.Conversion != "" {
		if !p.Adopted {
			next.Others = append(next.Others, p.obsolete())
		}
		next.Revision++
		if source == p.Conversion || p.Revision > 0 && (!hosts || strings.HasPrefix(p.Conversion, source+"+")) {
			next.Conversion = fmt.Sprintf("%s+%d", source, next.Revision)
		}
	}
	*p = next
}

// Drop gives up the conversion that was recorded; the host's own stays.
func (p *Posted) Drop() {
	if p.Conversion == "" || p.Adopted {
		return
	}
	*p = Posted{Others: append(p.Others, p.obsolete()), Revision: p.Revision}
}

// Sum is what the refunds that stand come to.
func (p *Posted) Sum() int64 {
	var sum int64
	for _, r := range p.Refunds {
		sum += r.Amount
	}
	return sum
}

// SetDispute notes a dispute as recorded.
func (p *Posted) SetDispute(id string, d PostedDispute) {
	p.Disputes = maps.Clone(p.Disputes)
	if p.Disputes == nil {
		p.Disputes = map[string]PostedDispute{}
	}
	p.Disputes[id] = d
}

// Disputed is what the disputes that were recorded and not won hold or took of the
// amount, at most all of it.
func (p *Posted) Disputed() int64 {
	var sum int64
	for _, d := range p.Disputes {
		if d.Status != "won" {
			sum += min(d.Amount, p.Amount-sum)
		}
	}
	return sum
}
