package payout

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/money"
)

// Memory keeps ledgers and payouts in memory, for simulations and tests. The zero
// value is empty. It is not safe for concurrent use.
type Memory struct {
	ledgers map[Ledger]*kept
}

// kept is one ledger with its payouts.
type kept struct {
	lines   []Line
	payouts []Payout
}

var _ Accruals = (*Memory)(nil)

func (m *Memory) ledger(l Ledger) *kept {
	if m.ledgers == nil {
		m.ledgers = map[Ledger]*kept{}
	}
	if m.ledgers[l] == nil {
		m.ledgers[l] = &kept{}
	}
	return m.ledgers[l]
}

// Post adds lines to a ledger, in order, and gives them their positions.
func (m *Memory) Post(l Ledger, lines ...Line) {
	k := m.ledger(l)
	for _, line := range lines {
		line.Position = int64(len(k.lines)) + 1
		k.lines = append(k.lines, line)
	}
}

// Payouts is part of Accruals.
func (m *Memory) Payouts(l Ledger) ([]Payout, error) { return slices.Clone(m.ledger(l).payouts), nil }

// Sum is part of Accruals.
func (m *Memory) Sum(l Ledger, outside Range, at time.Time) (matured, pending int64, err error) {
	for _, line := range m.ledger(l).lines {
		to := &matured
		switch {
		case outside.Covers(line.Position, line.MaturesAt):
			continue
		case line.MaturesAt.After(at):
			to = &pending
		}
		if *to, err = money.Add(*to, line.Amount); err != nil {
			return 0, 0, err
		}
	}
	return matured, pending, nil
}

// Lines is part of Accruals.
func (m *Memory) Lines(l Ledger, through int64) ([]Line, error) {
	lines := m.ledger(l).lines
	return slices.Clone(lines[:min(through, int64(len(lines)))]), nil
}

// Record is part of Accruals. The id of a line is made of its kind and the payout's.
func (m *Memory) Record(p Payout, line *Line) (Payout, error) {
	k := m.ledger(p.Ledger())
	if line != nil {
		line.EntryID = line.Kind + ":" + p.ID
		m.Post(p.Ledger(), *line)
		p = p.With(k.lines[len(k.lines)-1])
	}
	if i := slices.IndexFunc(k.payouts, func(q Payout) bool { return q.ID == p.ID }); i >= 0 {
		k.payouts[i] = p
		return p, nil
	}
	k.payouts = append(k.payouts, p)
	return p, nil
}
