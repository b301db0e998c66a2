package reference

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"time"
)

// Profiles are the kinds of random scenarios; Generate takes them in turn by seed.
var Profiles = []string{"mixed", "payouts", "tiers", "alias", "edits"}

// weights is how often a profile draws each kind of step.
type weights struct {
	click, identify, conversion, refund, dispute, again, bad, setup, code, edit, override, run, status, tiers, journey int
}

var profileWeights = map[string]weights{
	"mixed":   {click: 26, journey: 5, identify: 12, conversion: 30, refund: 6, dispute: 4, again: 3, bad: 3, setup: 6, code: 6, edit: 4, override: 2, tiers: 25},
	"payouts": {click: 20, journey: 3, identify: 8, conversion: 32, refund: 12, dispute: 6, again: 2, bad: 1, setup: 4, code: 2, edit: 3, override: 2, run: 6, status: 2, tiers: 30},
	"tiers":   {click: 14, journey: 9, identify: 4, conversion: 46, refund: 12, dispute: 7, again: 1, bad: 1, setup: 3, code: 2, edit: 4, override: 4, tiers: 90},
	"alias":   {click: 26, journey: 4, identify: 26, conversion: 32, refund: 4, dispute: 2, again: 3, bad: 1, setup: 5, code: 4, edit: 2, override: 1, tiers: 15},
	"edits":   {click: 22, journey: 6, identify: 7, conversion: 32, refund: 3, dispute: 2, again: 1, bad: 3, setup: 14, code: 7, edit: 18, override: 18, tiers: 20},
}

// dated is a step with the moment at which it is delivered; late facts arrive after their own time.
type dated struct {
	step    Step
	arrival time.Time
}

// generator draws one scenario.
type generator struct {
	*rand.Rand
	profile  string
	w        weights
	scenario Scenario
	steps    []dated
	times    []time.Time
	base     time.Time
	span     int // days
	from     int // days after base at which drawing starts
	n        int // running number of ids
	codes    []string
	convs    []*drawnConversion
	clicks   []string
}

// drawnConversion remembers what refunds may still take.
type drawnConversion struct {
	id      string
	at      time.Time
	arrival time.Time
	amount  int64
	left    int64
	latest  time.Time // of its explicit refunds
	whole   *time.Time
}

// Generate draws a random scenario, its expectations filled in by Run. The same seed gives the same scenario.
// Dull draws, in which hardly any money moves, are thrown away.
func Generate(seed uint64) Scenario {
	for attempt := uint64(0); ; attempt++ {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, attempt)), profile: Profiles[seed%uint64(len(Profiles))]}
		s := g.scenarioFor(seed)
		if attempt == 30 || !dull(s, g.profile) {
			return s
		}
	}
}

func dull(s Scenario, profile string) bool {
	return len(s.Expect.Commissions) < 4 || profile == "payouts" && len(s.Expect.Payouts) < 2
}

func (g *generator) scenarioFor(seed uint64) Scenario {
	g.w = profileWeights[g.profile]
	g.base = pick(g, date("2026-01-20"), date("2026-02-25"), date("2026-03-25"), date("2026-10-20"), date("2026-11-28"), date("2027-12-30"))
	g.span = pick(g, 25, 70, 130)
	g.scenario = Scenario{Name: fmt.Sprintf("random %s %d", g.profile, seed)}
	g.setUp()
	g.prelude()
	for size := 24 + g.IntN(36); len(g.steps) < size; {
		g.draw()
	}
	sort.SliceStable(g.steps, func(i, j int) bool { return g.steps[i].arrival.Before(g.steps[j].arrival) })
	g.label()
	g.expect()
	return g.scenario
}

func ptr[T any](value T) *T { return &value }

