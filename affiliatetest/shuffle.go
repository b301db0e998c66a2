package affiliatetest

import "math/rand/v2"

// Shuffle returns the steps in another order of arrival, drawn from a seed:
// between two payout steps, reviews, erasures or expectations first the configuration steps in
// their order, then the tracking steps in any, those that must fail last. The
// outcome must not change (semantics 8.2).
func Shuffle(steps []Step, seed uint64) []Step {
	random := rand.New(rand.NewPCG(seed, 0))
	var out, setup, tracking, failing []Step
	flush := func() {
		random.Shuffle(len(tracking), func(i, j int) { tracking[i], tracking[j] = tracking[j], tracking[i] })
		out = append(append(append(out, setup...), tracking...), failing...)
		setup, tracking, failing = nil, nil, nil
	}
	for _, s := range steps {
		switch {
		case s.PayoutRun != nil || s.PayoutStatus != nil || s.Expect != nil || s.Erase != nil || s.reviews():
			flush()
			out = append(out, s)
		case !s.tracks():
			setup = append(setup, s)
		case s.Error != "":
			failing = append(failing, s)
		default:
			tracking = append(tracking, s)
		}
	}
	flush()
	return out
}

// tracks reports whether the step is a tracking step.
func (s Step) tracks() bool {
	return s.Click != nil || s.Identify != nil || s.Conversion != nil || s.Refund != nil || s.RefundFailed != nil ||
		s.Dispute != nil || s.Amend != nil || s.Adjustment != nil
}

// reviews reports whether the step is the owner's word on a commission, which
// must be known by then.
func (s Step) reviews() bool { return s.Hold != nil || s.Release != nil || s.Reject != nil }
