package boltstore

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// tuple is what keys are made of here: texts, a number, and a text again.
type tuple struct {
	texts  []string
	number int64
	last   string
}

func (t tuple) key() key { return texts(t.texts...).number(t.number).and(texts(t.last)) }

func (t tuple) compare(other tuple) int {
	return cmp.Or(slices.Compare(t.texts, other.texts), cmp.Compare(t.number, other.number), cmp.Compare(t.last, other.last))
}

// nastyTexts are all texts of up to three of the bytes that keys treat specially,
// and of others next to them.
func nastyTexts() []string {
	list, last := []string{""}, []string{""}
	for range 3 {
		var longer []string
		for _, text := range last {
			for _, b := range []string{"\x00", "\x01", "\x02", "a", "\xfe", "\xff"} {
				longer = append(longer, text+b)
			}
		}
		list, last = append(list, longer...), longer
	}
	return list
}

func TestKeysSortAsTuples(t *testing.T) {
	t.Parallel()
	words, numbers := nastyTexts(), []int64{math.MinInt64, math.MinInt64 + 1, -256, -1, 0, 1, 255, 256, math.MaxInt64}
	r := rand.New(rand.NewPCG(1, 1))
	word := func() string { return words[r.IntN(len(words))] }
	random := func() tuple { return tuple{[]string{word(), word()}, numbers[r.IntN(len(numbers))], word()} }
	for range 50_000 {
		a, b := random(), random()
		if r.IntN(2) == 0 { // mostly they differ at once
			b.texts[0] = a.texts[0]
		}
		if got, want := bytes.Compare(a.key(), b.key()), a.compare(b); got != want {
			t.Fatalf("%+v and %+v compare as %d, their keys as %d", a, b, want, got)
		}
	}
}

func TestKeysOfTuplesArePrefixesOfThoseThatExtendThem(t *testing.T) {
	t.Parallel()
	words := nastyTexts()
	for _, a := range words {
		for _, b := range words {
			if under := bytes.HasPrefix(texts(b, "x"), texts(a)); under != (a == b) {
				t.Fatalf("(%q, x) is under (%q): %v", b, a, under)
			}
			inside := bytes.Compare(texts(b, "\xff"), texts(a)) > 0 && bytes.Compare(texts(b, "\xff"), texts(a).past()) < 0
			if inside != (a == b) {
				t.Fatalf("(%q, \\xff) is between (%q) and past it: %v", b, a, inside)
			}
		}
	}
}

// A key that is extended twice must not share memory with itself.
func TestKeysAreNotOverwritten(t *testing.T) {
	t.Parallel()
	k := texts("a", "b")
	one := k.number(1)
	two := k.number(2)
	if fmt.Sprintf("%x", one) == fmt.Sprintf("%x", two) || !bytes.Equal(one, k.number(1)) {
		t.Errorf("%x and %x", one, two)
	}
}
