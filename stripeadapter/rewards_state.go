package stripeadapter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
)

// States keeps what is known of an organization's rewards at Stripe from one run
// to the next, as documents by key. See EngineStates.
type States interface {
	// Load returns the documents of these keys that exist.
	Load(ctx context.Context, keys []string) (map[string][]byte, error)

	// Save puts doc in the place of old, which Load returned (nil: there was
	// none). If something else is there by now it writes nothing and is false.
	Save(ctx context.Context, key string, old, doc []byte) (saved bool, err error)
}

// RewardStatus is where a code's reward is on its way to Stripe.
type RewardStatus = affiliate.RewardStatus

// The states of a reward. A code that was never to have one has none of them.
const (
	RewardPending  = affiliate.RewardPending  // about to be made
	RewardActive   = affiliate.RewardActive   // customers can use the code
	RewardFailed   = affiliate.RewardFailed   // to be tried again
	RewardInactive = affiliate.RewardInactive // deactivated with its code
)

// rewardState is the document of one code. It is written before Stripe is asked to
// make something and after, so that a run that dies in between leaves a trace.
type rewardState struct {
	Status        RewardStatus `json:"status"`
	Coupon        string       `json:"coupon,omitempty"`
	PromotionCode string       `json:"promotionCode,omitempty"` // the last one known to be there
	Terms         *terms       `json:"terms,omitempty"`         // what the code was provisioned with
	Unsure        bool         `json:"unsure,omitempty"`        // one more may be there: it was asked for, and no result is known
	Generation    int          `json:"generation,omitempty"`    // of the idempotency key
	Failures      int          `json:"failures,omitempty"`      // in a row
	Retry         time.Time    `json:"retry,omitzero"`
	Problem       string       `json:"problem,omitempty"` // stable name
	Message       string       `json:"message,omitempty"`
}

// step is what has to be done at Stripe for a code.
type step int

const (
	stay step = iota
	provision
	deactivate
)

// todo compares what is wanted with what is there. A code keeps the reward it was
// provisioned with, also when its program has none any more.
func (s rewardState) todo(w Wanted) step {
	stands := w.Active && (w.Reward != nil || s.PromotionCode != "")
	switch {
	case stands && (s.Status != RewardActive || w.Force):
		return provision
	case !stands && (s.Status != "" && s.Status != RewardInactive || w.Force):
		return deactivate
	}
	return stay
}

func (s *rewardState) succeed(status RewardStatus) {
	s.Status, s.Unsure = status, false
	s.Failures, s.Retry, s.Problem, s.Message = 0, time.Time{}, "", ""
}

// fail notes a failure and when to try again: after a minute, then twice as long
// each time, up to six hours.
func (s *rewardState) fail(err error, now time.Time) {
	wait := min(time.Minute<<min(s.Failures, 10), 6*time.Hour)
	s.Status, s.Failures, s.Retry = RewardFailed, s.Failures+1, now.Add(wait)
	s.Problem, s.Message = problemName(err), cut(problemText(err), 200)
}

// problemName is what a failure is called in documents and on screens.
func problemName(err error) string {
	for _, known := range []struct {
		err  error
		name string
	}{
		{ErrCodeTaken, "code_taken"},
		{ErrUnsupportedReward, "unsupported_reward"},
		{ErrUnsupportedCode, "unsupported_code"},
		{ErrUnavailable, "unavailable"},
	} {
		if errors.Is(err, known.err) {
			return known.name
		}
	}
	return "refused"
}

func problemText(err error) string {
	if answer, ok := answerTo(err); ok {
		return answer.Msg
	}
	return err.Error()
}

// record is a document with what it was when it was read.
type record struct {
	rewardState
	key string
	raw []byte
}

// errLost: another run wrote the document in between.
var errLost = errors.New("stripeadapter: the state was changed by another run")

func readRecord(key string, raw []byte) (*record, error) {
	rec := record{key: key, raw: raw}
	if len(raw) == 0 {
		return &rec, nil
	}
	if err := json.Unmarshal(raw, &rec.rewardState); err != nil {
		return nil, fmt.Errorf("stripeadapter: state %s: %w", key, err)
	}
	return &rec, nil
}

func (r *record) save(ctx context.Context, states States) error {
	doc, err := json.Marshal(r.rewardState)
	if err != nil {
		return fmt.Errorf("stripeadapter: state %s: %w", r.key, err)
	}
	if bytes.Equal(doc, r.raw) {
		return nil
	}
	saved, err := states.Save(ctx, r.key, r.raw, doc)
	if err != nil {
		return fmt.Errorf("stripeadapter: save state %s: %w", r.key, err)
	}
	if !saved {
		return errLost
	}
	r.raw = doc
	return nil
}

// key is where the state of a code is kept. Test and live mode and each connected
// account have promotion codes of their own.
func (p *Provisioner) key(code string) string {
	mode := "test"
	if strings.Contains(p.cfg.API.PromotionCodes.Key, "_live_") {
		mode = "live"
	}
	return "reward/" + mode + "/" + p.cfg.Account + "/" + code
}

func promotionKey(promotionCode string) string { return "promotion_code/" + promotionCode }

// CodeOf returns the code that a promotion code (promo_…) was provisioned for, if
// it was. Any number of promotion codes may have been the same code in turn, and
// old discounts go on naming them.
func CodeOf(ctx context.Context, states States, promotionCode string) (code string, ok bool, err error) {
	doc, _, err := readPromotion(ctx, states, promotionCode)
	return doc.Code, doc.Code != "", err
}

func readPromotion(ctx context.Context, states States, promotionCode string) (doc promotion, raw []byte, err error) {
	key := promotionKey(promotionCode)
	docs, err := states.Load(ctx, []string{key})
	if err != nil {
		return promotion{}, nil, fmt.Errorf("stripeadapter: load %s: %w", key, err)
	}
	if raw = docs[key]; len(raw) == 0 {
		return promotion{}, nil, nil
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		return promotion{}, nil, fmt.Errorf("stripeadapter: state %s: %w", key, err)
	}
	return doc, raw, nil
}

// saveCodeOf makes CodeOf know a promotion code.
func saveCodeOf(ctx context.Context, states States, promotionCode, code string) error {
	if own, ok := states.(engineStates); ok {
		if err := own.learn(ctx, promotionCode, code); err != nil {
			return fmt.Errorf("stripeadapter: save state %s: %w", promotionKey(promotionCode), err)
		}
		return nil
	}
	for range maxLost {
		doc, old, err := readPromotion(ctx, states, promotionCode)
		if err != nil || doc.Code != "" {
			return err
		}
		doc.Code = code
		raw, err := json.Marshal(doc)
		if err != nil {
			return fmt.Errorf("stripeadapter: state %s: %w", promotionKey(promotionCode), err)
		}
		saved, err := states.Save(ctx, promotionKey(promotionCode), old, raw)
		if err != nil {
			return fmt.Errorf("stripeadapter: save state %s: %w", promotionKey(promotionCode), err)
		}
		if saved {
			return nil
		}
	}
	return errLost
}
