package payout

import (
	"errors"
	"fmt"
	"time"
)

// ErrInvalidTransition reports a move between states that semantics 7.5 does not allow; the error is a *TransitionError.
var ErrInvalidTransition = errors.New("invalid transition")

// Status is the state of a payout.
type Status string

// The states of a payout. Paid, Failed and Canceled are terminal.
const (
	Issued     Status = "issued"
	Processing Status = "processing"
	Paid       Status = "paid"
	Failed     Status = "failed"
	Canceled   Status = "canceled"
)

// Valid reports whether s is one of the states.
func (s Status) Valid() bool { return s.Open() || s.Returned() || s == Paid }

// Open reports whether the payout is under way: issued or processing.
func (s Status) Open() bool { return s == Issued || s == Processing }

// Returned reports whether the payout's amount went back to the balance: failed or canceled.
func (s Status) Returned() bool { return s == Failed || s == Canceled }

// Move is one change of a payout's state.
type Move struct {
	Status Status    `json:"status"` // since then
	At     time.Time `json:"at"`
}

// Transition returns nil if a payout may go from one state to the other, else a
// *TransitionError, also when both are the same. Issued may become processing, paid,
// failed or canceled; processing may become paid, failed or canceled.
func Transition(from, to Status) error {
	switch {
	case from.Open() && (to == Paid || to.Returned()), from == Issued && to == Processing:
		return nil
	}
	return &TransitionError{From: from, To: to}
}

// TransitionError is a refused move; errors.Is finds ErrInvalidTransition in it.
type TransitionError struct {
	From, To Status
}

// Error names both states.
func (e *TransitionError) Error() string {
	return fmt.Sprintf("%v: from %q to %q", ErrInvalidTransition, e.From, e.To)
}

// Unwrap returns ErrInvalidTransition.
func (e *TransitionError) Unwrap() error { return ErrInvalidTransition }
