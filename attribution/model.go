package attribution

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Model says how the touches of a conversion share its credit.
type Model string

// The four models (semantics 3.3).
const (
	LastClick  Model = "last_click"
	FirstClick Model = "first_click"
	Linear     Model = "linear"
	Position   Model = "position"
)

// Valid reports whether m is one of the four models.
func (m Model) Valid() bool {
	switch m {
	case LastClick, FirstClick, Linear, Position:
		return true
	}
	return false
}

// Method is a way to find the partner of a conversion.
type Method string

// The methods. Manual is an explicit partner on the conversion: it comes before
// all others and is not part of a program's order.
const (
	Promo  Method = "promo"
	Clicks Method = "click"
	Match  Method = "match"
	Manual Method = "manual"
)

// Orderable reports whether m may stand in a program's method order.
func (m Method) Orderable() bool { return m == Promo || m == Clicks || m == Match }

// BindingMode says whether a customer stays with the partners of the first
// attributed conversion.
type BindingMode string

// The binding modes (semantics 3.8).
const (
	Sticky        BindingMode = "sticky"
	PerConversion BindingMode = "per_conversion"
)

// Valid reports whether b is a known mode.
func (b BindingMode) Valid() bool { return b == Sticky || b == PerConversion }

// Credit is the share of a conversion that one partner gets on one program.
type Credit struct {
	Partner string      `json:"partner"`
	Program string      `json:"program"`
	Share   money.Share `json:"share"`
	Method  Method      `json:"method"`
	TouchAt time.Time   `json:"touchAt"` // first credited touch: breaks ties in rounding
	TouchID string      `json:"touchId"`
	Void    Reason      `json:"void,omitempty"` // why the share is paid to nobody, if it is

	// Suspect is what is suspect about a click that the credit comes from, if
	// anything is. What the credit earns then starts under review (semantics 3.2).
	Suspect string `json:"suspect,omitempty"`
}

// Binding is what a customer keeps from the first attributed conversion in a
// scope (semantics 3.8).
type Binding struct {
	Credits []Credit  `json:"credits"`
	SetAt   time.Time `json:"setAt"` // time of the conversion that set it
	SetBy   string    `json:"setBy"` // its id
}

// ErrUnknownModel is returned for a model that is not one of the four. No other
// model is assumed in its place: a misspelled one would pay the wrong partners.
var ErrUnknownModel = errors.New("unknown attribution model")

// share divides one conversion among touches in time order by the model, and
// adds up what one partner gets on one program. The credits come in the order
// of their first credited touch.
func share(m Model, touches []Click) ([]Credit, error) {
	if !m.Valid() {
		return nil, fmt.Errorf("%w %q", ErrUnknownModel, m)
	}
	if len(touches) == 0 {
		return nil, nil
	}
	switch m {
	case LastClick:
		touches = touches[len(touches)-1:]
	case FirstClick:
		touches = touches[:1]
	default: // all of them share
	}
	var credits []Credit
	index := map[[2]string]int{}
	for i, t := range touches {
		share, err := weight(m, i, len(touches))
		if err != nil {
			return nil, err
		}
		key := [2]string{t.Partner, t.Program}
		if at, ok := index[key]; ok {
			if credits[at].Share, err = credits[at].Share.Add(share); err != nil {
				return nil, err
			}
			credits[at].Suspect = cmp.Or(credits[at].Suspect, t.Suspect)
			continue
		}
		index[key] = len(credits)
		credits = append(credits, Credit{
			Partner: t.Partner, Program: t.Program, Share: share,
			Method: Clicks, TouchAt: t.At, TouchID: t.ID, Suspect: t.Suspect,
		})
	}
	return credits, nil
}

// weight is the share of touch i of n.
func weight(m Model, i, n int) (money.Share, error) {
	if m != Position || n <= 2 {
		return money.NewShare(1, int64(n))
	}
	if i == 0 || i == n-1 {
		return money.NewShare(2, 5)
	}
	return money.NewShare(1, 5*int64(n-2))
}
