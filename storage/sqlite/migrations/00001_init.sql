-- Times are microseconds since 1970, amounts minor units of their currency.
-- Keys of what conversions and clicks write grow at their end; only what
-- settlement writes is ordered by partner.

-- +goose Up
CREATE TABLE aff_anchors (
	org     TEXT    NOT NULL,
	kind    TEXT    NOT NULL,
	key     TEXT    NOT NULL,
	version INTEGER NOT NULL,
	root    TEXT    NOT NULL,
	data    BLOB,
	PRIMARY KEY (org, kind, key)
);

CREATE TABLE aff_clicks (
	org      TEXT    NOT NULL,
	id       TEXT    NOT NULL,
	at       INTEGER NOT NULL,
	partner  TEXT    NOT NULL,
	program  TEXT    NOT NULL,
	link     TEXT    NOT NULL,
	visitor  TEXT    NOT NULL,
	campaign TEXT    NOT NULL,
	flag     TEXT    NOT NULL,
	suspect  TEXT    NOT NULL,
	sub      TEXT, -- JSON
	metadata TEXT, -- JSON
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_clicks_visitor ON aff_clicks (org, visitor, at) WHERE visitor <> '';
CREATE INDEX aff_clicks_at ON aff_clicks (org, at, id);

CREATE TABLE aff_identifies (
	org      TEXT    NOT NULL,
	key      TEXT    NOT NULL,
	at       INTEGER NOT NULL,
	customer TEXT    NOT NULL,
	visitor  TEXT    NOT NULL,
	click    TEXT    NOT NULL,
	email    TEXT    NOT NULL, -- keyed hash
	alias    TEXT    NOT NULL,
	PRIMARY KEY (org, key)
);
CREATE INDEX aff_identifies_visitor ON aff_identifies (org, visitor) WHERE visitor <> '';
CREATE INDEX aff_identifies_customer ON aff_identifies (org, customer);
CREATE INDEX aff_identifies_click ON aff_identifies (org, click) WHERE click <> '';

CREATE TABLE aff_conversions (
	org        TEXT    NOT NULL,
	id         TEXT    NOT NULL,
	type       TEXT    NOT NULL,
	customer   TEXT    NOT NULL, -- without one: derived from id
	at         INTEGER NOT NULL,
	amount     INTEGER NOT NULL,
	currency   TEXT    NOT NULL,
	program    TEXT    NOT NULL,
	promo_code TEXT    NOT NULL,
	referral   TEXT    NOT NULL,
	click      TEXT    NOT NULL,
	partner    TEXT    NOT NULL,
	campaign   TEXT    NOT NULL,
	sub        TEXT, -- JSON
	metadata   TEXT, -- JSON
	renewal    INTEGER NOT NULL DEFAULT 0, -- the promo code came with the subscription
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_conversions_customer ON aff_conversions (org, customer, at);
CREATE INDEX aff_conversions_at ON aff_conversions (org, at, id);

CREATE TABLE aff_facts (
	org        TEXT    NOT NULL,
	key        TEXT    NOT NULL,
	kind       TEXT    NOT NULL,
	id         TEXT    NOT NULL,
	conversion TEXT    NOT NULL,
	at         INTEGER NOT NULL,
	amount     INTEGER NOT NULL,
	everything INTEGER NOT NULL, -- no amount was given: all that is left
	status     TEXT    NOT NULL,
	partner    TEXT    NOT NULL,
	program    TEXT    NOT NULL,
	rule       TEXT    NOT NULL,
	reason     TEXT    NOT NULL,
	actor      TEXT    NOT NULL, -- whose review it is
	PRIMARY KEY (org, key)
);
CREATE INDEX aff_facts_conversion ON aff_facts (org, conversion);
CREATE INDEX aff_facts_id ON aff_facts (org, id) WHERE id <> '';

CREATE TABLE aff_setup (
	org     TEXT    NOT NULL,
	seq     INTEGER NOT NULL,
	at      INTEGER NOT NULL,
	kind    TEXT    NOT NULL,
	program TEXT    NOT NULL,
	partner TEXT    NOT NULL,
	key     TEXT    NOT NULL,
	data    TEXT    NOT NULL, -- JSON of the whole change
	PRIMARY KEY (org, seq)
);

CREATE TABLE aff_entries (
	org        TEXT    NOT NULL,
	id         TEXT    NOT NULL,
	conversion TEXT    NOT NULL,
	partner    TEXT    NOT NULL,
	program    TEXT    NOT NULL,
	rule       TEXT    NOT NULL,
	component  TEXT    NOT NULL,
	cause      TEXT    NOT NULL,
	amount     INTEGER NOT NULL,
	currency   TEXT    NOT NULL,
	at         INTEGER NOT NULL,
	matures_at INTEGER NOT NULL,
	posted_at  INTEGER NOT NULL,
	PRIMARY KEY (org, id)
) WITHOUT ROWID;

CREATE TABLE aff_notes (
	org  TEXT    NOT NULL,
	id   TEXT    NOT NULL,
	kind TEXT    NOT NULL,
	key  TEXT    NOT NULL,
	at   INTEGER NOT NULL,
	data BLOB,
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_notes_lane ON aff_notes (org, kind, key, id);

CREATE TABLE aff_commissions (
	org        TEXT    NOT NULL,
	partner    TEXT    NOT NULL,
	program    TEXT    NOT NULL,
	rule       TEXT    NOT NULL,
	conversion TEXT    NOT NULL,
	currency   TEXT    NOT NULL,
	at         INTEGER NOT NULL,
	matures_at INTEGER NOT NULL,
	revision   INTEGER NOT NULL,
	gone       INTEGER NOT NULL,
	net        INTEGER NOT NULL,
	data       TEXT    NOT NULL, -- JSON of the whole commission
	PRIMARY KEY (org, partner, program, rule, conversion, currency)
);
CREATE INDEX aff_commissions_conversion ON aff_commissions (org, conversion);
CREATE INDEX aff_commissions_at ON aff_commissions (org, partner, at, conversion, program, rule, currency) WHERE NOT gone;

CREATE TABLE aff_ledger (
	org        TEXT    NOT NULL,
	partner    TEXT    NOT NULL,
	currency   TEXT    NOT NULL,
	position   INTEGER NOT NULL,
	entry      TEXT    NOT NULL,
	kind       TEXT    NOT NULL,
	conversion TEXT    NOT NULL,
	program    TEXT    NOT NULL,
	rule       TEXT    NOT NULL,
	adjustment TEXT    NOT NULL,
	reason     TEXT    NOT NULL, -- of the adjustment
	amount     INTEGER NOT NULL,
	matures_at INTEGER NOT NULL,
	at         INTEGER NOT NULL,
	PRIMARY KEY (org, partner, currency, position)
) WITHOUT ROWID;
CREATE INDEX aff_ledger_matures ON aff_ledger (org, partner, currency, matures_at, position, amount);

CREATE TABLE aff_payouts (
	org       TEXT    NOT NULL,
	id        TEXT    NOT NULL,
	partner   TEXT    NOT NULL,
	currency  TEXT    NOT NULL,
	cutoff    INTEGER NOT NULL,
	through   INTEGER NOT NULL,
	amount    INTEGER NOT NULL,
	issued_at INTEGER NOT NULL,
	status    TEXT    NOT NULL,
	returned  INTEGER NOT NULL,
	moves     TEXT, -- JSON
	PRIMARY KEY (org, id),
	UNIQUE (org, partner, currency, cutoff)
);

CREATE TABLE aff_adjustments (
	org      TEXT    NOT NULL,
	id       TEXT    NOT NULL,
	partner  TEXT    NOT NULL,
	currency TEXT    NOT NULL,
	amount   INTEGER NOT NULL,
	reason   TEXT    NOT NULL,
	actor    TEXT    NOT NULL,
	at       INTEGER NOT NULL,
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_adjustments_at ON aff_adjustments (org, at, id);
CREATE INDEX aff_adjustments_partner ON aff_adjustments (org, partner, at, id);

CREATE TABLE aff_click_counts (
	org     TEXT    NOT NULL,
	partner TEXT    NOT NULL,
	program TEXT    NOT NULL,
	link    TEXT    NOT NULL,
	day     INTEGER NOT NULL,
	clicks  INTEGER NOT NULL,
	PRIMARY KEY (org, partner, program, link, day)
) WITHOUT ROWID;

CREATE TABLE aff_events (
	org  TEXT    NOT NULL,
	id   TEXT    NOT NULL,
	type TEXT    NOT NULL,
	at   INTEGER NOT NULL,
	data TEXT, -- JSON
	PRIMARY KEY (org, id)
);

-- +goose Down
DROP TABLE aff_events;
DROP TABLE aff_click_counts;
DROP TABLE aff_adjustments;
DROP TABLE aff_payouts;
DROP TABLE aff_ledger;
DROP TABLE aff_commissions;
DROP TABLE aff_notes;
DROP TABLE aff_entries;
DROP TABLE aff_setup;
DROP TABLE aff_facts;
DROP TABLE aff_conversions;
DROP TABLE aff_identifies;
DROP TABLE aff_clicks;
DROP TABLE aff_anchors;
