package sqlstore

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// tables describes all tables of a store.
type tables struct {
	anchors     table[storage.Anchor]
	clicks      table[attribution.Click]
	identifies  table[storage.Identify]
	conversions table[attribution.Conversion]
	facts       table[commission.Fact]
	setup       table[program.Change]
	entries     table[commission.Entry]
	notes       table[storage.Note]
	commissions table[storage.Commission]
	lines       table[storage.LedgerLine]
	payouts     table[payout.Payout]
	adjustments table[payout.Adjustment]
	counts      table[storage.ClickCount]
	events      table[storage.Event]
}

const claim = "DO NOTHING" // and fewer rows are affected

// samePayout writes over a payout. Another one with its id, or of its cut-off,
// is not touched: fewer rows are affected, or an error is returned.
const samePayout = `(org, id) DO UPDATE SET through = excluded.through, amount = excluded.amount,
	issued_at = excluded.issued_at, status = excluded.status, returned = excluded.returned, moves = excluded.moves
	WHERE aff_payouts.partner = excluded.partner AND aff_payouts.currency = excluded.currency
	AND aff_payouts.cutoff = excluded.cutoff $else`

func newTables() tables {
	return tables{
		anchors: describe("aff_anchors", "kind, key, version, root, data", claim, anchorFields),
		clicks: describe("aff_clicks",
			"id, at, partner, program, link, visitor, campaign, flag, suspect, sub, metadata", claim, clickFields),
		identifies: describe("aff_identifies", "key, at, customer, visitor, click, email, alias", claim, identifyFields),
		conversions: describe("aff_conversions",
			"id, type, customer, at, amount, currency, program, promo_code, referral, click, partner, campaign, sub, metadata, renewal",
			claim, conversionFields),
		facts: describe("aff_facts",
			"key, kind, id, conversion, at, amount, everything, status, partner, program, rule, reason, actor", claim, factFields),
		setup: describe("aff_setup", "seq, at, kind, program, partner, key, data", claim, setupFields),
		entries: describe("aff_entries",
			"id, conversion, partner, program, rule, component, cause, amount, currency, at, matures_at, posted_at",
			claim, entryFields),
		notes: describe("aff_notes", "id, kind, key, at, data", claim, noteFields),
		commissions: describe("aff_commissions",
			"partner, program, rule, conversion, currency, at, matures_at, revision, gone, net, data",
			update("partner, program, rule, conversion, currency",
				"at", "matures_at", "revision", "gone", "net", "data"), commissionFields),
		lines: describe("aff_ledger",
			"partner, currency, position, entry, kind, conversion, program, rule, adjustment, reason, amount, matures_at, at", claim, lineFields),
		payouts: describe("aff_payouts",
			"id, partner, currency, cutoff, through, amount, issued_at, status, returned, moves", samePayout, payoutFields),
		adjustments: describe("aff_adjustments", "id, partner, currency, amount, reason, actor, at", claim, adjustmentFields),
		counts: describe("aff_click_counts", "partner, program, link, day, clicks",
			"(org, partner, program, link, day) DO UPDATE SET clicks = aff_click_counts.clicks + excluded.clicks", countFields),
		events: describe("aff_events", "id, type, at, data", claim, eventFields),
	}
}

func anchorFields(_ Dialect, a *storage.Anchor) []any {
	return []any{&a.Kind, &a.Key, &a.Version, &a.Root, &a.Data}
}

func clickFields(d Dialect, c *attribution.Click) []any {
	return []any{
		&c.ID, d.Time(&c.At), &c.Partner, &c.Program, &c.Link, &c.Visitor, &c.CampaignID, &c.Flag, &c.Suspect,
		jsonField{&c.Sub},
		jsonField{&c.Metadata},
	}
}

func identifyFields(d Dialect, i *storage.Identify) []any {
	return []any{&i.Key, d.Time(&i.At), &i.Customer, &i.Visitor, &i.Click, &i.Email, &i.Alias}
}

func conversionFields(d Dialect, c *attribution.Conversion) []any {
	return []any{
		&c.ID, &c.Type,
		customerField{c},
		d.Time(&c.At), &c.Amount, &c.Currency, &c.Program, &c.PromoCode, &c.Referral,
		&c.Click, &c.Partner, &c.CampaignID,
		jsonField{&c.Sub},
		jsonField{&c.Metadata},
		&c.Renewal,
	}
}

func factFields(d Dialect, f *commission.Fact) []any {
	return []any{
		derivedField(f.Key()), &f.Kind, &f.ID, &f.Conversion, d.Time(&f.At), &f.Amount, &f.All, &f.Status, &f.Partner,
		&f.Program, &f.Rule, &f.Reason, &f.By,
	}
}

// setupFields: data is the whole change; the columns beside it are what one
// looks for.
func setupFields(d Dialect, c *program.Change) []any {
	return []any{&c.Seq, d.Time(&c.At), &c.Kind, &c.Program, &c.Partner, &c.Key, jsonField{c}}
}

func entryFields(d Dialect, e *commission.Entry) []any {
	return []any{
		&e.ID, &e.Conversion, &e.Partner, &e.Program, &e.Rule, &e.Component, &e.Cause, &e.Amount, &e.Currency,
		d.Time(&e.At), d.Time(&e.MaturesAt), d.Time(&e.PostedAt),
	}
}

func noteFields(d Dialect, n *storage.Note) []any {
	return []any{&n.ID, &n.Kind, &n.Key, d.Time(&n.At), &n.Data}
}

// commissionFields: data is the whole line and what settlement keeps with it;
// the columns beside it are what one looks for.
func commissionFields(d Dialect, c *storage.Commission) []any {
	return []any{
		&c.Partner, &c.Program, &c.Rule, &c.Conversion, &c.Currency, d.Time(&c.At), d.Time(&c.MaturesAt), &c.Revision,
		&c.Gone, &c.Net,
		jsonField{&struct {
			Line   *commission.Commission `json:"line"`
			Tier   *commission.Tier       `json:"tier"`
			Posted *[]commission.Posted   `json:"posted"`
			Places *[]payout.Place        `json:"places"`
		}{&c.Commission, &c.Tier, &c.TierPosted, &c.Places}},
	}
}

func lineFields(d Dialect, l *storage.LedgerLine) []any {
	return []any{
		&l.Partner, &l.Currency, &l.Position, &l.EntryID, &l.Kind, &l.Conversion, &l.Program, &l.Rule,
		&l.Adjustment, &l.Reason, &l.Amount,
		d.Time(&l.MaturesAt), d.Time(&l.At),
	}
}

func payoutFields(d Dialect, p *payout.Payout) []any {
	return []any{
		&p.ID, &p.Partner, &p.Currency, d.Time(&p.Cutoff), &p.Through, &p.Amount, d.Time(&p.IssuedAt), &p.Status,
		&p.Returned,
		jsonField{&p.Moves},
	}
}

func adjustmentFields(d Dialect, a *payout.Adjustment) []any {
	return []any{&a.ID, &a.Partner, &a.Currency, &a.Amount, &a.Reason, &a.By, d.Time(&a.At)}
}

func countFields(d Dialect, c *storage.ClickCount) []any {
	return []any{&c.Partner, &c.Program, &c.Link, d.Time(&c.Day), &c.Clicks}
}

// eventFields: data is text, for people and their tools.
func eventFields(d Dialect, e *storage.Event) []any {
	return []any{&e.ID, &e.Type, d.Time(&e.At), textField{&e.Data}}
}
