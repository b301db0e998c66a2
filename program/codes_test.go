package program_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

func TestAddCode(t *testing.T) {
	w := newWorld(t)
	require.ErrorIs(t, w.addCode(day(1), "ADA10", false), program.ErrNotApproved)
	w.approve(day(5))
	w.edit(ever(), program.SettingsChange{StartsAt: ptr(day(10)), EndsAt: ptr(day(20))})
	require.ErrorIs(t, w.addCode(day(6), "ADA10", false), program.ErrNotActive, "scheduled: no codes")
	require.ErrorIs(t, w.addCode(day(20), "ADA10", false), program.ErrNotActive, "ended: new codes are refused")
	require.ErrorIs(t, w.addCode(day(10), "A", false), promo.ErrInvalid)
	require.NoError(t, w.addCode(day(10), "ADA10", false))
	require.ErrorIs(t, w.addCode(day(11), "ADA10", false), promo.ErrTaken)
	require.ErrorIs(t, w.addCode(day(11), "ADA11", true), promo.ErrLimit, "partnerCodes is off")
	bad := program.Change{Kind: program.AddCode, At: day(11), Partner: "ada", Program: "main", Key: "ADA12", Reward: &promo.Reward{}}
	require.ErrorIs(t, w.try(bad), promo.ErrInvalidReward)

	code, ok := w.Code(" ada10 ")
	require.True(t, ok, "in any spelling")
	require.Equal(t, &promo.Code{Code: "ADA10", Partner: "ada", Program: "main", Intervals: []promo.Interval{{From: day(10)}}}, code)
	_, ok = w.Code("ADA99")
	require.False(t, ok)
	_, ok = w.Code("%")
	require.False(t, ok)
}

// A retired code never goes to another partner or program; its program's owner
// may re-activate it.
func TestRetiredCode(t *testing.T) {
	w := newWorld(t)
	w.approve(ever())
	w.edit(ever(), program.SettingsChange{PartnerCodes: ptr(true)})
	w.do(program.Change{Kind: program.CreatePartner, At: ever(), Partner: "bob"})
	w.do(program.Change{Kind: program.CreateProgram, At: ever(), Program: "other", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("5")}})
	for _, partnership := range [][2]string{{"bob", "main"}, {"ada", "other"}} {
		w.do(program.Change{Kind: program.Approve, At: ever(), Partner: partnership[0], Program: partnership[1]})
	}
	require.NoError(t, w.addCode(day(10), "ADA10", false))
	w.retireCode(day(20), "ADA10")
	for _, c := range []program.Change{
		{Partner: "bob", Program: "main"}, {Partner: "ada", Program: "other"}, {Partner: "ada", Program: "main", ByPartner: true},
	} {
		c.Kind, c.At, c.Key = program.AddCode, day(30), "ADA10"
		require.ErrorIs(t, w.try(c), promo.ErrTaken)
	}
	require.NoError(t, w.addCode(day(30), "ADA10", false))
	w.retireCode(day(40), "ADA10")
	code, _ := w.Code("ADA10")
	require.Equal(t, []promo.Interval{{From: day(10), To: day(20)}, {From: day(30), To: day(40)}}, code.Intervals)
	for d, want := range map[int]attribution.Reason{
		9: attribution.CodeUnknown, 10: "", 19: "", 20: attribution.CodeRetired, 29: attribution.CodeRetired, 30: "", 40: attribution.CodeRetired,
	} {
		require.Equal(t, want, code.Resolve(day(d), "main"), d)
	}
}

// Changes of a code that arrive late are folded in order of time.
func TestLateCodeChanges(t *testing.T) {
	w := newWorld(t)
	w.approve(ever())
	require.NoError(t, w.addCode(day(10), "ADA10", false))
	w.retireCode(day(30), "ADA10")
	w.retireCode(day(20), "ADA10")
	code, _ := w.Code("ADA10")
	require.Equal(t, []promo.Interval{{From: day(10), To: day(20)}}, code.Intervals)
	require.NoError(t, w.addCode(day(25), "ADA10", false))
	code, _ = w.Code("ADA10")
	require.Equal(t, []promo.Interval{{From: day(10), To: day(20)}, {From: day(25), To: day(30)}}, code.Intervals)
	w.retireCode(day(5), "ADA10")
	code, _ = w.Code("ADA10")
	require.Len(t, code.Intervals, 2, "there was nothing to retire")
}

