package affiliate

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// ConversionFilter says which conversions to list. What is left out does not matter.
type ConversionFilter struct {
	From, To time.Time // from From on, before To

	Program    string             // of a credit, or named by the conversion
	Partner    string             // of a credit
	Customer   string             // any id of the customer
	Type       string             // event type
	Code       string             // promo code, in any case
	Attributed *bool              // whether anybody is paid for it
	Reason     attribution.Reason // why nobody is
	Text       string             // part of the conversion's id or of the customer's, in any case
}

// ConversionRecord is a conversion with what became of it.
type ConversionRecord struct {
	Conversion  attribution.Conversion `json:"conversion"`
	Amount      int64                  `json:"amount"`   // minor units, as amended
	Refunded    int64                  `json:"refunded"` // minor units, disputes that are open or lost included
	Attributed  bool                   `json:"attributed"`
	Reason      attribution.Reason     `json:"reason,omitempty"` // why not, or no_rule
	Credits     []attribution.Credit   `json:"credits"`
	Commissions []Commission           `json:"commissions"` // tiers as settled
}

// ConversionList is a page of conversions. Next is where the next one begins; zero:
// there is none. A page may have fewer conversions than were asked for, also none, and
// still have a next one: it looks at 2,000.
type ConversionList struct {
	Items []ConversionRecord `json:"items"`
	Next  storage.Mark       `json:"next"`
	Settled
}

const (
	recordPage = 200  // conversions that are read together
	recordScan = 2000 // conversions that one page looks at
)

// Conversions lists conversions, latest first, after a mark. Limit is at most 500; 0
// means 50.
func (e *Engine) Conversions(ctx context.Context, filter ConversionFilter, after storage.Mark, limit int) (ConversionList, error) {
	list := ConversionList{Items: []ConversionRecord{}}
	limit = pageLimit(limit)
	s := &scan{e: e, filter: filter}
	next, err := s.each(ctx, after, func(record ConversionRecord) bool {
		list.Items = append(list.Items, record)
		return len(list.Items) < limit
	})
	list.Next, list.Settled = next, s.settled
	return list, wrap("conversions", err)
}

// CommissionFilter says which commissions to list. What is left out does not matter.
type CommissionFilter struct {
	From, To time.Time // of the conversion: from From on, before To

	Program, Partner, Rule string
	Status                 commission.Status
}

// CommissionList is a page of commissions. Next is as in a ConversionList.
type CommissionList struct {
	Items []Commission `json:"items"`
	Next  storage.Mark `json:"next"` // in the order of conversions
	Settled
}

// ListCommissions lists commissions of all partners, latest conversion first, after a
// mark. Limit is at most 500, 0 means 50; what one conversion earned is on one page.
func (e *Engine) ListCommissions(ctx context.Context, filter CommissionFilter, after storage.Mark, limit int) (CommissionList, error) {
	list := CommissionList{Items: []Commission{}}
	limit = pageLimit(limit)
	s := &scan{e: e, filter: ConversionFilter{From: filter.From, To: filter.To, Partner: filter.Partner}}
	next, err := s.each(ctx, after, func(record ConversionRecord) bool {
		for _, c := range record.Commissions {
			if filter.keeps(c) {
				list.Items = append(list.Items, c)
			}
		}
		return len(list.Items) < limit
	})
	list.Next, list.Settled = next, s.settled
	return list, wrap("list commissions", err)
}

func (f CommissionFilter) keeps(c Commission) bool {
	return is(f.Program, c.Program) && is(f.Partner, c.Partner) && is(f.Rule, c.Rule) && is(string(f.Status), string(c.Status))
}

// is reports whether a value is the wanted one, if one is wanted.
func is(wanted, value string) bool { return wanted == "" || wanted == value }

func pageLimit(limit int) int {
	if limit <= 0 {
		return 50
	}
	return min(limit, pageSize)
}

// scan walks through conversions from the latest to the earliest.
type scan struct {
	e       *Engine
	filter  ConversionFilter
	settled Settled
	most    int // conversions that it looks at; 0: recordScan
}

// each hands over the conversions that pass, until the function has enough or the scan
// has looked at its most. It returns where to go on; zero: nowhere.
func (s *scan) each(ctx context.Context, after storage.Mark, take func(ConversionRecord) bool) (next storage.Mark, err error) {
	if after == (storage.Mark{}) && !s.filter.To.IsZero() {
		after.At = normal(s.filter.To)
	}
	if s.most == 0 {
		s.most = recordScan
	}
	for looked := 0; ; {
		u := newUnit(ctx, s.e, s.e.now())
		page, full, err := s.page(u, after)
		if err != nil {
			return next, err
		}
		if looked == 0 {
			if s.settled, err = u.settledPast(); err != nil {
				return next, err
			}
		}
		records, err := u.records(page)
		if err != nil {
			return next, err
		}
		for i, record := range records {
			looked++
			after = storage.Mark{At: record.Conversion.At, ID: record.Conversion.ID}
			enough := s.filter.keeps(record) && !take(record)
			if more := full || i < len(records)-1; (enough || looked >= s.most) && more {
				return after, nil
			} else if enough {
				return next, nil
			}
		}
		if !full {
			return next, nil
		}
	}
}

