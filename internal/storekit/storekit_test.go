package storekit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/goaffiliate/affiliate/internal/storekit"
)

type row struct {
	At     time.Time
	Bytes  []byte
	Texts  []string
	ByName map[string]*row
	Given  *[]string
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	given := []string{"g"}
	in := row{Bytes: []byte("b"), Texts: []string{"t"}, ByName: map[string]*row{"r": {Texts: []string{"u"}}}, Given: &given}
	out := storekit.Clone(in)
	assert.Equal(t, in, out)
	in.Bytes[0], in.Texts[0], given[0] = 'x', "x", "x"
	in.ByName["r"].Texts[0] = "x"
	in.ByName["s"] = nil
	assert.Equal(t, row{Bytes: []byte("b"), Texts: []string{"t"}, ByName: map[string]*row{"r": {Texts: []string{"u"}}}, Given: &[]string{"g"}}, out)
}

func TestCloneIsCanonical(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 2, 29, 1, 2, 3, 123_456_789, time.FixedZone("", 3600))
	var none []string
	in := row{At: at, Bytes: []byte{}, Texts: []string{}, ByName: map[string]*row{"r": {At: at, ByName: map[string]*row{}}}, Given: &none}
	want := time.Date(2024, 2, 29, 0, 2, 3, 123_456_000, time.UTC)
	assert.Equal(t, row{At: want, ByName: map[string]*row{"r": {At: want}}, Given: &[]string{}}, storekit.Clone(in))
	assert.Equal(t, row{}, storekit.Clone(row{}), "the zero time stays")
	assert.True(t, at.Nanosecond() == 123_456_789 && in.Bytes != nil, "the original stays")
}
