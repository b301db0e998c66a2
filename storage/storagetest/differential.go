package storagetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

// differentialSteps is how many commits a differential run makes.
const differentialSteps = 40

// Differential sends the same stream of random commits and reads to two stores,
// which must be empty, and compares outcomes, all rows and results after each.
// The stream follows from the seed. Ids are few, so that much collides.
func Differential(t *testing.T, a, b storage.Store, seed uint64) {
	t.Helper()
	differential(t, a, b, seed)
}

func differential(t T, a, b storage.Store, seed uint64) {
	t.Helper()
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), versions: map[storage.Ref]int64{}, taken: map[string]int{}}
	for step := range differentialSteps {
		changes := make([]storage.Change, 1+g.IntN(3))
		for i := range changes {
			changes[i] = g.change()
		}
		one, two := commitAll(t, a, changes...), commitAll(t, b, changes...)
		if !slices.Equal(one, two) {
			t.Fatalf("seed %d, step %d: outcomes %v and %v of %+v", seed, step, one, two, changes)
		}
		g.learn(changes, one)
		p := g.probe()
		for _, read := range p.reads() {
			first, second := ok[string](t)(read.call(t.Context(), a, org)), ok[string](t)(read.call(t.Context(), b, org))
			if first != second {
				t.Fatalf("seed %d, step %d: %s with %+v\n%s\nand\n%s\nafter %v of %+v", seed, step, read.name, p, first, second, one, changes)
			}
		}
	}
}

// generator makes random changes. It follows the versions of anchors and the
// notes, so that most gates pass.
type generator struct {
	*rand.Rand
	versions map[storage.Ref]int64
	notes    []string
	taken    map[string]int // how many ids begin with a letter
}

// some runs f with the chance of one in n, and now and then again.
func (g *generator) some(n int, f func()) {
	for g.IntN(n) == 0 {
		f()
	}
}

func (g *generator) id() string    { return fmt.Sprint(g.IntN(12)) }
func (g *generator) maybe() string { return []string{"", g.id()}[g.IntN(2)] }

// known is an id that begins with a letter and may be taken.
func (g *generator) known(letter string) string {
	return fmt.Sprintf("%s%04d", letter, g.IntN(g.taken[letter]+1))
}

// key is an id that is free, or, now and then, may be taken.
func (g *generator) key(letter string) string {
	if g.IntN(8) == 0 {
		return g.known(letter)
	}
	g.taken[letter]++
	return fmt.Sprintf("%s%04d", letter, g.taken[letter])
}

func (g *generator) currency() money.Currency { return []money.Currency{"usd", "eur"}[g.IntN(2)] }

func (g *generator) change() storage.Change {
	var c storage.Change
	g.gates(&c)
	g.facts(&c)
	g.settled(&c)
	g.some(3, func() {
		c.Notes = append(c.Notes, storage.Note{ID: g.key("n"), Kind: g.noteKind(), Key: g.id(), At: at(g.IntN(9)), Data: []byte(g.maybe())})
	})
	g.some(3, func() {
		if len(g.notes) > 0 {
			c.Done = append(c.Done, g.notes[g.IntN(len(g.notes))])
		}
	})
	g.some(8, func() { c.Purge = append(c.Purge, g.known("c")) })
	g.some(3, func() {
		c.Events = append(c.Events, storage.Event{ID: g.key("e"), Type: "t", At: at(g.IntN(9)), Data: []byte(`{"a": 1}`)})
	})
	return c
}

func (g *generator) noteKind() storage.NoteKind {
	return []storage.NoteKind{storage.NoteClick, storage.NotePosted, storage.NoteSetup}[g.IntN(3)]
}

func (g *generator) gates(c *storage.Change) {
	seen := map[storage.Ref]bool{}
	g.some(2, func() {
		r := storage.Ref{Kind: []storage.AnchorKind{storage.CustomerAnchor, storage.ClickAnchor}[g.IntN(2)], Key: g.id()}
		if seen[r] {
			return
		}
		seen[r] = true
		gate := storage.Gate{Ref: r, Version: g.versions[r], Data: []byte(g.maybe())}
		if g.IntN(12) == 0 {
			gate.Version += int64(g.IntN(3) - 1)
		}
		if r.Kind == storage.CustomerAnchor {
			gate.Root = g.maybe()
		}
		c.Gates = append(c.Gates, gate)
	})
}

