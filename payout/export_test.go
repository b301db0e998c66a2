package payout

// What the tests look at from within.
var (
	BuildStatement = buildStatement
	AheadOf        = ahead
)

// Covering is the payout that a line stands in, failed or not.
func Covering(payouts []Payout, line Line) *Payout {
	return covering(payouts, Place{Position: line.Position, MaturesAt: line.MaturesAt})
}

// Debit is a payout's own line.
func (p Payout) Debit(entryID string) Line {
	line := p.debit()
	line.Position, line.EntryID = p.Through, entryID
	return line
}
