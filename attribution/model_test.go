package attribution_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
)

func TestShare(t *testing.T) {
	// Partners in time order of their touches, one letter each.
	for _, c := range []struct {
		model   attribution.Model
		touches string
		want    []string
	}{
		{attribution.LastClick, "a", []string{"a/main=1"}},
		{attribution.LastClick, "abc", []string{"c/main=1"}},
		{attribution.FirstClick, "a", []string{"a/main=1"}},
		{attribution.FirstClick, "abc", []string{"a/main=1"}},
		{attribution.Linear, "a", []string{"a/main=1"}},
		{attribution.Linear, "abc", []string{"a/main=1/3", "b/main=1/3", "c/main=1/3"}},
		{attribution.Linear, "abab", []string{"a/main=1/2", "b/main=1/2"}},
		{attribution.Linear, "aba", []string{"a/main=2/3", "b/main=1/3"}},
		{attribution.Linear, "aaaaaaa", []string{"a/main=1"}},
		{attribution.Position, "a", []string{"a/main=1"}},
		{attribution.Position, "ab", []string{"a/main=1/2", "b/main=1/2"}},
		{attribution.Position, "abc", []string{"a/main=2/5", "b/main=1/5", "c/main=2/5"}},
		{attribution.Position, "abcd", []string{"a/main=2/5", "b/main=1/10", "c/main=1/10", "d/main=2/5"}},
		{attribution.Position, "abcde", []string{"a/main=2/5", "b/main=1/15", "c/main=1/15", "d/main=1/15", "e/main=2/5"}},
		{attribution.Position, "abba", []string{"a/main=4/5", "b/main=1/5"}},
		{attribution.Position, "aa", []string{"a/main=1"}},
	} {
		t.Run(fmt.Sprint(c.model, " ", c.touches), func(t *testing.T) {
			var touches []attribution.Click
			for i, partner := range c.touches {
				touches = append(touches, touch(fmt.Sprint("k", i), string(partner), day(i+1)))
			}
			credits, err := attribution.Share(c.model, touches)
			require.NoError(t, err)
			require.Equal(t, c.want, shares(credits))
			for _, credit := range credits {
				require.Equal(t, attribution.Clicks, credit.Method)
				require.Empty(t, credit.Void)
			}
		})
	}
}

// One partner on two programs has two credits; the first touch of each breaks
// ties later.
func TestShareByProgram(t *testing.T) {
	one, two := touch("k1", "a", day(1)), touch("k2", "a", day(2))
	two.Program = "other"
	three := touch("k3", "a", day(3))
	credits, err := attribution.Share(attribution.Linear, []attribution.Click{one, two, three})
	require.NoError(t, err)
	require.Equal(t, []attribution.Credit{
		{Partner: "a", Program: "main", Share: part(2, 3), Method: attribution.Clicks, TouchAt: day(1), TouchID: "k1"},
		{Partner: "a", Program: "other", Share: part(1, 3), Method: attribution.Clicks, TouchAt: day(2), TouchID: "k2"},
	}, credits)
}

// Under every model the shares of any touches add up to exactly one.
func TestSharesAddUpToOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model := rapid.SampledFrom([]attribution.Model{
			attribution.LastClick, attribution.FirstClick, attribution.Linear, attribution.Position,
		}).Draw(t, "model")
		partner, program := rapid.SampledFrom([]string{"a", "b", "c", "d"}), rapid.SampledFrom([]string{"main", "other"})
		n := rapid.IntRange(1, 40).Draw(t, "touches")
		touches := make([]attribution.Click, n)
		for i := range touches {
			touches[i] = touch(fmt.Sprint("k", i), partner.Draw(t, "partner"), day(i+1))
			touches[i].Program = program.Draw(t, "program")
		}
		credits, err := attribution.Share(model, touches)
		require.NoError(t, err)
		total, seen := money.Share{}, map[string]bool{}
		for i, c := range credits {
			total, err = total.Add(c.Share)
			require.NoError(t, err)
			require.False(t, seen[c.Partner+"/"+c.Program], "one credit for each partner on each program")
			seen[c.Partner+"/"+c.Program] = true
			require.True(t, i == 0 || credits[i-1].TouchAt.Before(c.TouchAt), "in order of first touch")
		}
		require.Equal(t, money.WholeShare(), total)
	})
}

func TestAttributeTakesClicksInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var clicks []attribution.Click
		for i := range rapid.IntRange(0, 12).Draw(t, "clicks") {
			c := touch(fmt.Sprint("k", i), rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "partner"), day(rapid.IntRange(1, 20).Draw(t, "day")))
			c.Flag = rapid.SampledFrom([]string{"", "", "bot"}).Draw(t, "flag")
			clicks = append(clicks, c)
		}
		model := rapid.SampledFrom([]attribution.Model{attribution.LastClick, attribution.FirstClick, attribution.Linear, attribution.Position}).Draw(t, "model")
		window := time.Duration(rapid.IntRange(0, 12).Draw(t, "window")) * 24 * time.Hour
		at := day(rapid.IntRange(1, 20).Draw(t, "at"))
		var counted []attribution.Click
		for _, c := range clicks {
			if c.Partner != "" && c.Flag == "" && !c.At.After(at) && !c.At.Before(at.Add(-window)) {
				counted = append(counted, c)
			}
		}
		attribution.SortClicks(counted)
		want, err := attribution.Share(model, counted)
		require.NoError(t, err)
		got, err := attribution.Attribute(rapid.Permutation(clicks).Draw(t, "order"), at, model, window)
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestUnknownModelPaysNobody(t *testing.T) {
	for _, model := range []attribution.Model{"", "last", "LINEAR", "even"} {
		credits, err := attribution.Attribute([]attribution.Click{touch("k1", "a", day(1))}, day(2), model, attribution.NoWindow)
		require.ErrorIs(t, err, attribution.ErrUnknownModel)
		require.Empty(t, credits)
	}
}
