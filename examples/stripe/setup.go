package main

import (
	"context"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// The offer: a fifth of what customers pay in their first year, and 10 off the
// first invoice of those who type a partner's code.
const (
	programID = "pro"
	promoCode = "ALEX10"
)

// seed creates the program and two partners if they are not there yet. What is
// there stays as it is: the owner may have changed it since. All of it is in force
// from the beginning of time.
func seed(ctx context.Context, eng *affiliate.Engine, base string) error {
	setup, err := eng.Configuration(ctx)
	if err != nil {
		return err
	}
	destination := base + "/"
	if _, ok := setup.Program(programID); !ok {
		_, err = eng.CreateProgram(ctx, programID, program.SettingsChange{
			Title: new("Pro Shop"), DestinationURL: &destination,
			Rules: []commission.Rule{{
				ID: "share", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20",
				Recurring: true, Months: 12,
			}},
			Reward:       promo.Reward{Kind: promo.AmountOff, Amount: 1000, Currency: "usd", Span: promo.FirstInvoice}.Change(),
			PartnerCodes: new(false),
		}, affiliate.Always())
	}
	if err != nil {
		return err
	}
	for id, name := range map[string]string{"ada": "Ada", "alex": "Alex"} {
		if err := seedPartner(ctx, eng, setup, id, name); err != nil {
			return err
		}
	}
	if _, ok := setup.Code(promoCode); ok {
		return nil
	}
	_, err = eng.AddCode(ctx, affiliate.Code{Code: promoCode, Partner: "alex", Program: programID, EffectiveAt: affiliate.Always()})
	return err
}

// seedPartner creates a partner who takes part in the program, with a link that
// is easy to remember.
func seedPartner(ctx context.Context, eng *affiliate.Engine, setup *program.Configuration, id, name string) error {
	if _, ok := setup.Partner(id); !ok {
		profile := program.Profile{Name: &name, Email: new(id + "@partners.example")}
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
