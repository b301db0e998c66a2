package payload

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
)

// thinObject is what a v2 event calls itself.
const thinObject = "v2.core.event"

// envelope leaves request out: very old versions send a string there.
type envelope struct {
	ID       string `json:"id"`
	Object   string `json:"object"`
	Type     string `json:"type"`
	Account  ref    `json:"account"`
	Version  string `json:"api_version"`
	Created  stamp  `json:"created"`
	Livemode bool   `json:"livemode"`
	Data     *struct {
		Object   json.RawMessage `json:"object"`
		Previous json.RawMessage `json:"previous_attributes"`
	} `json:"data"`
}

func (w *envelope) isThin() bool { return w.Object == thinObject || strings.HasPrefix(w.Type, "v2.") }

// ParseEvent reads the body of a delivery. An event of v2 is returned as thin,
// whatever its data. Whether the object is JSON at all is left to who reads it, and
// to Check.
func ParseEvent(body []byte) (Event, error) { return parseEvent(cut(body)) }

// parseEvent reads an event and the object that was cut from it, if one was.
func parseEvent(rest, object []byte) (Event, error) {
	var w envelope
	err := json.Unmarshal(rest, &w)
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && strings.HasPrefix(wrong.Field, "data") && w.isThin() {
		err = nil
	}
	if err := readAs("event", err, w.ID); err != nil {
		return Event{}, err
	}
	event := Event{
		ID: w.ID, Type: w.Type, Account: string(w.Account), Version: w.Version,
		Created: w.Created.Time, Livemode: w.Livemode, Thin: w.isThin(),
	}
	switch {
	case w.Type == "":
		return Event{}, malformed("event", "type", "is missing")
	case event.Thin && object != nil && !json.Valid(object):
		return Event{}, malformed("event", "", "is not JSON")
	case event.Thin:
		return event, nil
	case w.Data == nil:
		return Event{}, malformed("event", "data", "is not an object")
	case !isObject(w.Data.Object):
		return Event{}, malformed("event", "data.object", "is not an object")
	}
	event.Object = w.Data.Object
	if object != nil {
		event.Object = object
	}
	if isObject(w.Data.Previous) {
		event.Previous = w.Data.Previous
	}
	return event, nil
}

// Check returns ErrMalformed if the object of the event, if it has one, is not JSON.
func (e Event) Check() error {
	if len(e.Object) == 0 || json.Valid(e.Object) {
		return nil
	}
	return malformed("event", "data.object", "is not JSON")
}

// PreviousMetadata returns the metadata that the object of an update had before it,
// by what it has now: previous_attributes tells the values that changed, null where
// there was none. Not told, it is what it is now.
func (e Event) PreviousMetadata(now map[string]string) (before map[string]string, told bool) {
	var previous struct {
		Metadata map[string]*string `json:"metadata"`
	}
	if len(e.Previous) == 0 || json.Unmarshal(e.Previous, &previous) != nil || previous.Metadata == nil {
		return now, false
	}
	if len(previous.Metadata) == 0 {
		return nil, true
	}
	before = maps.Clone(now)
	for key, value := range previous.Metadata {
		if value == nil {
			delete(before, key)
			continue
		}
		if before == nil {
			before = map[string]string{}
		}
		before[key] = *value
	}
	return before, true
}

func isObject(data json.RawMessage) bool { return len(data) > 0 && data[0] == '{' }
