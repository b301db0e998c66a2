package storage

import (
	"cmp"
	"context"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// Store is everything a database does for the Engine.
type Store interface {
	Anchors
	Committer
	Facts
	Backlog
	Ledger
	Feed
}

// AnchorKind is what an anchor stands for.
type AnchorKind string

// The kinds of anchors.
const (
	CustomerAnchor   AnchorKind = "customer"
	VisitorAnchor    AnchorKind = "visitor"
	ClickAnchor      AnchorKind = "click"
	ConversionAnchor AnchorKind = "conversion"
	PartnerAnchor    AnchorKind = "partner"  // the partner's ledger
	SetupAnchor      AnchorKind = "setup"    // one per organization, key ""
	NoticeAnchor     AnchorKind = "notice"   // something that is said once
	DocumentAnchor   AnchorKind = "document" // of an adapter to some other system
	ErasureAnchor    AnchorKind = "erasure"  // where who lists customers meets who erases one, key ""
	OutboxAnchor     AnchorKind = "outbox"   // whose turn it is to deliver events, key ""
)

// Ref names an anchor inside an organization.
type Ref struct {
	Kind AnchorKind
	Key  string
}

// Anchor is a versioned row at which facts meet. One that was never written has
// version 0 and nothing else.
type Anchor struct {
	Ref
	Version int64
	Root    string // customers: the customer this one is an alias of
	Data    []byte // the Engine's; opaque to the store
}

// Anchors reads anchors.
type Anchors interface {
	// Load returns the anchors of refs that exist, each once, in one consistent
	// snapshot and any order, and for each customer with a Root also that
	// customer's, but not the root of that one.
	Load(ctx context.Context, org string, refs []Ref) ([]Anchor, error)

	// ListAnchors returns anchors of a kind in byte order of key, after a key,
	// at most limit.
	ListAnchors(ctx context.Context, org string, kind AnchorKind, after string, limit int) ([]Anchor, error)
}

// Outcome is what became of a Change.
type Outcome int

// The outcomes of a commit.
const (
	Committed Outcome = iota
	Stale             // a gate, a claim or a note was not as expected: nothing was written
	Held              // only with NoWait: another transaction holds a gate's anchor; nothing was written
)

// Gate is a conditional write of an anchor: it succeeds if the anchor is at
// Version (0: does not exist), and leaves it at Version+1 with Root and Data. An
// anchor that did not exist starts at Start, if that is given, so that it is never
// taken for an earlier one with its key.
type Gate struct {
	Ref
	Version int64
	Start   int64
	Root    string
	Data    []byte
	Drop    bool // delete the anchor instead; not with Version 0
}

// Erasure takes what identifies a person out of what is stored. Each row that it
// names must exist.
type Erasure struct {
	Customer    string   // a pseudonym
	Conversions []string // ids: Customer is theirs from then on, and click, campaign, sub ids and metadata are gone
	Dropped     []string // ids of conversions to delete
	Identifies  []string // keys of identifies to delete
}

// Change is written as a whole or not at all. Every insert is a claim: if a row
// with its key exists, the outcome is Stale. So it is with a payout whose id is
// another cut-off's, and with a note that is both new and done. Of commissions with
// the same key the last one stays; counts are added up.
type Change struct {
	Gates       []Gate // each Ref at most once
	NoWait      bool   // rather than wait for a transaction that holds an anchor, be Held; where nobody waits it has no effect
	Clicks      []attribution.Click
	Identifies  []Identify
	Conversions []attribution.Conversion
	Facts       []commission.Fact // key: Fact.Key
	Setup       []program.Change  // key: Seq
	Entries     []commission.Entry
	Notes       []Note
	Done        []string // ids of notes to delete; each must exist
	Taken       []string // ids of events to delete; each must exist
	Purge       []string // ids of clicks to delete; each must exist
	Erasures    []Erasure
	Commissions []Commission    // written over the row with the same key, if any
	Lines       []LedgerLine    // key: (partner, currency, position)
	Payouts     []payout.Payout // key: id, and (partner, currency, cut-off); written over the row with the same id, if any
	Adjustments []payout.Adjustment
	Counts      []ClickCount // added to the row with the same key, if any
	Events      []Event
}

// Committer writes.
type Committer interface {
	// Commit applies each change on its own, in order, and returns their
	// outcomes. It returns an error if the fate of any of them is not known to
	// be Committed or Stale; then the caller may repeat all of them.
	Commit(ctx context.Context, org string, changes []Change) ([]Outcome, error)
}

// Concurrent is a store on which commits make way side by side, as on a server's
// database. A store need not be one: on all others, such as those in a file, one
// commit waits for the other, and what comes meanwhile is better committed together
// after it.
type Concurrent interface {
	// Commits returns how many commits at a time are faster than one after the
	// other, if each has much to write.
	Commits() int
}

// Identify is a stored identify with its key, a digest of its content.
type Identify struct {
	Key string
	attribution.Identify
}

// Mark is a place in the order of rows by (time, id). The zero value is where a list
// begins, also one that runs from the latest to the earliest.
type Mark struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

// Facts reads facts. Results are in any order unless said otherwise.
type Facts interface {
	// Clicks returns the clicks with one of these ids.
	Clicks(ctx context.Context, org string, ids []string) ([]attribution.Click, error)

	// ClicksBefore returns clicks from before a time in order of (time, id), after
	// a mark, at most limit. The next page starts after the last click's mark.
	ClicksBefore(ctx context.Context, org string, before time.Time, after Mark, limit int) ([]attribution.Click, error)

	// Touches returns all clicks by one of the visitors or with one of the ids,
	// and all identifies that name any of these visitors or returned clicks. The
	// empty id names nobody.
	Touches(ctx context.Context, org string, visitors, clicks []string) ([]attribution.Click, []Identify, error)

	// IdentifiesOf returns all identifies of customers by their keys.
	IdentifiesOf(ctx context.Context, org string, customers []string) ([]Identify, error)

	// HasIdentify reports whether an identify with this key is stored.
	HasIdentify(ctx context.Context, org, key string) (bool, error)

	// Conversions returns the conversions with one of these external ids.
	Conversions(ctx context.Context, org string, ids []string) ([]attribution.Conversion, error)

	// ConversionsOf returns all conversions of customers by their keys
	// (attribution.Conversion.CustomerKey).
	ConversionsOf(ctx context.Context, org string, customers []string) ([]attribution.Conversion, error)

	// ConversionPage returns conversions at or after a time, latest first (ties: by id,
	// descending), after a mark, at most limit.
	ConversionPage(ctx context.Context, org string, since time.Time, after Mark, limit int) ([]attribution.Conversion, error)

	// CustomersSince returns the distinct customer keys that have a conversion
	// at or after a time, in byte order, after a key, at most limit.
	CustomersSince(ctx context.Context, org string, since time.Time, after string, limit int) ([]string, error)

	// FactsOf returns the facts of conversions.
	FactsOf(ctx context.Context, org string, conversions []string) ([]commission.Fact, error)

	// FactsByID returns the refunds, failures or disputes with an id.
	FactsByID(ctx context.Context, org, id string) ([]commission.Fact, error)

	// SetupSince returns configuration changes with Seq > after in order of Seq.
	SetupSince(ctx context.Context, org string, after int64) ([]program.Change, error)
}

// NoteKind is what a note asks settlement to do.
type NoteKind string

// The kinds of notes, and whose lane a note of the kind is in.
const (
	NoteCustomer NoteKind = "customer" // decide a customer again; the customer's
	NoteSetup    NoteKind = "setup"    // decide again whom a configuration change concerns; key ""
	NotePosted   NoteKind = "posted"   // bring a decision's commissions and entries to a partner; the partner's, or "" for nobody's
	NoteTiers    NoteKind = "tiers"    // rate a partner's commissions again; the partner's
	NoteClick    NoteKind = "click"    // count clicks; the partner's
)

// Note is a durable reminder of what a commit disturbed beyond itself. Notes of a
// kind with the same key are a lane: they are settled together, and no other lane waits
// for them. Ids are time-ordered.
type Note struct {
	ID   string
	Kind NoteKind
	Key  string    // whom it concerns
	At   time.Time // since when it waits
	Data []byte
}

// NoteMark is a place in the order of notes by (key, id). The zero value is where that
// order begins.
type NoteMark struct{ Key, ID string }

// Waiting is how much waits of a kind, and since when.
type Waiting struct {
	Kind   NoteKind  `json:"kind"`
	Notes  int64     `json:"notes"`
	Oldest time.Time `json:"oldest"`
}

// Compare orders notes by (key, id).
func (m NoteMark) Compare(other NoteMark) int {
	return cmp.Or(cmp.Compare(m.Key, other.Key), cmp.Compare(m.ID, other.ID))
}

// Mark returns the place of a note.
func (n Note) Mark() NoteMark { return NoteMark{n.Key, n.ID} }

// Backlog reads notes.
type Backlog interface {
	// Notes returns notes of a kind in byte order of (key, id), after a mark, at most
	// limit.
	Notes(ctx context.Context, org string, kind NoteKind, after NoteMark, limit int) ([]Note, error)

	// NotesFor returns the notes of the kinds with one of these keys, in byte order of
	// (key, id), at most limit. It reads no others.
	NotesFor(ctx context.Context, org string, kinds []NoteKind, keys []string, limit int) ([]Note, error)

	// Backlog counts the notes that wait, by kind, in any order; a kind of which none
	// waits is left out.
	Backlog(ctx context.Context, org string) ([]Waiting, error)
}

// Commission is the partner's side of one commission. Key: (partner, program,
// rule, conversion, currency).
type Commission struct {
	commission.Commission
	Revision   int64               // version of the conversion's anchor that the line reflects
	Gone       bool                // a later fact took the credit away
	Places     []payout.Place      // in the partner's ledger, of what it earned
	Tier       commission.Tier     // as settled
	TierPosted []commission.Posted // by settlement
	Net        int64               // what it stands at, minor units
}

// CommissionMark is a place in a partner's list of commissions, which runs from the
// latest conversion to the earliest. The zero value is where that list begins.
type CommissionMark struct {
	At         time.Time      `json:"at"`
	Conversion string         `json:"conversion"`
	Program    string         `json:"program"`
	Rule       string         `json:"rule"`
	Currency   money.Currency `json:"currency"`
}

// Mark returns the place of a commission.
func (c Commission) Mark() CommissionMark {
	return CommissionMark{c.At, c.Conversion, c.Program, c.Rule, c.Currency}
}

// Compare reports which of two places comes later in the list (-1), or 0.
func (m CommissionMark) Compare(other CommissionMark) int {
	return cmp.Or(m.At.Compare(other.At), cmp.Compare(m.Conversion, other.Conversion), cmp.Compare(m.Program, other.Program),
		cmp.Compare(m.Rule, other.Rule), cmp.Compare(m.Currency, other.Currency))
}

// LedgerLine is one line of a partner's ledger in one currency. Positions
// count from 1 without gaps.
type LedgerLine struct {
	Partner  string
	Currency money.Currency
	payout.Line
}

// Ledger reads the partners' side.
type Ledger interface {
	// CommissionsOf returns all commissions of (partner, program, rule), gone
	// ones included.
	CommissionsOf(ctx context.Context, org, partner, program, rule string) ([]Commission, error)

	// CommissionsFor returns the commissions of these conversions, gone ones
	// included.
	CommissionsFor(ctx context.Context, org string, conversions []string) ([]Commission, error)

	// CommissionPage returns a partner's commissions that are not gone, latest
	// conversion first (ties: by conversion, program, rule, currency,
	// descending), after a mark, at most limit.
	CommissionPage(ctx context.Context, org, partner string, after CommissionMark, limit int) ([]Commission, error)

	// Sum adds up the lines of a partner in a currency that are outside a
	// range: those matured at or before a time, and the others. A sum beyond 64
	// bits is an error.
	Sum(ctx context.Context, org, partner string, currency money.Currency, outside payout.Range, at time.Time) (matured, pending int64, err error)

	// Lines returns the lines of a partner in a currency with
	// Position ≤ through, in order of position.
	Lines(ctx context.Context, org, partner string, currency money.Currency, through int64) ([]LedgerLine, error)

	// Payouts returns the payouts of a partner ("" for all partners), in order
	// of partner, currency and Through.
	Payouts(ctx context.Context, org, partner string) ([]payout.Payout, error)

	// Payout returns a payout by id. Of a payout only Status, Returned and Moves ever
	// change.
	Payout(ctx context.Context, org, id string) (p payout.Payout, found bool, err error)

	// Adjustments returns the adjustments with one of these ids, in any order.
	Adjustments(ctx context.Context, org string, ids []string) ([]payout.Adjustment, error)

	// AdjustmentPage returns the adjustments of a partner ("" for all partners),
	// latest first (ties: by id, descending), after a mark, at most limit.
	AdjustmentPage(ctx context.Context, org, partner string, after Mark, limit int) ([]payout.Adjustment, error)

	// ClickCounts returns a partner's click counts by day, program and link.
	ClickCounts(ctx context.Context, org, partner string) ([]ClickCount, error)
}

// ClickCount is how many clicks a partner's link got on a day (UTC). Key: all
// but the count.
type ClickCount struct {
	Partner string    `json:"partner"`
	Program string    `json:"program"`
	Link    string    `json:"link"`
	Day     time.Time `json:"day"`
	Clicks  int64     `json:"clicks"`
}

// Event is a row of the outbox: something happened, in the same write.
type Event struct {
	ID   string // time-ordered
	Type string
	At   time.Time
	Data []byte // JSON
}

// Feed reads the outbox and the whole store.
type Feed interface {
	// Events returns events after an id in order of id, at most limit.
	Events(ctx context.Context, org, after string, limit int) ([]Event, error)

	// Rows returns every row of the organization, in any order.
	Rows(ctx context.Context, org string) (Rows, error)
}

// Rows is everything that is stored of one organization.
type Rows struct {
	Anchors []Anchor
	Change  // all but Gates, Done and Purge; Identifies, Facts and so on hold every row
}
