package affiliate

import (
	"log/slog"
	"time"

	"github.com/google/uuid"
)

// DefaultOrganization is the organization of an Engine that names none.
const DefaultOrganization = "default"

// Config holds what an Engine may be told. Its zero value works.
type Config struct {
	// Organization is the tenant that the Engine is bound to. All rows that it
	// writes and reads are of this organization. Default: DefaultOrganization.
	Organization string

	// Now is the only clock. An operation that loses a race asks it again. It must be
	// safe for concurrent use. Default: time.Now.
	Now func() time.Time

	// NewID makes the ids of entries, notes, payouts and, where the host brings
	// none, clicks. They must be unique and ascend with time, and NewID be safe for
	// concurrent use. Default: UUIDv7.
	NewID func() string

	// Rewards is the payment provider that carries out customer rewards. What it
	// cannot carry out is refused when a program is saved. Default: none; rewards
	// are then shown as not applied at checkout.
	Rewards RewardProvider

	// Logger gets what an operation does not return: retries and work left
	// over. No personal data is ever logged. Default: discard.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Organization == "" {
		c.Organization = DefaultOrganization
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.NewID == nil {
		c.NewID = newID
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// newID returns a UUIDv7. Reading randomness does not fail on the platforms
// that Go supports.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// Always is a time before all others. What is dated Always is in force from the
// beginning of time.
func Always() time.Time { return time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC) }

// normal is the one place where times become UTC microseconds.
func normal(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
