package sqlstore_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/storage"
)

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	marks := sqlstore.Texts(sqlstore.SQLite())
	d := sqlstore.SQLite()
	d.Placeholder = func(n int) string { return fmt.Sprint("$", n) }
	for i, text := range sqlstore.Texts(d) {
		n := strings.Count(marks[i], "?")
		assert.NotContains(t, text, "?")
		assert.NotRegexp(t, `\$[a-z]`, text)
		assert.Equal(t, n, strings.Count(text, "$"), text)
		assert.Contains(t, text, fmt.Sprint("$", n))
	}
}

func TestWritesAreFew(t *testing.T) {
	t.Parallel()
	s := sqlstore.New(nil, sqlstore.SQLite())
	lengths := func(n int) (lengths []int64) {
		for _, w := range s.Writes("org", storage.Change{Clicks: make([]attribution.Click, n)}) {
			lengths = append(lengths, w.Rows)
		}
		return lengths
	}
	assert.Equal(t, []int64{1}, lengths(1))
	assert.Equal(t, []int64{2, 1}, lengths(3))
	assert.Equal(t, []int64{64, 64, 4, 1}, lengths(133))
	assert.Empty(t, s.Writes("org", storage.Change{}))
}

func TestMerge(t *testing.T) {
	t.Parallel()
	gate := func(key string) storage.Change {
		return storage.Change{Gates: []storage.Gate{{Ref: storage.Ref{Key: key}}}}
	}
	note, done := storage.Change{Notes: []storage.Note{{ID: "n"}}}, storage.Change{Done: []string{"n"}}
	one, ok := sqlstore.Merge([]storage.Change{gate("a"), gate("b"), note, note})
	assert.True(t, ok, "what is claimed twice shows when it is written")
	assert.Len(t, one.Gates, 2)
	assert.Len(t, one.Notes, 2)
	for name, changes := range map[string][]storage.Change{
		"an anchor twice":         {gate("a"), gate("b"), gate("a")},
		"a note made and done":    {note, done},
		"a note done, then made":  {done, note},
		"a change against itself": {{Notes: note.Notes, Done: done.Done}},
	} {
		_, ok := sqlstore.Merge(changes)
		assert.False(t, ok, name)
	}
}
