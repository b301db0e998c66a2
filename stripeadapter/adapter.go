package stripeadapter

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/problem"
)

// OutOfBand says what money counts that an invoice was paid with outside of
// Stripe.
type OutOfBand string

// What to do with money from outside of Stripe.
const (
	CountOutOfBand  OutOfBand = "" // it is money like any other
	IgnoreOutOfBand OutOfBand = "ignore"
)

// Config is what an Adapter may be told. Its zero value works for the live events
// of one account, once it has a secret.
type Config struct {
	// Secrets are the signing secrets (whsec_…) of the endpoints that deliver to
	// the handler: of the account's own, of Connect, old and new ones while one is
	// rolled. A delivery signed with any of them is taken. Needed by Handler only.
	Secrets []string

	// TestMode takes the events of test mode, and sandboxes, rather than live ones.
	// Those of the other mode are answered and ignored. Test clocks may run ahead: what
	// their objects earn is pending until that time comes.
	TestMode bool

	// Account returns the Engine for the events of a connected account, or nil for
	// one that is not known. Each account needs an organization of its own. Default:
	// events of connected accounts are ignored.
	Account func(ctx context.Context, account string) (*affiliate.Engine, error)

	// Keys are the names of metadata that say who led a customer here.
	Keys Keys

	// ClientReferencePrefix is what a client_reference_id of ours starts with, for
	// hosts that also use it for ids of their own. It is cut off. A value that is
	// neither a referral code nor a click is nobody's, with a prefix or without.
	ClientReferencePrefix string

	// OutOfBand says whether money that was paid outside of Stripe counts. From API
	// version 2025-03-31 on an event does not tell such money from other: to ignore it
	// takes a Lookup then, and without one it counts, see MissingOutOfBand.
	OutOfBand OutOfBand

	// WithoutLifecycle leaves out the conversions without money: signup of a
	// customer that carries a reference, trial_started, subscription_created.
	WithoutLifecycle bool

	// WithoutEmails does not tell the Engine the e-mail addresses of customers,
	// which are only kept as keyed hashes, to find partners who refer themselves.
	WithoutEmails bool

	// Lookup answers what events leave out, see NewLookup. Default: nobody does.
	// Then a payment waits until some later event tells it.
	Lookup Lookup

	// Assign sees each payment that may count, with its lines, and names the program
	// that it is of or leaves lines out, such as a setup fee. Its answer is kept with
	// the payment: what it says of the same invoice or checkout session later changes
	// nothing, so it may look things up. It is asked before anything is stored, also of
	// a payment that comes again; after an error the event is to be applied again.
	// Default: payments are of all programs, and all of their lines count.
	Assign func(ctx context.Context, p Payment) (Assignment, error)

	// OnResult hears what became of each event, once it is stored: which waits for
	// something, see Result.Missing, and which was set aside. It is called before the
	// delivery is answered, also for an event that comes again, and by an Adapter of
	// Within before the host's transaction ends. Default: nobody hears.
	OnResult func(ctx context.Context, result Result)

	// Logger gets what the handler does not tell Stripe: why a delivery was refused,
	// was set aside or could not be applied. No personal data is logged. Default:
	// discard.
	Logger *slog.Logger
}

// Lookup asks Stripe for what an event does not tell. The account is "" for the
// own one. Not found is an empty result, not an error.
type Lookup interface {
	// InvoiceOf returns the id of the invoice that a payment intent, or else a
	// charge, pays.
	InvoiceOf(ctx context.Context, account, paymentIntent, charge string) (invoice string, err error)

	// PromotionsOf returns the ids of the promotion codes (promo_…) that were
	// applied to an invoice or checkout session.
	PromotionsOf(ctx context.Context, account, object string) (promotionCodes []string, err error)

	// CodeOf returns what customers type for a promotion code.
	CodeOf(ctx context.Context, account, promotionCode string) (code string, err error)

	// Invoice returns an invoice, JSON, in a version that tells whether it was paid
	// outside of Stripe: 2025-02-24 or before.
	Invoice(ctx context.Context, account, id string) (invoice []byte, err error)
}

// Adapter turns the events of Stripe into facts of an Engine. It keeps nothing
// between events but what the Engine stores with those facts, so any number of
// them, in any number of processes, may work on one store. Its methods are safe
// for concurrent use.
type Adapter struct {
	eng *affiliate.Engine
	cfg Config
}

// New returns an Adapter that records into an Engine. The error unwraps to
// affiliate.ErrInvalidInput and names every problem of the configuration.
func New(eng *affiliate.Engine, cfg Config) (*Adapter, error) {
	var list problem.List
	if eng == nil {
		list.Add("engine", "must not be nil")
	}
	for i, secret := range cfg.Secrets {
		if secret == "" { // it would let everybody in
			list.Add(fmt.Sprintf("secrets[%d]", i), "must not be empty")
		}
	}
	if cfg.OutOfBand != CountOutOfBand && cfg.OutOfBand != IgnoreOutOfBand {
		list.Add("outOfBand", "is none of ours")
	}
	cfg.Keys = cfg.Keys.withDefaults()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	for _, p := range affiliate.Problems(cfg.Keys.Validate()) {
		list.Add(p.Field, "%s", p.Message)
	}
	if err := list.Err(affiliate.ErrInvalidInput); err != nil {
		return nil, fmt.Errorf("stripeadapter: new: %w", err)
	}
	return &Adapter{eng: eng, cfg: cfg}, nil
}

// Within returns an Adapter for the same account whose Apply records through
// another Engine, which is joined to a transaction of the host: see
// affiliate.Engine.Within. It is for events of the account itself; those of
// connected accounts still go where Config.Account says.
func (a *Adapter) Within(eng *affiliate.Engine) *Adapter { return &Adapter{eng: eng, cfg: a.cfg} }

// Connected says that a connected account is connected again after it left: its
// events count again. It is needed for accounts that come back only, and does no
// harm otherwise.
func (a *Adapter) Connected(ctx context.Context, account string) error {
	eng, err := a.engineOf(ctx, account)
	if err != nil || eng == nil || account == "" {
		return err
	}
	return eng.Atomically(ctx, func(b *affiliate.Tx) error {
		var doc accountDoc
		raw, err := readDocument(b, accountKey(account), &doc)
		if err != nil || len(raw) == 0 || doc.Gone.IsZero() {
			return err
		}
		return writeDocument(b, accountKey(account), accountDoc{})
	})
}
