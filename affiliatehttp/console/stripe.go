package console

import (
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
)

// StripeStatus is how the connection to Stripe is doing, as far as the host
// knows it. What is empty is not shown.
type StripeStatus struct {
	Connected   bool
	Account     string // acct_…, or a name
	Mode        string // live or test
	Endpoint    string // address that events are delivered to
	LastEvent   string // type of the last event that came in
	LastEventAt time.Time
	Problem     string // what the owner should know or do

	ConnectURL    string // where connecting begins
	DisconnectURL string // where it ends, with a question of its own
}

// State is for a pill.
func (s StripeStatus) State() string {
	if s.Connected {
		return "connected"
	}
	return "not_connected"
}

// Heard reports whether an event ever came in.
func (s StripeStatus) Heard() bool { return !s.LastEventAt.IsZero() }

// stripePage shows what the host knows. A status that cannot be read is shown as
// such: the page is most wanted when something is wrong.
func (v *visit) stripePage() error {
	if v.cfg.Stripe == nil {
		return ui.Missing()
	}
	status, err := v.cfg.Stripe(v.ctx)
	if err != nil {
		if v.ctx.Err() == nil {
			v.cfg.Logger.ErrorContext(v.ctx, "console: no status of Stripe", "error", err)
		}
		status = StripeStatus{Problem: "The status could not be read. Payments may still come in; please look again in a moment."}
	}
	return v.show(http.StatusOK, "stripe", "Stripe", status)
}
