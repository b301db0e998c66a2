package attribution_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/goaffiliate/affiliate/attribution"
)

func TestOwners(t *testing.T) {
	byVisitor := func(customer string, d int) attribution.Identify {
		return attribution.Identify{At: day(d), Customer: customer, Visitor: "v1"}
	}
	byClick := func(customer string, d int) attribution.Identify {
		return attribution.Identify{At: day(d), Customer: customer, Click: "c1"}
	}
	click := attribution.Click{ID: "c1", At: day(10), Visitor: "v1"}
	for _, c := range []struct {
		name  string
		said  []attribution.Identify
		click attribution.Click
		want  []string
	}{
		{"nobody was identified", nil, click, nil},
		{"the latest identify before the click", []attribution.Identify{byVisitor("a", 5), byVisitor("b", 8), byVisitor("c", 12)}, click, []string{"b"}},
		{"an identify at the click's instant counts", []attribution.Identify{byVisitor("a", 5), byVisitor("b", 10)}, click, []string{"b"}},
		{"else the first after it", []attribution.Identify{byVisitor("c", 20), byVisitor("b", 12)}, click, []string{"b"}},
		{"same instant before: the last by customer id", []attribution.Identify{byVisitor("b", 5), byVisitor("a", 5)}, click, []string{"b"}},
		{"same instant after: the first by customer id", []attribution.Identify{byVisitor("b", 15), byVisitor("a", 15)}, click, []string{"a"}},
		{"an identify that names the click wins over its visitor's", []attribution.Identify{byVisitor("a", 5), byClick("z", 99)}, click, []string{"z"}},
		{"all who name the click own it, in byte order", []attribution.Identify{byClick("z", 1), byClick("A", 2), byClick("a", 3), byClick("z", 4)}, click, []string{"A", "a", "z"}},
		{"a named click says nothing about its visitor", []attribution.Identify{byClick("z", 1)}, attribution.Click{ID: "c2", At: day(10), Visitor: "v1"}, nil},
		{"another visitor", []attribution.Identify{byVisitor("a", 5)}, attribution.Click{ID: "c2", At: day(10), Visitor: "v2"}, nil},
		{"no visitor", []attribution.Identify{byVisitor("a", 5), {At: day(1), Customer: "x"}}, attribution.Click{ID: "c2", At: day(10)}, nil},
		{
			"an identify that names both says both",
			[]attribution.Identify{{At: day(5), Customer: "a", Visitor: "v1", Click: "other"}},
			click,
			[]string{"a"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, attribution.NewStitching(c.said).Owners(c.click))
		})
	}
}

// Order and repetition of identifies say nothing.
func TestOwnersDoNotDependOnArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"", "a", "b"})
		said := rapid.SliceOf(rapid.Custom(func(t *rapid.T) attribution.Identify {
			return attribution.Identify{
				At:       day(rapid.IntRange(1, 4).Draw(t, "day")),
				Customer: rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "customer"),
				Visitor:  name.Draw(t, "visitor"), Click: name.Draw(t, "click"),
			}
		})).Draw(t, "said")
		click := attribution.Click{ID: name.Draw(t, "id"), Visitor: name.Draw(t, "v"), At: day(rapid.IntRange(1, 4).Draw(t, "at"))}
		again := append(rapid.Permutation(said).Draw(t, "order"), said...)
		require.Equal(t, attribution.NewStitching(said).Owners(click), attribution.NewStitching(again).Owners(click))
	})
}

func TestOwnersAnswersACopy(t *testing.T) {
	s := attribution.NewStitching([]attribution.Identify{{Customer: "a", Click: "c1"}, {Customer: "b", Click: "c1"}})
	click := attribution.Click{ID: "c1"}
	s.Owners(click)[0] = "changed"
	require.Equal(t, []string{"a", "b"}, s.Owners(click))
}

func TestSortClicks(t *testing.T) {
	clicks := []attribution.Click{touch("b", "p", day(2)), touch("z", "p", day(1)), touch("a", "p", day(2)), touch("B", "p", day(2))}
	attribution.SortClicks(clicks)
	var ids []string
	for _, c := range clicks {
		ids = append(ids, c.ID)
	}
	require.Equal(t, []string{"z", "B", "a", "b"}, ids)
}
