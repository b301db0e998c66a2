package reference

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGenerateIsDeterministicAndPassesItself(t *testing.T) {
	for seed := range uint64(30) {
		one, err := Marshal(Generate(seed))
		require.NoError(t, err)
		two, err := Marshal(Generate(seed))
		require.NoError(t, err)
		require.Equal(t, string(one), string(two))
		parsed, err := Parse(one)
		require.NoError(t, err)
		require.Empty(t, Check(parsed), "seed %d", seed)
	}
}

// shuffled applies, between two payout steps or expectations, the configuration steps first, then the tracking steps in random
// order, those that fail last. With whole it drops the inner expectations, so that everything is one stretch.
func shuffled(s Scenario, seed uint64, whole bool) Scenario {
	var out, setUp, facts, failing []Step
	r := rand.New(rand.NewPCG(seed, 1))
	flush := func() {
		r.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		out = append(append(append(out, setUp...), facts...), failing...)
		setUp, facts, failing = nil, nil, nil
	}
	for _, step := range s.Steps {
		switch {
		case step.Expect != nil && whole:
		case step.Expect != nil || step.Erase != nil || step.PayoutRun != nil || step.PayoutStatus != nil:
			flush()
			out = append(out, step)
		case !tracking(step):
			setUp = append(setUp, step)
		case step.Error != "":
			failing = append(failing, step)
		default:
			facts = append(facts, step)
		}
	}
	flush()
	s.Steps = out
	return s
}

// The same facts end in the same outcome whatever the order they arrive in (semantics 8.2).
func TestOrderIndependence(t *testing.T) {
	for seed := range uint64(60) {
		s := Generate(seed)
		for shuffle := range uint64(3) {
			whole := shuffle > 0
			require.Empty(t, Check(shuffled(s, shuffle, whole)), "seed %d shuffle %d", seed, shuffle)
		}
	}
}

// newAdjustments are the adjustments that were accepted, each once.
func newAdjustments(s Scenario) map[string]Adjustment {
	list := map[string]Adjustment{}
	for _, step := range s.Steps {
		if step.Adjustment != nil && step.Error == "" {
			list[step.Adjustment.ID] = *step.Adjustment
		}
	}
	return list
}

// Paid plus balance is the net commissions and adjustments, whatever was paid out in between (semantics 8.2, 8.3).
func TestBalancesAddUp(t *testing.T) {
	for seed := range uint64(60) {
		s := Generate(seed)
		final := Run(s).Final
		sums := map[string]int64{}
		for _, c := range final.Commissions {
			sums[c.Partner+" "+c.Currency] += c.Amount
		}
		for _, a := range newAdjustments(s) {
			sums[a.Partner+" "+or(a.Currency, "usd")] += a.Amount
		}
		for _, b := range final.Balances {
			sums[b.Partner+" "+b.Currency] -= b.Pending + b.Payable + b.InPayout + b.Paid
		}
		for k, sum := range sums {
			require.Zero(t, sum, "seed %d: %s", seed, k)
		}
	}
}

// REFERENCE_CORPUS names a folder to fill, REFERENCE_COUNT how many files (3).
func TestWriteCorpus(t *testing.T) {
	n, err := strconv.Atoi(or(os.Getenv("REFERENCE_COUNT"), "3"))
	require.NoError(t, err)
	dir := or(os.Getenv("REFERENCE_CORPUS"), t.TempDir())
	require.NoError(t, WriteCorpus(dir, n))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), n)
}
