package sqlstore

import "strings"

// One operation loads a few anchors, for which a statement without lists is
// three times as fast.
const (
	fewRefs      = 8
	fewCustomers = 2
)

// readTexts are the queries. Those of whole rows select the columns of their
// table; what begins with $ stands for the dialect's. SQLite joins lists, for it
// would build an index of them each time for IN, and PostgreSQL does not, for it
// would rather read a whole table that is not large.
type readTexts struct {
	loadFew                                            [fewRefs][fewCustomers + 1]string // of so many refs, less one, and customers
	load, listAnchors                                  string
	clicks, clicksBefore                               string
	touches, identifies, identifiesOf, hasIdentify     string
	conversions, conversionsOf                         string
	conversionPage, customersSince, lately             string
	factsOf, factsByID, setupSince                     string
	notes, notesFor, backlog, events                   string
	commissionsOf, commissionsFor, firstPage, nextPage string
	sum, sumAll, lines, payouts, payoutsOf, payout     string
	adjustments, adjustmentPage, adjustmentPageOf      string
	counts                                             string
}

func newReadTexts(d Dialect, t tables) readTexts {
	const rootOf = `SELECT r.kind, r.key, r.version, r.root, r.data FROM aff_anchors a CROSS JOIN aff_anchors r
		WHERE a.org = ? AND a.kind = 'customer' AND a.key = ? AND a.root <> ''
		AND r.org = a.org AND r.kind = 'customer' AND r.key = a.root`
	const page = ` ORDER BY at DESC, conversion DESC, program DESC, rule DESC, currency DESC LIMIT ?`
	const latestFirst = ` AND (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?`
	return readTexts{
		load: d.Each(t.anchors.columns, `aff_anchors`, `org = ? AND kind = first AND key = second`) +
			` UNION ALL ` + d.Each(`r.kind, r.key, r.version, r.root, r.data`, `aff_anchors a CROSS JOIN aff_anchors r`,
			`a.org = ? AND a.kind = first AND a.key = second AND a.kind = 'customer' AND a.root <> ''
			AND r.org = ? AND r.kind = 'customer' AND r.key = a.root`),
		loadFew:     fewAnchors(t.anchors.selects(` AND kind = ? AND key = ?`), rootOf),
		listAnchors: t.anchors.selects(` AND kind = ? AND key > ? ORDER BY key LIMIT ?`),

		clicks:       t.clicks.listed("id"),
		clicksBefore: t.clicks.selects(` AND at < ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?`),
		touches:      t.clicks.named("visitor") + ` UNION ALL ` + t.clicks.listed("id"),
		identifies:   t.identifies.named("visitor") + ` UNION ALL ` + t.identifies.named("click"),
		identifiesOf: t.identifies.listed("customer"),
		hasIdentify:  `SELECT 1 FROM aff_identifies WHERE org = ? AND key = ?`,

		conversions:    t.conversions.listed("id"),
		conversionsOf:  t.conversions.listed("customer"),
		conversionPage: t.conversions.selects(` AND at >= ?` + latestFirst),
		lately:         `SELECT customer FROM aff_conversions WHERE org = ? AND at >= ? ORDER BY at LIMIT ?`,
		customersSince: `SELECT DISTINCT customer FROM aff_conversions
			WHERE org = ? AND at >= ? AND customer > ? ORDER BY customer LIMIT ?`,

		factsOf:    t.facts.listed("conversion"),
		factsByID:  t.facts.selects(` AND id = ? AND id <> ''`),
		setupSince: t.setup.selects(` AND seq > ? ORDER BY seq`),

		notes:    t.notes.selects(` AND kind = ? AND (key, id) > (?, ?) ORDER BY key, id LIMIT ?`),
		notesFor: d.Each(t.notes.columns, `aff_notes`, `org = ? AND kind = first AND key = second`) + ` ORDER BY key, id LIMIT ?`,
		backlog:  `SELECT kind, count(*), min(at) FROM aff_notes WHERE org = ? GROUP BY kind`,
		events:   t.events.selects(` AND id > ? ORDER BY id LIMIT ?`),

		commissionsOf:  t.commissions.selects(` AND partner = ? AND program = ? AND rule = ?`),
		commissionsFor: t.commissions.listed("conversion"),
		firstPage:      t.commissions.selects(` AND partner = ? AND NOT gone` + page),
		nextPage: t.commissions.selects(` AND partner = ? AND NOT gone
			AND (at, conversion, program, rule, currency) < (?, ?, ?, ?, ?)` + page),

		sum: sumOf(`SELECT amount, matures_at FROM aff_ledger
			WHERE org = ? AND partner = ? AND currency = ? AND position > ?
			UNION ALL SELECT amount, matures_at FROM aff_ledger
			WHERE org = ? AND partner = ? AND currency = ? AND matures_at > ? AND position <= ?`),
		sumAll:    sumOf(`SELECT amount, matures_at FROM aff_ledger WHERE org = ? AND partner = ? AND currency = ?`),
		lines:     t.lines.selects(` AND partner = ? AND currency = ? AND position <= ? ORDER BY position`),
		payouts:   t.payouts.selects(` ORDER BY partner, currency, through`),
		payoutsOf: t.payouts.selects(` AND partner = ? ORDER BY currency, through`),
		payout:    t.payouts.selects(` AND id = ?`),

		adjustments:      t.adjustments.listed("id"),
		adjustmentPage:   t.adjustments.selects(latestFirst),
		adjustmentPageOf: t.adjustments.selects(` AND partner = ?` + latestFirst),

		counts: t.counts.selects(` AND partner = ?`),
	}
}

func fewAnchors(one, root string) (texts [fewRefs][fewCustomers + 1]string) {
	for refs := range fewRefs {
		for customers := range fewCustomers + 1 {
			texts[refs][customers] = one + strings.Repeat(` UNION ALL `+one, refs) + strings.Repeat(` UNION ALL `+root, customers)
		}
	}
	return texts
}

// sumOf adds up lines: those that matured at or before a time, and the others.
func sumOf(lines string) string {
	return `SELECT CAST(COALESCE(SUM(CASE WHEN matures_at <= ? THEN amount END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN matures_at > ? THEN amount END), 0) AS BIGINT)
		FROM (` + lines + `) AS line`
}
