package stripeadapter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// offering is an Engine with a program, a partner, and a provider of rewards or
// none.
func (b *bench) offering(provider affiliate.RewardProvider) *affiliate.Engine {
	b.t.Helper()
	eng, err := affiliate.New(memory.New(), affiliate.Config{Organization: "acme", Now: b.clock.Now, Rewards: provider})
	require.NoError(b.t, err)
	destination := "https://acme.example/"
	require.NoError(b.t, errOf(eng.CreateProgram(b.t.Context(), "main", program.SettingsChange{
		DestinationURL: &destination,
		Rules:          []commission.Rule{{ID: "all", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20"}},
	}, affiliate.Always())))
	require.NoError(b.t, errOf(eng.CreatePartner(b.t.Context(), "ada", program.Profile{}, affiliate.Always())))
	require.NoError(b.t, errOf(eng.ApprovePartnership(b.t.Context(), "ada", "main", affiliate.Always())))
	return eng
}

func everyInvoice() promo.Reward {
	return promo.Reward{Kind: promo.AmountOff, Amount: 500, Currency: "usd", Span: promo.EveryInvoice}
}

func TestARewardThatStripeCannotCarryIsRefusedWhenItIsSaved(t *testing.T) {
	b := newBench(t)
	eng := b.offering(b.cfg)
	refused := func(reward *promo.RewardChange) {
		t.Helper()
		_, err := eng.EditProgram(t.Context(), "main", program.SettingsChange{Reward: reward}, time.Time{})
		require.ErrorIs(t, err, affiliate.ErrInvalidTerms)
		require.Equal(t, "reward", affiliate.Problems(err)[0].Field)
	}
	refused(everyInvoice().Change())
	refused(promo.Reward{Kind: promo.FreeMonths, Months: 2}.Change())

	carried := everyInvoice()
	carried.Span = promo.FirstInvoice
	require.NoError(t, errOf(eng.EditProgram(t.Context(), "main", program.SettingsChange{Reward: carried.Change()}, time.Time{})))
	b.clock.Advance(time.Minute)
	every := promo.EveryInvoice
	refused(&promo.RewardChange{Span: &every}) // nor what an edit in part makes of it
	setup, err := eng.Configuration(t.Context())
	require.NoError(t, err)
	of, _ := setup.Program("main")
	require.Equal(t, &carried, of.Latest().Reward)
}

func TestWithoutAProviderEveryRewardIsSavedAndNoneApplies(t *testing.T) {
	b := newBench(t)
	eng := b.offering(nil)
	require.False(t, eng.AppliesRewards())
	require.NoError(t, errOf(eng.EditProgram(t.Context(), "main", program.SettingsChange{Reward: everyInvoice().Change()}, time.Time{})))
	require.NoError(t, errOf(eng.AddCode(t.Context(), affiliate.Code{Code: "ADA10", Partner: "ada"})))
	states, err := eng.CodeRewards(t.Context(), "ADA10", "NOBODY10")
	require.NoError(t, err)
	require.Equal(t, map[string]affiliate.CodeReward{"ADA10": {Status: affiliate.RewardNotApplied}}, states)
}

func TestHowFarACodesRewardIsCanBeAskedOfTheEngine(t *testing.T) {
	b := newBench(t)
	eng := b.offering(b.cfg)
	b.cfg.States = stripeadapter.EngineStates(eng)
	require.NoError(t, errOf(eng.AddCode(t.Context(), affiliate.Code{Code: "BEFORE10", Partner: "ada", EffectiveAt: affiliate.Always()})))
	state := func() affiliate.CodeReward {
		t.Helper()
		states, err := eng.CodeRewards(t.Context(), "BEFORE10")
		require.NoError(t, err)
		return states["BEFORE10"]
	}
	require.Empty(t, state().Status, "the code gives no reward")

	reward := percentOff(10)
	require.NoError(t, errOf(eng.EditProgram(t.Context(), "main", program.SettingsChange{Reward: reward.Change()}, time.Time{})))
	b.clock.Advance(time.Minute)
	require.Equal(t, affiliate.RewardPending, state().Status, "switched on for codes that are there")
	run := func() {
		setup, err := eng.Configuration(t.Context())
		require.NoError(t, err)
		_, err = b.try(stripeadapter.WantedCodes(setup, eng.Now())...)
		require.NoError(t, err)
	}
	run()
	require.Equal(t, affiliate.RewardActive, state().Status)
	require.NoError(t, errOf(eng.RetireCode(t.Context(), "BEFORE10", time.Time{})))
	b.clock.Advance(time.Minute)
	run()
	require.Equal(t, affiliate.RewardInactive, state().Status)

	require.NoError(t, errOf(eng.AddCode(t.Context(), affiliate.Code{Code: "NO-DASH", Partner: "ada"})))
	b.clock.Advance(time.Minute)
	run()
	states, err := eng.CodeRewards(t.Context(), "NO-DASH")
	require.NoError(t, err)
	require.Equal(t, affiliate.RewardFailed, states["NO-DASH"].Status)
	require.Equal(t, "unsupported_code", states["NO-DASH"].Problem)
	require.NotEmpty(t, states["NO-DASH"].Message)
}