func date(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func pick[T any](g *generator, list ...T) T { return list[g.IntN(len(list))] }

// chance is true in percent of all cases.
func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

// time draws from a coarse grid, so that ties and exact boundaries are common.
func (g *generator) time() time.Time {
	t := g.base.AddDate(0, 0, g.from+g.IntN(g.span-g.from)).Add(time.Duration(pick(g, 0, 0, 4, 9, 9, 18, 23)) * time.Hour)
	if len(g.times) > 0 && g.chance(30) {
		t = pick(g, g.times...)
		switch g.IntN(6) {
		case 0:
			t = t.Add(days(pick(g, 1, 7, 30, 60)))
		case 1:
			t = t.Add(days(pick(g, 1, 7, 30, 60)) + time.Second)
		case 2:
			t = addMonths(t, 1+g.IntN(3), zone(pick(g, g.scenario.Programs...).TimeZone))
		case 3:
			t = t.Add(-time.Second)
		}
	}
	t = t.UTC()
	g.times = append(g.times, t)
	return t
}

// late delivers most facts on time and some long after.
func (g *generator) late(t time.Time) time.Time {
	if g.chance(22) {
		return t.Add(days(1 + g.IntN(40)))
	}
	return t
}

func (g *generator) add(arrival time.Time, s Step) { g.steps = append(g.steps, dated{s, arrival}) }

func (g *generator) id(prefix string) string {
	g.n++
	return fmt.Sprintf("%s_%02d%02d", prefix, g.IntN(100), g.n)
}

// draw adds one step or more by the profile's weights.
func (g *generator) draw() {
	kinds := []struct {
		weight int
		draw   func()
	}{
		{g.w.click, g.drawClick},
		{g.w.identify, g.drawIdentify},
		{g.w.conversion, g.drawConversion},
		{g.w.refund, g.drawRefund},
		{g.w.dispute, g.drawDispute},
		{g.w.again, g.drawAgain},
		{g.w.bad, g.drawBad},
		{g.w.setup, g.drawSetup},
		{g.w.code, g.drawCode},
		{g.w.edit, g.drawEdit},
		{g.w.override, g.drawOverride},
		{g.w.run, g.drawRun},
		{g.w.status, g.drawStatus},
		{g.w.journey, g.drawJourney},
	}
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	n := g.IntN(total)
	for _, k := range kinds {
		if n < k.weight {
			k.draw()
			return
		}
		n -= k.weight
	}
}

// label runs the steps once, writes down the errors, and drops what the text leaves open.
func (g *generator) label() {
	w := newWorld(g.scenario)
	for _, d := range g.steps {
		if w.open(d.step) {
			continue
		}
		d.step.Error = w.apply(d.step)
		w.post()
		if d.step.Error != "" && g.chance(60) {
			continue
		}
		g.scenario.Steps = append(g.scenario.Steps, d.step)
		if len(w.ledger.payouts) > 0 && g.chance(15) || d.step.PayoutRun != nil && g.chance(40) {
			g.movePayout(w, d.step.At)
		}
		if len(w.ledger.payouts) > 0 && g.chance(12) || d.step.PayoutRun != nil && g.chance(35) {
			g.refundPaid(w, d.step.At)
		}
		if d.step.PayoutRun != nil && g.chance(12) {
			g.keep(w, Step{At: d.step.At.Add(-days(5 + g.IntN(40))), PayoutRun: &struct{}{}})
		}
	}
}

// movePayout moves the latest payout of someone who has one.
func (g *generator) movePayout(w *world, at time.Time) {
	if len(w.ledger.payouts) == 0 {
		return
	}
	p := pick(g, w.ledger.payouts...)
	status := pick(g, "processing", "paid", "paid", "failed", "failed", "canceled")
	step := Step{At: at, PayoutStatus: &PayoutStatus{p.partner, p.currency, status}}
	if w.open(step) || w.seen[stepKey(step)] {
		return
	}
	g.keep(w, step)
}

// keep delivers a step and writes it down with its error.
func (g *generator) keep(w *world, step Step) {
	step.Error = w.apply(step)
	w.post()
	if step.Error == "" || g.chance(30) {
		g.scenario.Steps = append(g.scenario.Steps, step)
	}
}

// refundPaid refunds a sale whose commission is in a payout, some days ahead, and looks at the days between.
func (g *generator) refundPaid(w *world, at time.Time) {
	var paid []*drawnConversion
	for _, e := range w.ledger.entries {
		for _, c := range g.convs {
			if e.payout != nil && c.id == e.key.conversion {
				paid = append(paid, c)
			}
		}
	}
	if len(paid) == 0 {
		return
	}
	later := at.Add(days(3 + g.IntN(15)))
	step, ok := g.refundOf(pick(g, paid...), later)
	if !ok {
		return
	}
	g.keep(w, step)
	if g.chance(70) {
		soon := later.Add(-days(2))
		g.scenario.Steps = append(g.scenario.Steps, Step{At: later, Expect: &Expect{At: &soon}})
	}
	if g.chance(50) {
		g.keep(w, Step{At: later.Add(-days(1)), PayoutRun: &struct{}{}})
	}
}

// open says that the text does not decide what the step does.
func (w *world) open(s Step) bool {
	switch {
	case s.AddCode != nil:
		a := s.AddCode
		old := w.codes[normalCode(a.Code)]
		same := old != nil && old.partner == a.Partner && old.program == or(a.Program, w.defaultProgram)
		return same && a.By != "partner" && !old.retiredBy(s.At)
	case s.RetireCode != nil:
		old := w.codes[normalCode(s.RetireCode.Code)]
		return old != nil && !old.activeAt(s.At)
	case s.Override != nil:
		p := w.partnerships[Partnership{s.Override.Partner, s.Override.Program}]
		return p != nil && !p.approvedAt(s.At)
	case s.PayoutStatus != nil:
		for i := len(w.ledger.payouts) - 1; i >= 0; i-- {
			p := w.ledger.payouts[i]
			if p.partner == s.PayoutStatus.Partner && p.currency == s.PayoutStatus.Currency {
				return p.status == s.PayoutStatus.Status
			}
		}
	}
	return false
}

// expect adds inner expectations and the last one, and fills all of them in.
func (g *generator) expect() {
	var steps []Step
	latest := g.base
	for _, s := range g.scenario.Steps {
		if s.At.After(latest) {
			latest = s.At
		}
		steps = append(steps, s)
		if g.chance(5) || s.PayoutRun != nil && g.chance(50) {
			inner := &Expect{}
			if g.chance(25) {
				inner.At = ptr(latest.Add(-days(g.IntN(25))))
			}
			steps = append(steps, Step{At: latest, Expect: inner})
		}
	}
	g.scenario.Steps = steps
	end := latest.Add(days(pick(g, 0, 0, 0, 1, 10, 40, -1, -15)))
	g.scenario.Expect = &Expect{At: &end}
	result := Run(g.scenario)
	for i, o := range result.Inner {
		g.scenario.Steps[i].Expect = o.Expectation()
	}
	g.scenario.Expect = result.Final.Expectation()
}

// WriteCorpus writes the scenarios of the seeds 0 to n-1 into a folder.
func WriteCorpus(dir string, n int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for seed := range n {
		data, err := Marshal(Generate(uint64(seed)))
		if err != nil {
			return err
		}
		name := fmt.Sprintf("random_%05d_%s.json", seed, Profiles[seed%len(Profiles)])
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
