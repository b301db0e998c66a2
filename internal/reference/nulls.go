package reference

import "encoding/json"

// nullsIn are the names of the fields that are an explicit null.
func nullsIn(data []byte) (names []string, err error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	for name, value := range fields {
		if string(value) == "null" {
			names = append(names, name)
		}
	}
	return names, nil
}

// withNulls writes a value with a null for each of the names.
func withNulls(value any, names []string) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(data, &fields); err != nil {
		return nil, err
	}
	for _, name := range names {
		fields[name] = json.RawMessage("null")
	}
	return json.Marshal(fields)
}

// UnmarshalJSON keeps the nulls apart.
func (e *EditProgram) UnmarshalJSON(data []byte) (err error) {
	type plain EditProgram
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	e.nulls, err = nullsIn(data)
	return err
}

// MarshalJSON writes the nulls, too.
func (e EditProgram) MarshalJSON() ([]byte, error) {
	type plain EditProgram
	return withNulls(plain(e), e.nulls)
}

// UnmarshalJSON keeps the nulls apart.
func (e *EditPartner) UnmarshalJSON(data []byte) (err error) {
	type plain EditPartner
	if err := json.Unmarshal(data, (*plain)(e)); err != nil {
		return err
	}
	e.nulls, err = nullsIn(data)
	return err
}

// MarshalJSON writes the nulls, too.
func (e EditPartner) MarshalJSON() ([]byte, error) {
	type plain EditPartner
	return withNulls(plain(e), e.nulls)
}

// UnmarshalJSON keeps the nulls apart.
func (o *Override) UnmarshalJSON(data []byte) (err error) {
	type plain Override
	if err := json.Unmarshal(data, (*plain)(o)); err != nil {
		return err
	}
	o.nulls, err = nullsIn(data)
	return err
}

// MarshalJSON writes the nulls, too.
func (o Override) MarshalJSON() ([]byte, error) {
	type plain Override
	return withNulls(plain(o), o.nulls)
}
