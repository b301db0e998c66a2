package program

import (
	"slices"

	"github.com/goaffiliate/affiliate/internal/edit"
)

// The edits without their methods, for encoding/json.
type (
	settingsFields SettingsChange
	termsFields    TermsChange
	profileFields  Profile
)

// MarshalJSON writes the fields that are given, and a null for each that is
// removed.
func (c SettingsChange) MarshalJSON() ([]byte, error) {
	return edit.Marshal(settingsFields(c), c.Remove)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (c *SettingsChange) UnmarshalJSON(data []byte) error {
	var next settingsFields
	removed, err := edit.Unmarshal(data, &next)
	if err != nil {
		return err
	}
	next.Remove = removed
	*c = SettingsChange(next)
	return nil
}

// MarshalJSON writes the fields that are given, and a null for each that is
// removed.
func (c TermsChange) MarshalJSON() ([]byte, error) { return edit.Marshal(termsFields(c), c.Remove) }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *TermsChange) UnmarshalJSON(data []byte) error {
	var next termsFields
	removed, err := edit.Unmarshal(data, &next)
	if err != nil {
		return err
	}
	next.Remove = removed
	*c = TermsChange(next)
	return nil
}

// MarshalJSON writes the fields that are given, and a null for each that is
// removed.
func (f Profile) MarshalJSON() ([]byte, error) { return edit.Marshal(profileFields(f), f.Remove) }

// UnmarshalJSON reads what MarshalJSON writes.
func (f *Profile) UnmarshalJSON(data []byte) error {
	var next profileFields
	removed, err := edit.Unmarshal(data, &next)
	if err != nil {
		return err
	}
	next.Remove = removed
	*f = Profile(next)
	return nil
}

// removes reports whether the edit removes one of its fields.
func (c *SettingsChange) removes(name string) bool { return slices.Contains(c.Remove, name) }

func (f *Profile) removes(name string) bool { return slices.Contains(f.Remove, name) }
