package payload

// ParseWhole is ParseEvent without cutting.
func ParseWhole(body []byte) (Event, error) { return parseEvent(body, nil) }

// Cut cuts.
func Cut(body []byte) (rest, object []byte) { return cut(body) }
