package payout

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// ErrStatement reports lines that do not add up to the payout's amount: some are missing, or belong to another ledger.
var ErrStatement = errors.New("lines do not add up to the payout")

// Statement is the account of one payout, in minor units. It depends only on what was frozen when the payout was issued, not
// on its status or on later lines, so it can be built again at any time and comes out byte for byte the same (semantics 7.7).
//
// Opening + Posted − Amount = Closing. Opening and Closing are the whole ledger, pending lines included.
type Statement struct {
	Payout   string         `json:"payout"`
	Partner  string         `json:"partner"`
	Currency money.Currency `json:"currency"`
	Cutoff   time.Time      `json:"cutoff"`
	IssuedAt time.Time      `json:"issuedAt"`
	// Opening is the sum of all lines up to and including the debit of the payout before; 0 for the first payout.
	Opening int64 `json:"opening"`
	// Posted is the sum of all lines since then and before this payout's debit, whether this payout covers them or not.
	Posted int64 `json:"posted"`
	// Amount is what was paid out: the sum of Lines.
	Amount int64 `json:"amount"`
	// Closing is what is carried forward after the payout: lines that had not matured at the cut-off.
	Closing int64 `json:"closing"`
	// Lines is what the payout covers, in position order, without its own debit.
	Lines []Line `json:"lines"`
}

// buildStatement returns the statement of p. Prev is the payout before it for the same partner and currency, failed or not,
// nil for none. Lines must hold all lines of that ledger up to p; later ones are ignored, and the order does not matter. The
// error is ErrStatement or money.ErrOverflow.
func buildStatement(p Payout, prev *Payout, lines []Line) (Statement, error) {
	s := Statement{
		Payout: p.ID, Partner: p.Partner, Currency: p.Currency, Cutoff: p.Cutoff.UTC(), IssuedAt: p.IssuedAt.UTC(),
		Amount: p.Amount, Lines: []Line{},
	}
	for _, line := range lines {
		if line.Position >= p.Through {
			continue
		}
		to := &s.Posted
		if prev != nil && line.Position <= prev.Through {
			to = &s.Opening
		}
		var err error
		if *to, err = money.Add(*to, line.Amount); err != nil {
			return Statement{}, err
		}
		if p.within(line.Position, line.MaturesAt) && !prev.within(line.Position, line.MaturesAt) {
			line.MaturesAt, line.At = line.MaturesAt.UTC(), line.At.UTC()
			s.Lines = append(s.Lines, line)
		}
	}
	sortLines(s.Lines)
	if err := s.settle(); err != nil {
		return Statement{}, err
	}
	return s, nil
}

// settle checks the amount and computes the closing balance.
func (s *Statement) settle() error {
	total, err := sum(s.Lines)
	if err != nil {
		return err
	}
	if total != s.Amount {
		return fmt.Errorf("%w: %d, not %d", ErrStatement, total, s.Amount)
	}
	if s.Closing, err = money.Add(s.Opening, s.Posted); err != nil {
		return err
	}
	s.Closing, err = money.Sub(s.Closing, s.Amount)
	return err
}

// JSON returns the statement as one JSON object with amounts in minor units and times in UTC. The bytes depend on the
// statement alone. An error is possible only for times outside the years 0 to 9999.
func (s Statement) JSON() ([]byte, error) {
	return json.Marshal(s)
}
