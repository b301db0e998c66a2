package program_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

func TestStoredScheduleIsTheSameChange(t *testing.T) {
	c := program.Change{
		Seq: 1, At: day(1), Kind: program.CreatePartner, Partner: "ada",
		Profile: &program.Profile{Payout: payout.Schedule{Cadence: payout.Monthly, Day: 1}.Change()},
	}
	data, err := json.Marshal(c)
	require.NoError(t, err)
	var stored program.Change
	require.NoError(t, json.Unmarshal(data, &stored))
	s, err := program.Empty().With(stored)
	require.NoError(t, err)
	require.True(t, s.Has(c))
}
