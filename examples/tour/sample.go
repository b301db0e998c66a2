package main

import (
	"context"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage/sqlite"
)

// The other programs of the sample data: creators climb tiers, teams pay a bounty.
const (
	creatorsID = "program_creators"
	teamsID    = "program_teams"
)

// seller is a partner of the sample data.
type seller struct {
	id, name string
	joined   int      // day of the year
	rate     int      // clicks in a hundred days on each program
	programs []string // the link on the second and third program is "id-c" and "id-t"
	code     string   // on the first program
	payout   *payout.ScheduleChange
}

func sellers() []seller {
	twice := payout.Schedule{Cadence: payout.Cron, Cron: "0 0 1,15 * *"}.Change()
	fifty := payout.Schedule{Minimum: map[money.Currency]int64{"usd": 5000, "eur": 5000}}.Change()
	return []seller{
		{"ada", "Ada", 0, 190, []string{creatorsID, programID, teamsID}, "ADA20", nil},
		{"alex", "Alex", 0, 120, []string{programID, creatorsID}, "", nil},
		{"blair", "Blair", 0, 90, []string{programID}, "", nil},
		{"bob", "Bob", 12, 130, []string{creatorsID, programID}, "BOB-READS", twice},
		{"carol", "Carol", 20, 60, []string{teamsID, programID}, "", fifty},
		{"dan", "Dan", 45, 80, []string{creatorsID}, "DAN15", nil},
		{"erin", "Erin", 60, 110, []string{programID}, "ERIN-NOTES", nil},
		{"finn", "Finn", 95, 40, []string{teamsID}, "", nil},
		{"heidi", "Heidi", 110, 100, []string{creatorsID, teamsID}, "HEIDI", fifty},
		{"ivan", "Ivan", 130, 160, []string{programID}, "", nil}, // suspended on day 220
		{"judy", "Judy", 180, 70, []string{creatorsID}, "", nil},
		{"mallory", "Mallory", 240, 30, []string{programID}, "", nil},
	}
}

// link is the key of a seller's link on a program.
func (s seller) link(programID string) string {
	switch programID {
	case creatorsID:
		return s.id + "-c"
	case teamsID:
		return s.id + "-t"
	}
	return s.id
}

// loadSample loads the sample data into a new database: all of it in one
// transaction, so that a crash in the middle leaves nothing. A database that once
// began without it stays without it.
func (a *app) loadSample(ctx context.Context, store *sqlite.Store) error {
	if loaded, err := a.setting(ctx, sampleLoaded); err != nil || loaded != "" {
		return err
	}
	if !a.sample {
		return saveSetting(ctx, a.db, sampleLoaded, "no")
	}
	y := newYear(a.clock.now())
	eng, err := affiliate.New(store, affiliate.Config{Now: func() time.Time { return y.clock }, Logger: a.log})
	if err != nil {
		return err
	}
	tx, err := a.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	y.eng = eng.Within(store.Join(tx))
	if err := y.setUp(ctx, a.base+"/"); err != nil {
		return err
	}
	y.imagine()
	if err := y.happen(ctx); err != nil {
		return err
	}
	if err := saveSetting(ctx, tx, sampleLoaded, y.end.Format(time.RFC3339)); err != nil {
		return err
	}
	return tx.Commit()
}

// setUp creates programs, partners, links and codes as of the days they joined.
func (y *year) setUp(ctx context.Context, destination string) error {
	for id, offer := range offers(destination) {
		if _, err := y.eng.CreateProgram(ctx, id, offer, affiliate.Always()); err != nil {
			return err
		}
	}
	for _, s := range sellers() {
		if err := y.join(ctx, s); err != nil {
			return err
		}
	}
	best := program.TermsChange{Rules: []commission.Rule{share("30", 24, nil)}}
	if _, err := y.eng.OverrideTerms(ctx, "dan", creatorsID, best, y.day(200)); err != nil {
		return err
	}
	_, err := y.eng.SuspendPartner(ctx, "ivan", y.day(220))
	return err
}

func offers(destination string) map[string]program.SettingsChange {
	tiers := &commission.Tiers{Metric: commission.Conversions, Period: "month", Thresholds: []commission.Threshold{{At: 10, Value: "20"}, {At: 25, Value: "25"}}}
	off := promo.Reward{Kind: promo.PercentOff, Percent: 20, Span: promo.FirstInvoice}.Change()
	return map[string]program.SettingsChange{
		creatorsID: {
			Title: new("Creators"), DestinationURL: &destination, Reward: off, PartnerCodes: new(true),
			Rules: []commission.Rule{share("15", 24, tiers)},
		},
		teamsID: {
			Title: new("Teams in Europe"), DestinationURL: &destination, Currency: new(money.Currency("eur")), HoldbackDays: new(45), WindowDays: new(90),
			Rules: []commission.Rule{{ID: "team", Trigger: commission.First, EventType: attribution.InvoicePaid, Type: commission.Fixed, Value: "12000"}},
		},
	}
}

func share(percent string, months int, tiers *commission.Tiers) commission.Rule {
	return commission.Rule{
		ID: "share", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: percent,
		Recurring: true, Months: months, Tiers: tiers,
	}
}

// join makes a partner a participant of their programs. Some of it is there
// already.
func (y *year) join(ctx context.Context, s seller) error {
	setup, err := y.eng.Configuration(ctx)
	if err != nil {
		return err
	}
	joined := y.day(s.joined)
	if _, ok := setup.Partner(s.id); !ok {
		profile := program.Profile{Name: &s.name, Email: new(s.id + "@example.com"), Payout: s.payout}
		if _, err := y.eng.CreatePartner(ctx, s.id, profile, joined); err != nil {
			return err
		}
	}
	for _, id := range s.programs {
		if _, err := y.eng.ApprovePartnership(ctx, s.id, id, joined); err != nil {
			return err
		}
		if _, ok := setup.Link(s.link(id)); ok {
			continue
		}
		if _, err := y.eng.AddLink(ctx, affiliate.Link{Key: s.link(id), Partner: s.id, Program: id, EffectiveAt: joined}); err != nil {
			return err
		}
	}
	if s.code == "" {
		return nil
	}
	_, err = y.eng.AddCode(ctx, affiliate.Code{Code: s.code, Partner: s.id, Program: s.programs[0], EffectiveAt: joined})
	return err
}

// codeOn is the seller's code on a program, or nothing.
func (s seller) codeOn(id string) string {
	switch {
	case s.id == "alex" && id == programID:
		return promoCode
	case s.code != "" && slices.Index(s.programs, id) == 0:
		return s.code
	}
	return ""
}
