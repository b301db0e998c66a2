package attribution

// Reason says why a touch was left out, a method failed, or a conversion pays
// nobody (semantics 9). Reasons are stable: they are stored and shown.
type Reason string

// The reasons.
const (
	NoTouch            Reason = "no_touch"
	OutsideWindow      Reason = "outside_window"
	ProgramNotActive   Reason = "program_not_active"
	PartnerNotApproved Reason = "partner_not_approved"
	PartnerSuspended   Reason = "partner_suspended"
	SelfReferral       Reason = "self_referral"
	Flagged            Reason = "flagged"
	CodeUnknown        Reason = "code_unknown"
	CodeRetired        Reason = "code_retired"
	CodeOtherProgram   Reason = "code_other_program"
	NoMatch            Reason = "no_match"
	NoRule             Reason = "no_rule"
	ClaimUnconfirmed   Reason = "claim_unconfirmed"
)
