package problem_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/problem"
)

var errBase = errors.New("thing: invalid")

func TestListErr(t *testing.T) {
	var list problem.List
	require.NoError(t, list.Err(errBase))

	list.Add("rules[0].value", "%d is below 0", -1)
	list.Add("", "needs a name")
	err := list.Err(errBase)
	require.ErrorIs(t, err, errBase)
	require.EqualError(t, err, "thing: invalid: rules[0].value: -1 is below 0; needs a name")

	var typed *problem.Error
	require.ErrorAs(t, err, &typed)
	require.Equal(t, list, typed.Problems)
}

func ExampleList() {
	var list problem.List
	list.Add("hour", "%d is not from 0 to 23", 24)
	fmt.Println(list.Err(errBase))
	// Output: thing: invalid: hour: 24 is not from 0 to 23
}
