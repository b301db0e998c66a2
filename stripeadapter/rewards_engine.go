package stripeadapter

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/promo"
	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

// EngineStates returns States that are kept by an Engine, beside what its Adapter
// keeps of payments. Both use the same documents of promotion codes: an event that
// names one which a Provisioner made or found needs no Lookup, and a payment that
// waited to be told which code it was is credited as soon as the Provisioner knows.
func EngineStates(eng *affiliate.Engine) States {
	if eng == nil {
		return nil // which NewProvisioner refuses
	}
	return engineStates{eng}
}

var _ affiliate.RewardProvider = ProvisionerConfig{}

// CheckReward says why Stripe cannot carry out a reward, nil if it can.
func (c ProvisionerConfig) CheckReward(r promo.Reward) error {
	_, err := c.termsOf(r)
	if err == nil {
		return nil
	}
	return errors.New(strings.TrimPrefix(err.Error(), ErrUnsupportedReward.Error()+": "))
}

// CodeRewards returns how far codes are at Stripe, by the documents that a
// Provisioner with EngineStates keeps. It does not ask Stripe.
func (c ProvisionerConfig) CodeRewards(ctx context.Context, e *affiliate.Engine, codes []string) (map[string]affiliate.CodeReward, error) {
	if c.API == nil || c.API.PromotionCodes == nil {
		return nil, nil // without a key nobody knows whether test or live mode is meant
	}
	c.States = EngineStates(e)
	list, err := (&Provisioner{c}).Rewards(ctx, codes...)
	if err != nil {
		return nil, err
	}
	found := map[string]affiliate.CodeReward{}
	for _, r := range list {
		if r.Status != "" {
			found[r.Code] = affiliate.CodeReward{Status: r.Status, Problem: r.Problem, Message: r.Message, Retry: r.Retry}
		}
	}
	return found, nil
}

type engineStates struct{ eng *affiliate.Engine }

func (s engineStates) Load(ctx context.Context, keys []string) (map[string][]byte, error) {
	found := map[string][]byte{}
	err := s.eng.Atomically(ctx, func(b *affiliate.Tx) error {
		clear(found)
		names := slices.Clone(keys)
		for i, key := range keys {
			names[i] = documentKey(key)
		}
		if err := b.Expect(names, nil, nil); err != nil {
			return err
		}
		for _, key := range keys {
			doc, err := b.Document(documentKey(key))
			if err != nil {
				return err
			}
			if len(doc) > 0 {
				found[key] = doc
			}
		}
		return nil
	})
	return found, err
}

func (s engineStates) Save(ctx context.Context, key string, old, doc []byte) (bool, error) {
	saved := false
	err := s.eng.Atomically(ctx, func(b *affiliate.Tx) error {
		have, err := b.Document(documentKey(key))
		if saved = err == nil && bytes.Equal(have, old); !saved {
			return err
		}
		return b.PutDocument(documentKey(key), doc)
	})
	return saved && err == nil, err
}

// learn does what an event of Stripe would do that tells what a promotion code
// reads.
func (s engineStates) learn(ctx context.Context, promotionCode, code string) error {
	n := &update{promotion: &payload.PromotionCode{ID: promotionCode, Code: code}}
	_, err := (&Adapter{eng: s.eng}).applyUpdate(ctx, s.eng, n, Result{})
	return err
}
