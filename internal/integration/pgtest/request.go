package pgtest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// request is what a client sends before it may wait: messages up to a Sync, a
// Flush, or a simple query.
type request struct {
	messages []message
	prepared []string
	executed []string
	answered bool // by ReadyForQuery
}

// executes reports whether a request runs a statement with a text in it, in any
// case.
func (r *request) executes(text string) bool {
	if text == "" {
		return len(r.prepared)+len(r.executed) > 0
	}
	for _, executed := range r.executed {
		if contains(executed, text) {
			return true
		}
	}
	return false
}

func contains(statement, text string) bool {
	return strings.Contains(strings.ToUpper(statement), strings.ToUpper(text))
}

func (r *request) bytes() (all []byte) {
	for _, m := range r.messages {
		all = m.append(all)
	}
	return all
}

// names are the statements of a connection: prepared ones by their names, and
// those that portals run.
type names struct {
	statements, portals map[string]string
}

// add adds a message to a request and reports whether it is complete.
func (n names) add(r *request, m message) (complete bool, err error) {
	r.messages = append(r.messages, m)
	switch m.kind {
	case 'P':
		var parse pgproto3.Parse
		if err := parse.Decode(m.body); err != nil {
			return false, err
		}
		n.statements[parse.Name] = parse.Query
		r.prepared = append(r.prepared, parse.Query)
	case 'B':
		var bind pgproto3.Bind
		if err := bind.Decode(m.body); err != nil {
			return false, err
		}
		n.portals[bind.DestinationPortal] = n.statements[bind.PreparedStatement]
	case 'E':
		portal, _, _ := bytes.Cut(m.body, []byte{0})
		r.executed = append(r.executed, n.portals[string(portal)])
	case 'Q':
		r.executed = append(r.executed, string(bytes.TrimRight(m.body, "\x00")))
		r.answered = true
	case 'S':
		r.answered = true
	}
	return strings.IndexByte("QSHXdcf", m.kind) >= 0, nil
}

// refused returns a request in which the server fails those statements that a
// fault is about. Prepared ones are bound to the statement that raise prepares.
func (n names) refused(r *request, f *fault) ([]byte, error) {
	var all []byte
	for _, m := range r.messages {
		switch m.kind {
		case 'Q':
			text := string(bytes.TrimRight(m.body, "\x00"))
			if contains(text, f.On) {
				m.body = append([]byte(raise(f.State, text)), 0)
			}
		case 'B':
			var bind pgproto3.Bind
			if err := bind.Decode(m.body); err != nil {
				return nil, err
			}
			if contains(n.statements[bind.PreparedStatement], f.On) {
				var err error
				instead := pgproto3.Bind{DestinationPortal: bind.DestinationPortal, PreparedStatement: raising(f.State)}
				if all, err = instead.Encode(all); err != nil {
					return nil, err
				}
				continue
			}
		}
		all = m.append(all)
	}
	return all, nil
}

// raising is the name of a prepared statement that fails.
func raising(state string) string { return fmt.Sprint("pgtest_", state) }

// prepareRaise prepares it.
func prepareRaise(state string) ([]byte, error) {
	all, err := (&pgproto3.Close{ObjectType: 'S', Name: raising(state)}).Encode(nil)
	if err != nil {
		return nil, err
	}
	if all, err = (&pgproto3.Parse{Name: raising(state), Query: raise(state, "")}).Encode(all); err != nil {
		return nil, err
	}
	return (&pgproto3.Sync{}).Encode(all)
}
