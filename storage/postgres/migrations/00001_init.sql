-- Amounts are minor units of their currency. Text is compared by bytes.
-- Keys of what conversions and clicks write grow at their end; only what
-- settlement writes is ordered by partner.

-- +goose Up
CREATE TABLE aff_anchors (
	org     TEXT COLLATE "C" NOT NULL,
	kind    TEXT COLLATE "C" NOT NULL,
	key     TEXT COLLATE "C" NOT NULL,
	version BIGINT           NOT NULL,
	root    TEXT COLLATE "C" NOT NULL,
	data    BYTEA,
	PRIMARY KEY (org, kind, key)
);

CREATE TABLE aff_clicks (
	org      TEXT COLLATE "C" NOT NULL,
	id       TEXT COLLATE "C" NOT NULL,
	at       TIMESTAMPTZ      NOT NULL,
	partner  TEXT COLLATE "C" NOT NULL,
	program  TEXT COLLATE "C" NOT NULL,
	link     TEXT COLLATE "C" NOT NULL,
	visitor  TEXT COLLATE "C" NOT NULL,
	campaign TEXT COLLATE "C" NOT NULL,
	flag     TEXT COLLATE "C" NOT NULL,
	suspect  TEXT COLLATE "C" NOT NULL,
	sub      JSON,
	metadata JSON,
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_clicks_visitor ON aff_clicks (org, visitor, at) WHERE visitor <> '';
CREATE INDEX aff_clicks_at ON aff_clicks (org, at, id);

CREATE TABLE aff_identifies (
	org      TEXT COLLATE "C" NOT NULL,
	key      TEXT COLLATE "C" NOT NULL,
	at       TIMESTAMPTZ      NOT NULL,
	customer TEXT COLLATE "C" NOT NULL,
	visitor  TEXT COLLATE "C" NOT NULL,
	click    TEXT COLLATE "C" NOT NULL,
	email    TEXT COLLATE "C" NOT NULL, -- keyed hash
	alias    TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (org, key)
);
CREATE INDEX aff_identifies_visitor ON aff_identifies (org, visitor) WHERE visitor <> '';
CREATE INDEX aff_identifies_customer ON aff_identifies (org, customer);
CREATE INDEX aff_identifies_click ON aff_identifies (org, click) WHERE click <> '';

CREATE TABLE aff_conversions (
	org        TEXT COLLATE "C" NOT NULL,
	id         TEXT COLLATE "C" NOT NULL,
	type       TEXT COLLATE "C" NOT NULL,
	customer   TEXT COLLATE "C" NOT NULL, -- without one: derived from id
	at         TIMESTAMPTZ      NOT NULL,
	amount     BIGINT           NOT NULL,
	currency   TEXT COLLATE "C" NOT NULL,
	program    TEXT COLLATE "C" NOT NULL,
	promo_code TEXT COLLATE "C" NOT NULL,
	referral   TEXT COLLATE "C" NOT NULL,
	click      TEXT COLLATE "C" NOT NULL,
	partner    TEXT COLLATE "C" NOT NULL,
	campaign   TEXT COLLATE "C" NOT NULL,
	sub        JSON,
	metadata   JSON,
	renewal    BOOLEAN          NOT NULL DEFAULT FALSE, -- the promo code came with the subscription
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_conversions_customer ON aff_conversions (org, customer, at);
CREATE INDEX aff_conversions_at ON aff_conversions (org, at, id);

CREATE TABLE aff_facts (
	org        TEXT COLLATE "C" NOT NULL,
	key        TEXT COLLATE "C" NOT NULL,
	kind       TEXT COLLATE "C" NOT NULL,
	id         TEXT COLLATE "C" NOT NULL,
	conversion TEXT COLLATE "C" NOT NULL,
	at         TIMESTAMPTZ      NOT NULL,
	amount     BIGINT           NOT NULL,
	everything BOOLEAN          NOT NULL, -- no amount was given: all that is left
	status     TEXT COLLATE "C" NOT NULL,
	partner    TEXT COLLATE "C" NOT NULL,
	program    TEXT COLLATE "C" NOT NULL,
	rule       TEXT COLLATE "C" NOT NULL,
	reason     TEXT COLLATE "C" NOT NULL,
	actor      TEXT COLLATE "C" NOT NULL, -- whose review it is
	PRIMARY KEY (org, key)
);
CREATE INDEX aff_facts_conversion ON aff_facts (org, conversion);
CREATE INDEX aff_facts_id ON aff_facts (org, id) WHERE id <> '';

CREATE TABLE aff_setup (
	org     TEXT COLLATE "C" NOT NULL,
	seq     BIGINT           NOT NULL,
	at      TIMESTAMPTZ      NOT NULL,
	kind    TEXT COLLATE "C" NOT NULL,
	program TEXT COLLATE "C" NOT NULL,
	partner TEXT COLLATE "C" NOT NULL,
	key     TEXT COLLATE "C" NOT NULL,
	data    JSON             NOT NULL, -- the whole change
	PRIMARY KEY (org, seq)
);

CREATE TABLE aff_entries (
	org        TEXT COLLATE "C" NOT NULL,
	id         TEXT COLLATE "C" NOT NULL,
	conversion TEXT COLLATE "C" NOT NULL,
	partner    TEXT COLLATE "C" NOT NULL,
	program    TEXT COLLATE "C" NOT NULL,
	rule       TEXT COLLATE "C" NOT NULL,
	component  TEXT COLLATE "C" NOT NULL,
	cause      TEXT COLLATE "C" NOT NULL,
	amount     BIGINT           NOT NULL,
	currency   TEXT COLLATE "C" NOT NULL,
	at         TIMESTAMPTZ      NOT NULL,
	matures_at TIMESTAMPTZ      NOT NULL,
	posted_at  TIMESTAMPTZ      NOT NULL,
	PRIMARY KEY (org, id)
);

CREATE TABLE aff_notes (
	org  TEXT COLLATE "C" NOT NULL,
	id   TEXT COLLATE "C" NOT NULL,
	kind TEXT COLLATE "C" NOT NULL,
	key  TEXT COLLATE "C" NOT NULL,
	at   TIMESTAMPTZ      NOT NULL,
	data BYTEA,
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_notes_lane ON aff_notes (org, kind, key, id);

CREATE TABLE aff_commissions (
	org        TEXT COLLATE "C" NOT NULL,
	partner    TEXT COLLATE "C" NOT NULL,
	program    TEXT COLLATE "C" NOT NULL,
	rule       TEXT COLLATE "C" NOT NULL,
	conversion TEXT COLLATE "C" NOT NULL,
	currency   TEXT COLLATE "C" NOT NULL,
	at         TIMESTAMPTZ      NOT NULL,
	matures_at TIMESTAMPTZ      NOT NULL,
	revision   BIGINT           NOT NULL,
	gone       BOOLEAN          NOT NULL,
	net        BIGINT           NOT NULL,
	data       JSON             NOT NULL, -- the whole commission
	PRIMARY KEY (org, partner, program, rule, conversion, currency)
);
CREATE INDEX aff_commissions_conversion ON aff_commissions (org, conversion);
CREATE INDEX aff_commissions_at ON aff_commissions (org, partner, at, conversion, program, rule, currency) WHERE NOT gone;

CREATE TABLE aff_ledger (
	org        TEXT COLLATE "C" NOT NULL,
	partner    TEXT COLLATE "C" NOT NULL,
	currency   TEXT COLLATE "C" NOT NULL,
	position   BIGINT           NOT NULL,
	entry      TEXT COLLATE "C" NOT NULL,
	kind       TEXT COLLATE "C" NOT NULL,
	conversion TEXT COLLATE "C" NOT NULL,
	program    TEXT COLLATE "C" NOT NULL,
	rule       TEXT COLLATE "C" NOT NULL,
	adjustment TEXT COLLATE "C" NOT NULL,
	reason     TEXT COLLATE "C" NOT NULL, -- of the adjustment
	amount     BIGINT           NOT NULL,
	matures_at TIMESTAMPTZ      NOT NULL,
	at         TIMESTAMPTZ      NOT NULL,
	PRIMARY KEY (org, partner, currency, position)
);
CREATE INDEX aff_ledger_matures ON aff_ledger (org, partner, currency, matures_at, position, amount);

CREATE TABLE aff_payouts (
	org       TEXT COLLATE "C" NOT NULL,
	id        TEXT COLLATE "C" NOT NULL,
	partner   TEXT COLLATE "C" NOT NULL,
	currency  TEXT COLLATE "C" NOT NULL,
	cutoff    TIMESTAMPTZ      NOT NULL,
	through   BIGINT           NOT NULL,
	amount    BIGINT           NOT NULL,
	issued_at TIMESTAMPTZ      NOT NULL,
	status    TEXT COLLATE "C" NOT NULL,
	returned  BIGINT           NOT NULL,
	moves     JSON,
	PRIMARY KEY (org, id),
	UNIQUE (org, partner, currency, cutoff)
);

CREATE TABLE aff_adjustments (
	org      TEXT COLLATE "C" NOT NULL,
	id       TEXT COLLATE "C" NOT NULL,
	partner  TEXT COLLATE "C" NOT NULL,
	currency TEXT COLLATE "C" NOT NULL,
	amount   BIGINT           NOT NULL,
	reason   TEXT COLLATE "C" NOT NULL,
	actor    TEXT COLLATE "C" NOT NULL,
	at       TIMESTAMPTZ      NOT NULL,
	PRIMARY KEY (org, id)
);
CREATE INDEX aff_adjustments_at ON aff_adjustments (org, at, id);
CREATE INDEX aff_adjustments_partner ON aff_adjustments (org, partner, at, id);

CREATE TABLE aff_click_counts (
	org     TEXT COLLATE "C" NOT NULL,
	partner TEXT COLLATE "C" NOT NULL,
	program TEXT COLLATE "C" NOT NULL,
	link    TEXT COLLATE "C" NOT NULL,
	day     TIMESTAMPTZ      NOT NULL,
	clicks  BIGINT           NOT NULL,
	PRIMARY KEY (org, partner, program, link, day)
);

CREATE TABLE aff_events (
	org  TEXT COLLATE "C" NOT NULL,
	id   TEXT COLLATE "C" NOT NULL,
	type TEXT COLLATE "C" NOT NULL,
	at   TIMESTAMPTZ      NOT NULL,
	data JSON,
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
