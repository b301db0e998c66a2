package attribution

import (
	"slices"
	"strings"
)

// Stitching knows whose click is whose, from the identifies that name the
// visitors and clicks in question (semantics 3.1).
type Stitching struct {
	named    map[string][]string   // click id -> customers whose identify names it
	visitors map[string][]Identify // visitor -> its identifies by (at, customer)
}

// NewStitching indexes identifies. Order and repetition do not matter.
func NewStitching(identifies []Identify) Stitching {
	s := Stitching{named: map[string][]string{}, visitors: map[string][]Identify{}}
	for _, in := range identifies {
		if in.Click != "" && !slices.Contains(s.named[in.Click], in.Customer) {
			s.named[in.Click] = append(s.named[in.Click], in.Customer)
		}
		if in.Visitor != "" {
			s.visitors[in.Visitor] = append(s.visitors[in.Visitor], in)
		}
	}
	for _, list := range s.visitors {
		slices.SortFunc(list, func(a, b Identify) int {
			if c := a.At.Compare(b.At); c != 0 {
				return c
			}
			return strings.Compare(a.Customer, b.Customer)
		})
	}
	return s
}

// Owners returns the customers a click belongs to, in byte order. A click that
// identifies name belongs to all of them; any other belongs to the customer of
// its visitor's latest identify at or before it, else of the first one after.
func (s Stitching) Owners(c Click) []string {
	if named := s.named[c.ID]; len(named) > 0 {
		owners := slices.Clone(named)
		slices.Sort(owners)
		return owners
	}
	list := s.visitors[c.Visitor]
	if c.Visitor == "" || len(list) == 0 {
		return nil
	}
	owner := list[0].Customer
	for _, in := range list {
		if in.At.After(c.At) {
			break
		}
		owner = in.Customer
	}
	return []string{owner}
}

// SortClicks puts clicks into time order, ties by id.
func SortClicks(clicks []Click) {
	slices.SortFunc(clicks, func(a, b Click) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}
