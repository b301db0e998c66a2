package edit_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/edit"
	"github.com/goaffiliate/affiliate/internal/problem"
)

type fields struct {
	A *int    `json:"a,omitempty"`
	B *string `json:"b,omitempty"`
}

func TestAbsentNullAndValueSurviveJSON(t *testing.T) {
	one := 1
	for _, c := range []struct {
		fields  fields
		removed []string
		want    string
	}{
		{fields{}, nil, `{}`},
		{fields{A: &one}, nil, `{"a":1}`},
		{fields{}, []string{"b"}, `{"b":null}`},
		{fields{A: &one}, []string{"b"}, `{"a":1,"b":null}`},
		{fields{}, []string{"b", "a", "b"}, `{"a":null,"b":null}`},
	} {
		data, err := edit.Marshal(c.fields, c.removed)
		require.NoError(t, err)
		require.Equal(t, c.want, string(data))

		var again fields
		removed, err := edit.Unmarshal(data, &again)
		require.NoError(t, err)
		require.Equal(t, c.fields, again)
		require.Equal(t, edit.Sorted(c.removed), removed)
	}
	_, err := edit.Unmarshal([]byte(`[]`), &fields{})
	require.Error(t, err)
	_, err = edit.Marshal(json.RawMessage(`{`), []string{"a"})
	require.Error(t, err)
}

func TestWhatMustHaveAValueCannotBeRemoved(t *testing.T) {
	var list problem.List
	one := 1
	edit.Check(&list, "payout.", fields{A: &one}, []string{"a", "b", "day"}, func(name string) bool { return name != "day" })
	require.Equal(t, problem.List{
		{Field: "payout.a", Message: "cannot be given and removed at once"},
		{Field: "payout.day", Message: "cannot be removed"},
	}, list)
}
