package payload

import (
	"encoding/json"
	"strings"
)

// thinObject is what a v2 event calls itself.
const thinObject = "v2.core.event"

// envelope leaves request out: very old versions send a string there.
type envelope struct {
	ID       string          `json:"id"`
	Object   string          `json:"object"`
	Type     string          `json:"type"`
	Account  ref             `json:"account"`
	Version  string          `json:"api_version"`
	Created  stamp           `json:"created"`
	Livemode bool            `json:"livemode"`
	Data     json.RawMessage `json:"data"`
}

// ParseEvent reads the body of a delivery. An event of v2 is returned as thin,
// whatever its data.
func ParseEvent(body []byte) (Event, error) {
	var w envelope
	if err := decode("event", body, &w, &w.ID); err != nil {
		return Event{}, err
	}
	if w.Type == "" {
		return Event{}, malformed("event", "type", "is missing")
	}
	event := Event{
		ID: w.ID, Type: w.Type, Account: string(w.Account), Version: w.Version,
		Created: w.Created.Time, Livemode: w.Livemode,
		Thin: w.Object == thinObject || strings.HasPrefix(w.Type, "v2."),
	}
	if event.Thin {
		return event, nil
	}
	if err := event.setData(w.Data); err != nil {
		return Event{}, err
	}
	return event, nil
}

func (e *Event) setData(data json.RawMessage) error {
	var w struct {
		Object   json.RawMessage `json:"object"`
		Previous json.RawMessage `json:"previous_attributes"`
	}
	if !isObject(data) || json.Unmarshal(data, &w) != nil {
		return malformed("event", "data", "is not an object")
	}
	if !isObject(w.Object) {
		return malformed("event", "data.object", "is not an object")
	}
	e.Object = w.Object
	if isObject(w.Previous) {
		e.Previous = w.Previous
	}
	return nil
}

func isObject(data json.RawMessage) bool { return len(data) > 0 && data[0] == '{' }
