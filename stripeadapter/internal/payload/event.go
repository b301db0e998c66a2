package payload

import (
	"encoding/json"
	"errors"
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
// whatever its data.
func ParseEvent(body []byte) (Event, error) {
	var w envelope
	err := json.Unmarshal(body, &w)
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
	case event.Thin:
		return event, nil
	case w.Data == nil:
		return Event{}, malformed("event", "data", "is not an object")
	case !isObject(w.Data.Object):
		return Event{}, malformed("event", "data.object", "is not an object")
	}
	event.Object = w.Data.Object
	if isObject(w.Data.Previous) {
		event.Previous = w.Data.Previous
	}
	return event, nil
}

func isObject(data json.RawMessage) bool { return len(data) > 0 && data[0] == '{' }
