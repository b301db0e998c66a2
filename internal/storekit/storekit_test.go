package storekit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/storekit"
	"github.com/goaffiliate/affiliate/storage"
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

func TestCursor(t *testing.T) {
	t.Parallel()
	var c storage.Commission
	c.At, c.Conversion, c.Program, c.Rule, c.Currency = time.UnixMicro(-1).UTC(), "in_1", "ä", "\x01", "usd"
	cursor := storekit.CursorOf(c)
	parsed, err := storekit.ParseCursor(cursor.String())
	require.NoError(t, err)
	assert.Equal(t, cursor, parsed)
	assert.Zero(t, cursor.Compare(parsed))
	c.Currency = "eur"
	assert.Positive(t, cursor.Compare(storekit.CursorOf(c)))
	for _, bad := range []string{"", "?", "bm90IEpTT04"} {
		_, err := storekit.ParseCursor(bad)
		require.ErrorIs(t, err, storage.ErrCursor, bad)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	list := make([]storage.Commission, 3)
	for limit, want := range map[int]int{-1: 0, 0: 0, 1: 1, 2: 2, 3: 3, 4: 3} {
		page, next := storekit.Page(list, limit)
		assert.Len(t, page, want)
		assert.Equal(t, limit > 0 && limit < 3, next != "", limit)
	}
}