func (g *generator) facts(c *storage.Change) {
	g.some(3, func() {
		c.Clicks = append(c.Clicks, attribution.Click{ID: g.key("c"), At: at(g.IntN(9), g.IntN(9)), Visitor: g.maybe(), Partner: g.id()})
	})
	g.some(3, func() {
		c.Identifies = append(c.Identifies, storage.Identify{Key: g.key("i"), Identify: attribution.Identify{
			At: at(g.IntN(9)), Customer: g.id(), Visitor: g.maybe(), Click: g.known("c"), Alias: g.maybe(),
		}})
	})
	g.some(2, func() {
		c.Conversions = append(c.Conversions, attribution.Conversion{
			ID: g.key("v"), Customer: g.maybe(), At: at(g.IntN(9), g.IntN(3)), Amount: g.Int64(), Currency: g.currency(),
			Metadata: map[string]string{"k": g.maybe()}, Renewal: g.IntN(2) == 0,
		})
	})
	g.some(4, func() {
		kind := []commission.FactKind{commission.Refund, commission.RefundFailed, commission.Amendment}[g.IntN(3)]
		c.Facts = append(c.Facts, commission.Fact{Kind: kind, ID: g.key("r"), Conversion: g.id(), At: at(g.IntN(99)), Amount: int64(g.IntN(99))})
	})
	g.some(8, func() {
		name := g.maybe()
		c.Setup = append(c.Setup, program.Change{
			Seq: int64(g.IntN(60)), At: at(g.IntN(9)), Kind: program.EditProgram, Settings: &program.SettingsChange{Name: &name},
		})
	})
	g.some(3, func() {
		c.Entries = append(c.Entries, commission.Entry{ID: g.key("l"), Partner: g.id(), Amount: -g.Int64(), Currency: g.currency(), At: at(g.IntN(9))})
	})
}

// settled adds what settlement writes.
func (g *generator) settled(c *storage.Change) {
	seen := map[string]bool{}
	g.some(3, func() {
		r := row[storage.Commission](g.IntN(50), false)
		r.Partner, r.Program, r.Rule, r.Conversion, r.Currency = fmt.Sprint(g.IntN(2)), "m", "r", g.id(), g.currency()
		r.At, r.Gone = at(g.IntN(9)), g.IntN(4) == 0
		if key := r.Key() + string(r.Currency); !seen[key] {
			seen[key] = true
			c.Commissions = append(c.Commissions, r)
		}
	})
	g.some(2, func() {
		c.Lines = append(c.Lines, line(fmt.Sprint(g.IntN(2)), g.currency(), int64(1+g.IntN(99)), int64(g.IntN(999)-99), at(g.IntN(9))))
	})
	g.some(4, func() {
		day, partner := int64(g.IntN(30)), fmt.Sprint(g.IntN(2))
		p := payoutOf(fmt.Sprint(partner, " ", day), partner, day, day+1)
		p.Status = []payout.Status{payout.Issued, payout.Paid, payout.Failed}[g.IntN(3)]
		p.Moves = append(p.Moves, payout.Move{Status: p.Status, At: at(int(day))})
		if g.IntN(5) == 0 {
			p.ID = g.key("p")
		}
		if !seen[p.ID] {
			seen[p.ID] = true
			c.Payouts = append(c.Payouts, p)
		}
	})
	g.some(2, func() {
		c.Adjustments = append(c.Adjustments, payout.Adjustment{ID: g.key("j"), Partner: fmt.Sprint(g.IntN(2)), Amount: g.Int64(), At: at(g.IntN(9))})
	})
	g.some(3, func() {
		count := storage.ClickCount{Partner: fmt.Sprint(g.IntN(2)), Link: g.id(), Day: at(g.IntN(2)), Clicks: int64(g.IntN(9))}
		if key := fmt.Sprint(count.Partner, count.Link, count.Day); !seen[key] {
			seen[key] = true
			c.Counts = append(c.Counts, count)
		}
	})
}

// learn follows what was committed.
func (g *generator) learn(changes []storage.Change, outcomes []storage.Outcome) {
	for i, c := range changes {
		if outcomes[i] != storage.Committed {
			continue
		}
		for _, gate := range c.Gates {
			g.versions[gate.Ref] = gate.Version + 1
		}
		g.notes = slices.DeleteFunc(g.notes, func(id string) bool { return slices.Contains(c.Done, id) })
		for _, n := range c.Notes {
			g.notes = append(g.notes, n.ID)
		}
	}
}

func (g *generator) probe() probe {
	clicks := []string{g.known("c"), g.known("c"), g.known("c")}
	return probe{
		ids: append([]string{g.id(), g.maybe(), g.known("v"), g.known("r"), g.known("j")}, clicks...), more: clicks,
		kind: storage.CustomerAnchor, kinds: []storage.NoteKind{g.noteKind(), g.noteKind()},
		partner: fmt.Sprint(g.IntN(2)), program: "m", rule: "r", currency: g.currency(),
		after: []string{g.maybe(), g.known("e")}[g.IntN(2)], seq: int64(g.IntN(60)), at: at(g.IntN(9), g.IntN(3)-1),
		outside: payout.Range{Through: int64(g.IntN(99)), Cutoff: at(g.IntN(9))}, limit: g.IntN(9),
	}
}