// page reads the next conversions, and whether there may be more.
func (s *scan) page(u *unit, after storage.Mark) (page []attribution.Conversion, full bool, err error) {
	if s.filter.Customer == "" {
		page, err = u.e.store.ConversionPage(u.ctx, u.e.org, s.filter.From, after, recordPage)
		return page, len(page) == recordPage, err
	}
	if err := u.load(customerRef(s.filter.Customer)); err != nil {
		return nil, false, err
	}
	who, err := u.customer(s.filter.Customer)
	if err != nil {
		return nil, false, err
	}
	if page, err = u.conversionsOf(who); err != nil {
		return nil, false, err
	}
	page = slices.DeleteFunc(page, func(c attribution.Conversion) bool {
		return c.At.Before(s.filter.From) || after != (storage.Mark{}) && !attribution.Before(c.At, c.ID, after.At, after.ID)
	})
	slices.SortFunc(page, func(a, b attribution.Conversion) int {
		if attribution.Before(a.At, a.ID, b.At, b.ID) {
			return 1
		}
		return -1
	})
	return page[:min(len(page), recordPage)], len(page) > recordPage, nil
}

func (f ConversionFilter) keeps(r ConversionRecord) bool {
	credited := func(of func(attribution.Credit) string, wanted string) bool {
		return wanted == "" || slices.ContainsFunc(r.Credits, func(c attribution.Credit) bool { return of(c) == wanted })
	}
	contains := func(text string) bool { return strings.Contains(strings.ToLower(text), strings.ToLower(f.Text)) }
	return is(f.Type, r.Conversion.Type) && (f.Attributed == nil || *f.Attributed == r.Attributed) && is(string(f.Reason), string(r.Reason)) &&
		(f.Code == "" || strings.EqualFold(f.Code, r.Conversion.PromoCode)) &&
		credited(func(c attribution.Credit) string { return c.Partner }, f.Partner) &&
		(f.Program == r.Conversion.Program || credited(func(c attribution.Credit) string { return c.Program }, f.Program)) &&
		(contains(r.Conversion.ID) || contains(r.Conversion.Customer))
}

// settledPast says since when late facts or configuration changes wait.
func (u *unit) settledPast() (Settled, error) {
	if err := u.load(); err != nil {
		return Settled{}, err
	}
	b := newBooks(u)
	b.settled.AsOf = u.now
	keys, since, all, err := b.waiting()
	if err == nil && (len(keys) > 0 || !all) {
		b.settled.lacks(since)
	}
	return b.settled, err
}

// records returns what became of conversions.
func (u *unit) records(page []attribution.Conversion) ([]ConversionRecord, error) {
	ids, refs := make([]string, len(page)), make([]storage.Ref, len(page))
	for i, c := range page {
		ids[i], refs[i] = c.ID, conversionRef(c.ID)
	}
	if err := u.load(refs...); err != nil || len(page) == 0 {
		return nil, err
	}
	facts, err := u.facts(ids)
	if err != nil {
		return nil, err
	}
	settled, err := u.e.store.CommissionsFor(u.ctx, u.e.org, ids)
	if err != nil {
		return nil, err
	}
	rows := map[string][]storage.Commission{}
	for _, row := range settled {
		rows[row.Conversion] = append(rows[row.Conversion], row)
	}
	records := make([]ConversionRecord, len(page))
	for i, c := range page {
		var doc conversionDoc
		if err := u.read(refs[i], &doc); err != nil {
			return nil, err
		}
		result, err := u.standingFrom(c.ID, doc, rows[c.ID])
		if err != nil {
			return nil, err
		}
		if attribution.IsErased(c.Customer) {
			c.Customer = ""
		}
		records[i] = ConversionRecord{
			Conversion: c, Attributed: result.Attributed, Reason: result.Reason, Credits: result.Credits, Commissions: result.Commissions,
		}
		records[i].Amount, records[i].Refunded = commission.Refunded(c.Amount, facts[c.ID])
	}
	return records, nil
}

// payoutsFor returns a partner's payouts, which are read once.
func (u *unit) payoutsFor(partner string) ([]payout.Payout, error) {
	if list, ok := u.payouts[partner]; ok {
		return list, nil
	}
	list, err := u.e.store.Payouts(u.ctx, u.e.org, partner)
	if u.payouts == nil {
		u.payouts = map[string][]payout.Payout{}
	}
	u.payouts[partner] = list
	return list, err
}
