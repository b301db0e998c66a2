package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/storage"
)

// slice is the part of a conversion that belongs to one key.
type slice struct {
	key   string
	share money.Share
	asked bool // it is of the partner and program that are asked for
}

// slices parts a conversion among those who are credited with it; what nobody is paid
// for belongs to none.
func (t *tally) slices(r ConversionRecord, touches map[string]attribution.Click) []slice {
	if len(r.Credits) == 0 {
		asked := t.query.Partner == "" && is(t.query.Program, r.Conversion.Program)
		return []slice{{t.keyOf(r, attribution.Credit{}, touches), money.WholeShare(), asked}}
	}
	parts := make([]slice, len(r.Credits))
	for i, c := range r.Credits {
		if c.Void != "" {
			c.Partner, c.Program = "", ""
		}
		parts[i] = slice{t.keyOf(r, c, touches), c.Share, is(t.query.Partner, c.Partner) && is(t.query.Program, c.Program)}
	}
	return parts
}

// split divides an amount among slices, to the minor unit.
func split(amount int64, parts []slice) ([]int64, error) {
	if len(parts) == 1 {
		return []int64{amount}, nil
	}
	exact := make([]money.Exact, len(parts))
	for i, p := range parts {
		exact[i] = money.Fixed(amount, p.share)
	}
	return money.Split(exact)
}

func (t *tally) conversion(r ConversionRecord, touches map[string]attribution.Click) error {
	parts := t.slices(r, touches)
	revenue, err := split(r.Amount, parts)
	if err != nil {
		return err
	}
	refunded, err := split(r.Refunded, parts)
	if err != nil {
		return err
	}
	for i, part := range parts {
		if !part.asked {
			continue
		}
		row := t.row(part.key, r.Conversion.Currency)
		if err := addTo(&row.Revenue, revenue[i]); err != nil {
			return err
		}
		if err := addTo(&row.Refunded, refunded[i]); err != nil {
			return err
		}
	}
	t.count(r, parts)
	return t.commissions(r, touches)
}

func addTo(sum *int64, amount int64) (err error) {
	*sum, err = money.Add(*sum, amount)
	return err
}

// count counts a conversion once in each of its slices.
func (t *tally) count(r ConversionRecord, parts []slice) {
	counted := map[string]bool{}
	for _, part := range parts {
		if !part.asked || counted[part.key] {
			continue
		}
		counted[part.key] = true
		row := t.row(part.key, r.Conversion.Currency)
		if r.Conversion.Type == attribution.Signup {
			row.Signups++
			continue
		}
		row.Conversions++
		who := statsCustomer{statsKey{part.key, r.Conversion.Currency}, r.Conversion.CustomerKey()}
		if !t.seen[who] {
			t.seen[who] = true
			row.Customers++
		}
	}
}

// commissions adds what a conversion earned, each where its credit is.
func (t *tally) commissions(r ConversionRecord, touches map[string]attribution.Click) error {
	for _, c := range r.Commissions {
		if !is(t.query.Partner, c.Partner) || !is(t.query.Program, c.Program) {
			continue
		}
		credit := attribution.Credit{Partner: c.Partner, Program: c.Program}
		for _, of := range r.Credits {
			if of.Partner == c.Partner && of.Program == c.Program {
				credit = of
			}
		}
		if err := addTo(&t.row(t.keyOf(r, credit, touches), c.Currency).Commission, c.Amount); err != nil {
			return err
		}
	}
	return nil
}

// ofClick reports whether a key is of the click that a credit comes from.
func (k StatsKey) ofClick() bool {
	return k != ByProgram && k != ByPartner && k != ByCode && !k.ofTime()
}

func (k StatsKey) ofTime() bool { return k == ByDay || k == ByWeek || k == ByMonth }

// keyOf returns the key of a credit of a conversion. What the conversion says itself
// comes before what its click says.
func (t *tally) keyOf(r ConversionRecord, c attribution.Credit, touches map[string]attribution.Click) string {
	switch by := t.query.By; {
	case by.ofTime():
		return t.timeKey(r.Conversion.At)
	case by == ByCode:
		return r.Conversion.PromoCode
	case c.Partner == "":
		return ""
	case by == ByProgram:
		return c.Program
	case by == ByPartner:
		return c.Partner
	}
	click := touches[c.TouchID]
	if r.Conversion.CampaignID != "" {
		click.CampaignID = r.Conversion.CampaignID
	}
	if tag := r.Conversion.Sub[string(t.query.By)]; tag != "" {
		return tag
	}
	if key := t.clickKey(click); key != "" || t.query.By != ByLink {
		return key
	}
	return r.Conversion.Referral
}

// clickKey returns the key of a click.
func (t *tally) clickKey(click attribution.Click) string {
	switch t.query.By {
	case ByProgram:
		return click.Program
	case ByPartner:
		return click.Partner
	case ByCode:
		return ""
	case ByLink:
		return click.Link
	case ByCampaign:
		return click.CampaignID
	case ByReferrer, ByCountry, ByLanding:
		return click.Metadata[string(t.query.By)]
	case ByDay, ByWeek, ByMonth:
		return t.timeKey(click.At)
	default:
		return click.Sub[string(t.query.By)]
	}
}

func (t *tally) timeKey(at time.Time) string {
	at = at.In(t.query.Location)
	switch t.query.By {
	case ByMonth:
		return at.Format("2006-01")
	case ByWeek:
		return at.AddDate(0, 0, -(int(at.Weekday())+6)%7).Format(time.DateOnly)
	default:
		return at.Format(time.DateOnly)
	}
}

// clicks counts the clicks of the period that count for a partner.
func (t *tally) clicks(ctx context.Context) error {
	after, before := storage.Mark{At: normal(t.query.From)}, t.query.To
	if before.IsZero() {
		before = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	for looked := 0; ; {
		page, err := t.e.store.ClicksBefore(ctx, t.e.org, normal(before), after, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		if looked += len(page); looked > statsMost {
			return tooMuch("clicks")
		}
		for _, click := range page {
			after = storage.Mark{At: click.At, ID: click.ID}
			if click.Partner != "" && click.Flag == "" && is(t.query.Partner, click.Partner) && is(t.query.Program, click.Program) {
				t.row(t.clickKey(click), "").Clicks++
			}
		}
	}
}
