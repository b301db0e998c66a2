package stripeadapter

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// A state is a nonce, the second it ends at, and a signature of both together with
// the session and the platform. It needs no storage; an authorization code, which
// it protects, works once anyhow.
const (
	nonceSize   = 16
	expirySize  = 8
	stateSize   = nonceSize + expirySize
	stateDomain = "stripeadapter oauth state v1"
)

func (o *OAuth) newState(session string) (string, error) {
	if session == "" {
		return "", invalid("authorize url", "session", "must not be empty")
	}
	state := make([]byte, nonceSize, stateSize+sha256.Size)
	_, _ = rand.Read(state) // never fails, see crypto/rand
	state = binary.BigEndian.AppendUint64(state, uint64(o.cfg.Now().Add(o.cfg.StateTTL).Unix()))
	return base64.RawURLEncoding.EncodeToString(append(state, o.sign(session, state)...)), nil
}

func (o *OAuth) checkState(session, state string) error {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(state)
	if err != nil || strings.ContainsAny(state, "\r\n") || // which the decoder skips
		len(raw) != stateSize+sha256.Size || session == "" ||
		!hmac.Equal(raw[stateSize:], o.sign(session, raw[:stateSize])) {
		return fmt.Errorf("%w: it was not made for this session", ErrState)
	}
	ends := time.Unix(int64(binary.BigEndian.Uint64(raw[nonceSize:stateSize])), 0)
	if o.cfg.Now().After(ends) {
		return fmt.Errorf("%w: it is too old", ErrState)
	}
	return nil
}

func (o *OAuth) sign(session string, state []byte) []byte {
	mac := hmac.New(sha256.New, o.cfg.StateKey)
	mac.Write(fmt.Appendf(nil, "%s\n%s\n%d:%s\n", stateDomain, o.cfg.ClientID, len(session), session))
	mac.Write(state)
	return mac.Sum(nil)
}
