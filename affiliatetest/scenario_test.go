package affiliatetest_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/affiliatetest"
)

func TestRulesThatAreNullAreNone(t *testing.T) {
	t.Parallel()
	var rules affiliatetest.Rules
	require.NoError(t, json.Unmarshal([]byte("null"), &rules))
	require.Nil(t, rules)
	require.NoError(t, json.Unmarshal([]byte("[]"), &rules))
	require.NotNil(t, rules, "an empty list is one, and refused as such")
	require.NoError(t, json.Unmarshal([]byte(`[{"id":"r","trigger":"every","type":"percent","value":"1","months":0}]`), &rules))
	require.Equal(t, -1, rules[0].Months, "0 months are not the same as none")
	require.Error(t, json.Unmarshal([]byte(`[{"id":"r","unknown":1}]`), &rules))
}