// At most five are active, generated ones included; the owner is not bound.
func TestCodeLimit(t *testing.T) {
	w := newWorld(t)
	w.approve(ever())
	w.edit(day(1), program.SettingsChange{PartnerCodes: ptr(true)})
	w.do(program.Change{Kind: program.AddCode, At: ever(), Partner: "ada", Program: "main", Key: "ADA5F2A", Generated: true})
	for i := range 4 {
		require.NoError(t, w.addCode(day(2), fmt.Sprint("ADA", i), true))
	}
	require.ErrorIs(t, w.addCode(day(3), "ADA5", true), promo.ErrLimit)
	require.ErrorIs(t, w.addCode(day(3), "ADA0", true), promo.ErrTaken, "taken comes before the limit")
	require.NoError(t, w.addCode(day(3), "ADA5", false), "the owner adds regardless")
	w.retireCode(day(4), "ADA0")
	require.ErrorIs(t, w.addCode(day(5), "ADA6", true), promo.ErrLimit, "still five")
	w.retireCode(day(6), "ADA1")
	require.NoError(t, w.addCode(day(6), "ADA6", true))
	w.edit(day(10), program.SettingsChange{PartnerCodes: ptr(false)})
	w.retireCode(day(10), "ADA2")
	require.ErrorIs(t, w.addCode(day(11), "ADA7", true), promo.ErrLimit, "off counts as a limit of 0")
	var codes []string
	for _, c := range w.CodesOf("ada") {
		codes = append(codes, c.Code)
	}
	require.Equal(t, []string{"ADA0", "ADA1", "ADA2", "ADA3", "ADA5", "ADA5F2A", "ADA6"}, codes)
	require.Empty(t, w.CodesOf("bob"))
}

// A code keeps the reward that it was made with.
func TestCodeKeepsItsReward(t *testing.T) {
	w := newWorld(t)
	w.approve(ever())
	first := &promo.Reward{Kind: promo.FreeMonths, Months: 1}
	add := func(d int, reward *promo.Reward) {
		w.do(program.Change{Kind: program.AddCode, At: day(d), Partner: "ada", Program: "main", Key: "ADA10", Reward: reward})
	}
	add(1, first)
	w.retireCode(day(2), "ADA10")
	add(3, &promo.Reward{Kind: promo.FreeMonths, Months: 9})
	code, _ := w.Code("ADA10")
	require.Equal(t, first, code.Reward)
}

// Whatever the order in which codes are added, never more are active than the limit
// allows, and none is there twice.
func TestCodesAddedOutOfOrder(t *testing.T) {
	w := newWorld(t)
	w.approve(ever())
	w.edit(ever(), program.SettingsChange{PartnerCodes: ptr(true)})
	for i := range promo.MaxActive {
		require.NoError(t, w.addCode(day(20+i), fmt.Sprintf("LATER-%d", i), true))
	}
	require.ErrorIs(t, w.addCode(day(10), "EARLIER", true), promo.ErrLimit)
	require.ErrorIs(t, w.addCode(day(10), "LATER-1", false), promo.ErrTaken, "it is added already")
	w.retireCode(day(30), "LATER-0")
	require.ErrorIs(t, w.addCode(day(10), "EARLIER", true), promo.ErrLimit, "they will be active at the same time")
	require.NoError(t, w.addCode(day(30), "AFTER", true))
	require.NoError(t, w.addCode(day(10), "OWNERS", false))
}

// A partner has so many links, and so many codes over time; the owner is not bound.
func TestPartnersAddSoMuch(t *testing.T) {
	w := newWorld(t)
	w.approve(day(1))
	w.edit(day(1), program.SettingsChange{PartnerCodes: ptr(true)})
	link := func(n int, byPartner bool) error {
		return w.try(program.Change{Kind: program.AddLink, At: day(2), Partner: "ada", Program: "main", Key: fmt.Sprint("l", n), ByPartner: byPartner})
	}
	for n := range program.MaxLinks {
		require.NoError(t, link(n, true))
	}
	require.ErrorIs(t, link(1000, true), program.ErrLinkLimit)
	require.NoError(t, link(1000, false))

	for n := range promo.MaxEver {
		require.NoError(t, w.addCode(day(3+n), fmt.Sprint("CODE", n), true))
		w.retireCode(day(4+n), fmt.Sprint("CODE", n))
	}
	require.ErrorIs(t, w.addCode(day(300), "ONE-MORE", true), promo.ErrLimit)
	require.NoError(t, w.addCode(day(300), "ONE-MORE", false))
}
