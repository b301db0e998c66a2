package pgtest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// message is one of the protocol, version 3. The first ones of a connection have
// no kind.
type message struct {
	kind byte
	body []byte
}

// maxMessage is longer than any message of a test.
const maxMessage = 1 << 26

// readMessage reads a message with a kind.
func readMessage(r *bufio.Reader) (message, error) {
	kind, err := r.ReadByte()
	if err != nil {
		return message{}, err
	}
	m, err := readBare(r)
	m.kind = kind
	return m, err
}

// readBare reads a message without its kind: a length, which counts itself, and a
// body.
func readBare(r *bufio.Reader) (message, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return message{}, err
	}
	n := binary.BigEndian.Uint32(length[:])
	if n < 4 || n > maxMessage {
		return message{}, fmt.Errorf("a message of %d bytes", n)
	}
	m := message{body: make([]byte, n-4)}
	_, err := io.ReadFull(r, m.body)
	return m, err
}

// append adds a message as it is sent.
func (m message) append(b []byte) []byte {
	if m.kind != 0 {
		b = append(b, m.kind)
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(m.body)+4))
	return append(b, m.body...)
}

// What a connection may ask for first.
const (
	askCancel = 80877102
	askTLS    = 80877103
	askGSS    = 80877104
)

// readStart reads the first message that matters. Encryption, which comes before,
// is declined.
func readStart(r *bufio.Reader, w io.Writer) (message, error) {
	for {
		m, err := readBare(r)
		if err != nil {
			return m, err
		}
		if len(m.body) < 4 {
			return m, errors.New("a start without a version")
		}
		switch binary.BigEndian.Uint32(m.body) {
		case askTLS, askGSS:
			if _, err := w.Write([]byte{'N'}); err != nil {
				return m, err
			}
		default:
			return m, nil
		}
	}
}

// isCancel reports whether a first message asks to cancel what another connection
// runs.
func (m message) isCancel() bool { return binary.BigEndian.Uint32(m.body) == askCancel }
