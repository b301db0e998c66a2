package affiliate

import (
	"context"
	"time"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// RewardProvider is a payment provider that carries out customer rewards at
// checkout (semantics 6.4), like a stripeadapter.ProvisionerConfig.
type RewardProvider interface {
	// CheckReward says in words why the provider cannot carry out a reward; nil is
	// that it can. It asks nobody.
	CheckReward(r promo.Reward) error

	// CodeRewards returns how far codes are at the provider, by code, as far as an
	// Engine's documents say. What they do not know is left out.
	CodeRewards(ctx context.Context, e *Engine, codes []string) (map[string]CodeReward, error)
}

// RewardStatus is how far the reward of a code is.
type RewardStatus string

// The states of a reward. All but the active one mean that customers who type the
// code at checkout do not get it; the code attributes all the same.
const (
	RewardNotApplied RewardStatus = "not_applied" // no provider is configured
	RewardPending    RewardStatus = "pending"     // about to be made there
	RewardActive     RewardStatus = "active"
	RewardFailed     RewardStatus = "failed"   // to be tried again
	RewardInactive   RewardStatus = "inactive" // the code is retired
)

// CodeReward is how far the reward of a code is at the payment provider.
type CodeReward struct {
	Status  RewardStatus `json:"status"`
	Problem string       `json:"problem,omitempty"` // of a failed one: a stable name, like "code_taken"
	Message string       `json:"message,omitempty"` // the same for people
	Retry   time.Time    `json:"retry,omitzero"`    // when a failed one is tried again
}

// CodeRewards returns how far the rewards of codes are, by normalized code. A
// code that gives no reward is left out.
func (e *Engine) CodeRewards(ctx context.Context, codes ...string) (map[string]CodeReward, error) {
	setup, err := e.Configuration(ctx)
	if err != nil {
		return nil, wrap("code rewards", err)
	}
	now, found := e.now(), map[string]CodeReward{}
	known := map[string]CodeReward{}
	if e.cfg.Rewards != nil {
		if known, err = e.cfg.Rewards.CodeRewards(ctx, e, codes); err != nil {
			return nil, wrap("code rewards", err)
		}
	}
	for _, text := range codes {
		code, ok := setup.Code(text)
		if !ok {
			continue
		}
		state, at := known[code.Code]
		switch {
		case at:
		case setup.RewardOf(code, now) == nil:
			continue
		case !code.ActiveAt(now):
			state.Status = RewardInactive
		case e.cfg.Rewards == nil:
			state.Status = RewardNotApplied
		default:
			state.Status = RewardPending
		}
		found[code.Code] = state
	}
	return found, nil
}

// AppliesRewards reports whether a payment provider is configured that carries
// out customer rewards.
func (e *Engine) AppliesRewards() bool { return e.cfg.Rewards != nil }

// checkReward refuses a change that leaves a program with a reward which the
// payment provider cannot carry out. Without a provider every reward may be
// saved: it is shown as not applied.
func (e *Engine) checkReward(after *program.Configuration, c program.Change) error {
	if e.cfg.Rewards == nil || c.Settings == nil || c.Settings.Reward == nil {
		return nil
	}
	of, ok := after.Program(c.Program)
	if !ok {
		return nil
	}
	var list problem.List
	if settings, ok := of.At(c.At); ok && settings.Reward != nil {
		if err := e.cfg.Rewards.CheckReward(*settings.Reward); err != nil {
			list.Add("reward", "cannot be applied at checkout: %v", err)
		}
	}
	return list.Err(commission.ErrInvalidTerms)
}
