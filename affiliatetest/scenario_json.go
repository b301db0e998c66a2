package affiliatetest

import "github.com/goaffiliate/affiliate/internal/edit"

// The edits without their methods, for encoding/json.
type (
	programFields  Program
	partnerFields  PartnerEdit
	overrideFields Override
)

// MarshalJSON writes the fields that are given, and a null for each that is
// removed.
func (p Program) MarshalJSON() ([]byte, error) { return edit.Marshal(programFields(p), p.Remove) }

// UnmarshalJSON reads what MarshalJSON writes.
func (p *Program) UnmarshalJSON(data []byte) error {
	var next programFields
	removed, err := edit.Unmarshal(data, &next)
	if err != nil {
		return err
	}
	next.Remove = removed
	*p = Program(next)
	return nil
}

// MarshalJSON writes the fields that are given, and a null for each that is
// removed.
func (p PartnerEdit) MarshalJSON() ([]byte, error) { return edit.Marshal(partnerFields(p), p.Remove) }

// UnmarshalJSON reads what MarshalJSON writes.
func (p *PartnerEdit) UnmarshalJSON(data []byte) error {
	var next partnerFields
	removed, err := edit.Unmarshal(data, &next)
	if err != nil {
		return err
	}
	next.Remove = removed
	*p = PartnerEdit(next)
	return nil
}

// MarshalJSON writes the fields that are given, and a null for each that is
// removed.
func (o Override) MarshalJSON() ([]byte, error) { return edit.Marshal(overrideFields(o), o.Remove) }

// UnmarshalJSON reads what MarshalJSON writes.
func (o *Override) UnmarshalJSON(data []byte) error {
	var next overrideFields
	removed, err := edit.Unmarshal(data, &next)
	if err != nil {
		return err
	}
	next.Remove = removed
	*o = Override(next)
	return nil
}
