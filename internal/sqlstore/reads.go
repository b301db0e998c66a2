package sqlstore

// readTexts are the queries. Those of whole rows select the columns of their
// table; $list and $pairs stand for the dialect's.
type readTexts struct {
	load, listAnchors                                  string
	clicks, touches, identifies, hasIdentify           string
	conversions, conversionsOf, customersSince         string
	factsOf, factsByID, setupSince                     string
	notes, backlog, events                             string
	commissionsOf, commissionsFor, firstPage, nextPage string
	sum, sumAll, lines, payouts, payoutsOf, payout     string
	counts                                             string
}

func newReadTexts(t tables) readTexts {
	const page = ` ORDER BY at DESC, conversion DESC, program DESC, rule DESC, currency DESC LIMIT ?`
	return readTexts{
		load: `WITH want(kind, key) AS MATERIALIZED ($pairs), found AS MATERIALIZED (
			SELECT ` + t.anchors.columns + ` FROM aff_anchors WHERE org = ? AND (kind, key) IN (SELECT kind, key FROM want))
			SELECT * FROM found UNION ALL
			SELECT ` + t.anchors.columns + ` FROM aff_anchors WHERE org = ? AND kind = 'customer'
			AND key IN (SELECT root FROM found WHERE kind = 'customer' AND root <> '')
			AND key NOT IN (SELECT key FROM want WHERE kind = 'customer')`,
		listAnchors: t.anchors.selects(` AND kind = ? AND key > ? ORDER BY key LIMIT ?`),

		clicks: t.clicks.selects(` AND id IN ($list)`),
		touches: t.clicks.selects(` AND visitor IN ($list)`) + ` UNION ALL ` +
			t.clicks.selects(` AND id IN ($list) AND visitor NOT IN ($list)`),
		identifies: t.identifies.selects(` AND visitor IN ($list)`) + ` UNION ALL ` +
			t.identifies.selects(` AND click IN ($list) AND visitor NOT IN ($list)`),
		hasIdentify: `SELECT 1 FROM aff_identifies WHERE org = ? AND key = ?`,

		conversions:   t.conversions.selects(` AND id IN ($list)`),
		conversionsOf: t.conversions.selects(` AND customer IN ($list)`),
		customersSince: `SELECT DISTINCT customer FROM aff_conversions
			WHERE org = ? AND at >= ? AND customer > ? ORDER BY customer LIMIT ?`,

		factsOf:    t.facts.selects(` AND conversion IN ($list)`),
		factsByID:  t.facts.selects(` AND id = ?`),
		setupSince: t.setup.selects(` AND seq > ? ORDER BY seq`),

		notes:   t.notes.selects(` AND kind = ? ORDER BY id LIMIT ?`),
		backlog: `SELECT count(*) FROM aff_notes WHERE org = ?`,
		events:  t.events.selects(` AND id > ? ORDER BY id LIMIT ?`),

		commissionsOf:  t.commissions.selects(` AND partner = ? AND program = ? AND rule = ?`),
		commissionsFor: t.commissions.selects(` AND conversion IN ($list)`),
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
		counts:    t.counts.selects(` AND partner = ?`),
	}
}

// sumOf adds up lines: those that matured at or before a time, and the others.
func sumOf(lines string) string {
	return `SELECT CAST(COALESCE(SUM(CASE WHEN matures_at <= ? THEN amount END), 0) AS BIGINT),
		CAST(COALESCE(SUM(CASE WHEN matures_at > ? THEN amount END), 0) AS BIGINT)
		FROM (` + lines + `) AS line`
}
