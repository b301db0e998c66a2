package affiliate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// StatsKey is what statistics are sliced by.
type StatsKey string

// What statistics are sliced by, beside ByTag.
const (
	ByDay      StatsKey = "day"   // 2026-03-13
	ByWeek     StatsKey = "week"  // its Monday
	ByMonth    StatsKey = "month" // 2026-03
	ByProgram  StatsKey = "program"
	ByPartner  StatsKey = "partner"
	ByLink     StatsKey = "link"
	ByCode     StatsKey = "code"
	ByCampaign StatsKey = "campaign"
	ByReferrer StatsKey = "referrer" // the site that linked here
	ByCountry  StatsKey = "country"  // of the click, where the host records it in its metadata
	ByLanding  StatsKey = "landing"  // likewise
)

// ByTag slices by a sub id, such as sub1.
func ByTag(name string) StatsKey { return StatsKey(name) }

func (k StatsKey) valid() bool {
	return slices.Contains([]StatsKey{ByDay, ByWeek, ByMonth, ByProgram, ByPartner, ByLink, ByCode, ByCampaign, ByReferrer, ByCountry, ByLanding}, k) ||
		strings.HasPrefix(string(k), "sub")
}

// StatsQuery asks for statistics of a period.
type StatsQuery struct {
	From, To time.Time      // of clicks and conversions: from From on, before To; zero: no bound
	By       StatsKey       // default: ByDay
	Location *time.Location // of days, weeks and months; default: UTC
	Partner  string         // of this partner alone; empty: all
	Program  string         // on this program alone; empty: all
}

// StatsRow is one slice in one currency. Amounts are in minor units.
type StatsRow struct {
	Key         string         `json:"key"` // "" is what belongs to none: what was not attributed, or lacks what is asked by
	Currency    money.Currency `json:"currency,omitempty"`
	Clicks      int64          `json:"clicks"`      // that count, in the first row of the key; not those that were purged
	Signups     int64          `json:"signups"`     // conversions of type signup
	Customers   int64          `json:"customers"`   // with any other conversion
	Conversions int64          `json:"conversions"` // all but sign-ups; of several slices where they are shared
	Revenue     int64          `json:"revenue"`     // as amended; what is shared is split to the cent
	Refunded    int64          `json:"refunded"`    // likewise
	Commission  int64          `json:"commission"`  // net, tiers as settled
}

// Stats are the rows of some statistics, by key and currency.
type Stats struct {
	Items []StatsRow `json:"items"`
	Settled
}

// statsMost is how many conversions, and how many clicks, one call looks at.
const statsMost = 100_000

// Stats counts what clicks led to. Of all slices together revenue, refunds and commissions
// are those of the period, whatever they are sliced by, and commissions over all time are
// the ledger's but for adjustments. It returns ErrInvalidInput for a key that is none, and
// for a period with more than 100,000 clicks or conversions.
func (e *Engine) Stats(ctx context.Context, query StatsQuery) (Stats, error) {
	query.By = cmp.Or(query.By, ByDay)
	if query.Location == nil {
		query.Location = time.UTC
	}
	if !query.By.valid() {
		return Stats{}, wrap("stats", invalid("by", "is not a key of statistics"))
	}
	t := &tally{e: e, query: query, rows: map[statsKey]*StatsRow{}, seen: map[statsCustomer]bool{}}
	stats, err := t.run(ctx)
	return stats, wrap("stats", err)
}

type statsKey struct {
	key      string
	currency money.Currency
}

type statsCustomer struct {
	statsKey
	customer string
}

// tally adds up statistics.
type tally struct {
	e     *Engine
	query StatsQuery
	rows  map[statsKey]*StatsRow
	seen  map[statsCustomer]bool
}

func (t *tally) run(ctx context.Context) (Stats, error) {
	s := &scan{e: t.e, most: statsMost, filter: ConversionFilter{From: t.query.From, To: t.query.To}}
	var failed error
	var batch []ConversionRecord
	flush := func() {
		if failed == nil {
			failed = t.add(ctx, batch)
		}
		batch = batch[:0]
	}
	next, err := s.each(ctx, storage.Mark{}, func(record ConversionRecord) bool {
		if batch = append(batch, record); len(batch) == recordPage {
			flush()
		}
		return failed == nil
	})
	flush()
	if err := cmp.Or(err, failed); err != nil {
		return Stats{}, err
	}
	if next != (storage.Mark{}) {
		return Stats{}, tooMuch("conversions")
	}
	if err := t.clicks(ctx); err != nil {
		return Stats{}, err
	}
	return Stats{Items: t.sorted(), Settled: s.settled}, nil
}

// sorted returns the rows in order. Clicks are in the first row of their key.
func (t *tally) sorted() []StatsRow {
	rows := make([]StatsRow, 0, len(t.rows))
	for _, row := range t.rows {
		rows = append(rows, *row)
	}
	slices.SortFunc(rows, func(a, b StatsRow) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Currency, b.Currency))
	})
	for i := len(rows) - 2; i >= 0; i-- {
		if rows[i].Currency == "" && rows[i+1].Key == rows[i].Key {
			rows[i+1].Clicks += rows[i].Clicks
			rows = slices.Delete(rows, i, i+1)
		}
	}
	return rows
}

func tooMuch(what string) error {
	return invalid("from", fmt.Sprintf("there are more than %d %s from then on; ask for a shorter period", statsMost, what))
}

func (t *tally) row(key string, currency money.Currency) *StatsRow {
	at := statsKey{key, currency}
	if t.rows[at] == nil {
		t.rows[at] = &StatsRow{Key: key, Currency: currency}
	}
	return t.rows[at]
}

// add counts conversions. The clicks that credits come from say the rest.
func (t *tally) add(ctx context.Context, records []ConversionRecord) error {
	touches := map[string]attribution.Click{}
	if t.query.By.ofClick() {
		var ids []string
		for _, r := range records {
			for _, c := range r.Credits {
				ids = append(ids, c.TouchID)
			}
		}
		clicks, err := t.e.store.Clicks(ctx, t.e.org, ids)
		if err != nil {
			return err
		}
		for _, click := range clicks {
			touches[click.ID] = click
		}
	}
	for _, r := range records {
		if err := t.conversion(r, touches); err != nil {
			return err
		}
	}
	return nil
}
