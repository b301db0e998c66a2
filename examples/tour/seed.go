package main

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
)

// The offer.
const (
	programID = "program_extension_launch"
	promoCode = "ALEX10"
	priceUSD  = 4900 // cents a month
)

// seed creates the program and two partners if they are not there yet. What is
// there stays as it is: it is the owner's, who may have changed it since. All of it
// is in force from the beginning of time.
func seed(ctx context.Context, eng *affiliate.Engine, base string) error {
	setup, err := eng.Configuration(ctx)
	if err != nil {
		return err
	}
	if _, ok := setup.Program(programID); !ok {
		if _, err := eng.CreateProgram(ctx, programID, launch(base+"/"), affiliate.Always()); err != nil {
			return err
		}
	}
	if err := seedPartner(ctx, eng, setup, "alex", "Alex"); err != nil {
		return err
	}
	if err := seedPartner(ctx, eng, setup, "blair", "Blair"); err != nil {
		return err
	}
	if _, ok := setup.Code(promoCode); ok {
		return nil
	}
	_, err = eng.AddCode(ctx, affiliate.Code{Code: promoCode, Partner: "alex", Program: programID, EffectiveAt: affiliate.Always()})
	return err
}

func launch(destination string) program.SettingsChange {
	return program.SettingsChange{
		Title: new("Extension launch"), DestinationURL: &destination,
		Rules: []commission.Rule{
			{ID: "bounty", Trigger: commission.First, EventType: attribution.Signup, Type: commission.Fixed, Value: "500"},
			{
				ID: "sale", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20",
				Recurring: true, Months: 12,
			},
		},
	}
}

// seedPartner creates a partner who takes part in the program, with a link that
// is easy to remember.
func seedPartner(ctx context.Context, eng *affiliate.Engine, setup *program.Configuration, id, name string) error {
	if _, ok := setup.Partner(id); !ok {
		profile := program.Profile{Name: &name, Email: new(id + "@example.com")}
		if _, err := eng.CreatePartner(ctx, id, profile, affiliate.Always()); err != nil {
			return err
		}
	}
	if _, ok := setup.Partnership(id, programID); !ok {
		if _, err := eng.ApprovePartnership(ctx, id, programID, affiliate.Always()); err != nil {
			return err
		}
	}
	if _, ok := setup.Link(id); ok {
		return nil
	}
	_, err := eng.AddLink(ctx, affiliate.Link{Key: id, Partner: id, Program: programID, EffectiveAt: affiliate.Always()})
	return err
}

// follow has programs that lead to the shop's own page lead there still when the
// shop is served at another address than the last time. A destination that the
// owner chose is left alone.
func (a *app) follow(ctx context.Context) error {
	last, err := a.setting(ctx, servedAt)
	if err != nil || last == a.base {
		return err
	}
	setup, err := a.eng.Configuration(ctx)
	if err != nil {
		return err
	}
	destination := a.base + "/"
	for _, offer := range setup.Programs() {
		if last == "" || offer.Latest().DestinationURL != last+"/" {
			continue
		}
		if _, err := a.eng.EditProgram(ctx, offer.ID, program.SettingsChange{DestinationURL: &destination}, time.Time{}); err != nil {
			return err
		}
	}
	return saveSetting(ctx, a.db, servedAt, a.base)
}
