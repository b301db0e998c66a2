package stripeadapter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/client"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// Errors of customer rewards.
var (
	// ErrUnsupportedReward: Stripe cannot carry out the reward, or would give
	// away more than it says. Nothing was made.
	ErrUnsupportedReward = errors.New("stripeadapter: Stripe cannot carry out the reward")
	// ErrUnsupportedCode: Stripe does not take the characters of the code.
	ErrUnsupportedCode = errors.New("stripeadapter: Stripe does not take the code")
	// ErrCodeTaken: somebody else's promotion code has the same text.
	ErrCodeTaken = errors.New("stripeadapter: the code is taken at Stripe")
)

// ProvisionerConfig is what a Provisioner works with. It is an
// affiliate.RewardProvider, too: as affiliate.Config.Rewards, where it needs no
// States and no Now, it has the Engine refuse what Stripe cannot carry out, and
// tell how far each code is.
type ProvisionerConfig struct {
	API          *client.API // required, see NewAPI
	Organization string      // required: whose coupons they are
	Account      string      // connected account (acct_…) to make them in; empty: the key's own
	States       States      // required, of this organization: see EngineStates
	Now          func() time.Time

	// Label stands before what a coupon says in its name, which customers
	// read on invoices ("Acme: 20% off"), cut to 40 characters.
	Label string

	// Dashes says that the account takes promotion codes with a dash, which
	// older ones do not. Without it such a code fails with ErrUnsupportedCode.
	Dashes bool

	// MonthlyProducts are the products (prod_…) on which free months may be
	// used: the coupon applies to these only, and none of their active prices
	// may bill for longer than a month, which is looked up at Stripe. On a yearly
	// price one free month would be a free year.
	MonthlyProducts []string

	// AllMonthly says that nothing is billed for longer than a month, so that
	// free months need no MonthlyProducts. Nothing checks it.
	AllMonthly bool

	CodesPerRun int           // for which a run asks Stripe something; default 50
	CallTimeout time.Duration // of one call; default 30 s
	Logger      *slog.Logger  // default: discard
}

// Provisioner brings the customer rewards of promo codes to Stripe: one coupon for
// all codes with the same terms, one promotion code for each code. It keeps nothing
// in memory, so any number of them may run at once; whatever they do together ends
// in one coupon and one promotion code.
type Provisioner struct{ cfg ProvisionerConfig }

// NewProvisioner returns a Provisioner. The error unwraps to
// affiliate.ErrInvalidInput and names every problem of the configuration.
func NewProvisioner(cfg ProvisionerConfig) (*Provisioner, error) {
	var list problem.List
	if cfg.API == nil || cfg.API.PromotionCodes == nil {
		list.Add("api", "must be a client, see NewAPI")
	}
	if !program.ValidID(cfg.Organization) {
		list.Add("organization", "must be 1 to 255 bytes without control characters")
	}
	if cfg.Account != "" && !strings.HasPrefix(cfg.Account, "acct_") {
		list.Add("account", "must be the id of an account")
	}
	if cfg.States == nil {
		list.Add("states", "must not be nil")
	}
	if cfg.Now == nil {
		list.Add("now", "must not be nil")
	}
	if cfg.CodesPerRun == 0 {
		cfg.CodesPerRun = 50
	}
	if cfg.CodesPerRun < 0 {
		list.Add("codesPerRun", "must not be below 0")
	}
	if cfg.CallTimeout <= 0 {
		cfg.CallTimeout = callTimeout
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if err := list.Err(affiliate.ErrInvalidInput); err != nil {
		return nil, fmt.Errorf("stripeadapter: new provisioner: %w", err)
	}
	return &Provisioner{cfg}, nil
}

// Wanted is a code as it should stand at Stripe.
type Wanted struct {
	Code    string // normalized
	Partner string
	Program string
	Active  bool          // resolves now
	Reward  *promo.Reward // nil: none, but one that the code has it keeps
	Force   bool          // look at Stripe now: however lately it failed, and also if all seems done
}

// WantedCodes returns all codes of a configuration as they should stand at t. A code
// without a reward of its own gets its program's.
func WantedCodes(s *program.Configuration, t time.Time) []Wanted {
	codes := s.Codes()
	list := make([]Wanted, 0, len(codes))
	for _, c := range codes {
		list = append(list, Wanted{Code: c.Code, Partner: c.Partner, Program: c.Program, Active: c.ActiveAt(t) && !s.Waits(c.Program, t), Reward: s.RewardOf(c, t)})
	}
	return list
}

// Report is what a run came to. Every code that was wanted is in one of its parts,
// or has nothing to do with Stripe.
type Report struct {
	Active   int // stand at Stripe
	Inactive int // were deactivated, now or before
	Failed   []Failure
	Waiting  int // failed lately, and were left alone
	Left     int // not looked at: run again
}

// Failure is a code that could not be brought to Stripe.
type Failure struct {
	Code  string
	Err   error
	Retry time.Time // the first run from then on tries again
}

// Sync brings codes to Stripe as they are wanted, and returns when each was looked
// at, or CodesPerRun of them took calls to Stripe: call it on a schedule, and again
// at once while Report.Left is not 0. What fails for one code is in the report and
// is tried again by a later run. The error is of the run as a whole, which stopped
// there: ErrRateLimited, ErrNotPermitted, ErrUnavailable after several codes in a
// row, the context's, or that of the States. The report is right in any case.
func (p *Provisioner) Sync(ctx context.Context, wanted []Wanted) (Report, error) {
	r := run{Provisioner: p, now: p.cfg.Now(), ready: map[string]bool{}}
	err := r.all(ctx, wanted)
	r.report.Left = len(wanted) - r.done
	return r.report, err
}

// codesPerLoad is how many states are read at once.
const codesPerLoad = 500

// Reward is how far a code's reward is.
type Reward struct {
	Code          string
	Status        RewardStatus // empty: there is none
	Coupon        string       // aff_…
	PromotionCode string       // promo_…, the latest
	Problem       string       // why it failed: code_taken, unsupported_reward, unsupported_code, unavailable, refused
	Message       string       // the same for people
	Retry         time.Time    // of a failed one
}

// Rewards returns how far the rewards of codes are, without asking Stripe.
func (p *Provisioner) Rewards(ctx context.Context, codes ...string) ([]Reward, error) {
	list := make([]Reward, 0, len(codes))
	for chunk := range slices.Chunk(codes, codesPerLoad) {
		docs, err := p.load(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for _, code := range chunk {
			rec, err := readRecord(p.key(code), docs[p.key(code)])
			if err != nil {
				return nil, err
			}
			list = append(list, Reward{
				Code: code, Status: rec.Status, Coupon: rec.Coupon, PromotionCode: rec.PromotionCode,
				Problem: rec.Problem, Message: rec.Message, Retry: rec.Retry,
			})
		}
	}
	return list, nil
}

func (p *Provisioner) load(ctx context.Context, codes []string) (map[string][]byte, error) {
	keys := make([]string, 0, len(codes))
	for _, code := range codes {
		keys = append(keys, p.key(code))
	}
	docs, err := p.cfg.States.Load(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("stripeadapter: load states: %w", err)
	}
	return docs, nil
}
