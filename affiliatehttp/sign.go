package affiliatehttp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goaffiliate/affiliate/program"
)

// The kinds of signed values. What is signed as one is not accepted as another.
const (
	cookieKind   = "v1"
	tokenKind    = "t1"
	customerKind = "c1" // a customer that the host's server vouches for
)

// maxSigned is how long a signed value may be.
const maxSigned = 1024

// macBytes is how much of the SHA-256 MAC is sent.
const macBytes = 16

// signer signs what browsers keep for us.
type signer struct {
	keys []*signKey // the first signs
}

// signKey is a key with the hashes that were begun with it, which begin again.
type signKey struct{ hashes sync.Pool }

func newSignKey(key []byte) *signKey {
	return &signKey{sync.Pool{New: func() any { return &begun{Hash: hmac.New(sha256.New, key)} }}}
}

// begun is a hash that was begun with a key, and room for its sum.
type begun struct {
	hash.Hash
	sum [sha256.Size]byte
}

// mac returns the MAC of a text.
func (k *signKey) mac(text []byte) (mac [macBytes]byte) {
	m, _ := k.hashes.Get().(*begun)
	defer k.hashes.Put(m)
	m.Reset()
	m.Write(text)
	return [macBytes]byte(m.Sum(m.sum[:0]))
}

// newSigner returns a signer, and whether it is the same one in the next process.
func newSigner(keys [][]byte) (s signer, lasting bool) {
	for _, k := range keys {
		s.keys = append(s.keys, newSignKey(slices.Clone(k)))
	}
	if len(s.keys) > 0 {
		return s, true
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return signer{[]*signKey{newSignKey(key)}}, false
}

// seal writes a visit as text that only the holder of a key can write.
func (s signer) seal(kind string, v Visit, now time.Time) string {
	text := make([]byte, 0, 160)
	click := plainText(v.Click)
	if v.unstored != "" {
		click = unstoredMark + plainText(v.unstored)
		if v.suspect {
			click = unstoredMark + suspectMark + plainText(v.unstored)
		}
	}
	for _, part := range []string{kind, v.Visitor, click, v.Referral} {
		text = append(append(text, part...), '.')
	}
	text = append(strconv.AppendInt(text, unix(v.At), 36), '.')
	text = strconv.AppendInt(text, now.Unix(), 36)
	mac := s.keys[0].mac(text)
	text = append(text, '.')
	return string(base64.RawURLEncoding.AppendEncode(text, mac[:]))
}

// open reads what seal wrote. It reports whether that is genuine, of this kind,
// and not older than it may be.
func (s signer) open(kind, text string, now time.Time, maxAge time.Duration) (Visit, bool) {
	cut := strings.LastIndexByte(text, '.')
	if cut < 0 || len(text) > maxSigned || !strings.HasPrefix(text, kind+".") {
		return Visit{}, false
	}
	sum, err := base64.RawURLEncoding.Strict().DecodeString(text[cut+1:])
	if err != nil || !s.genuine([]byte(text[:cut]), sum) {
		return Visit{}, false
	}
	parts := strings.Split(text[:cut], ".")
	if len(parts) != 6 {
		return Visit{}, false
	}
	id, unstored := strings.CutPrefix(parts[2], unstoredMark)
	suspect := false
	if unstored {
		id, suspect = strings.CutPrefix(id, suspectMark)
	}
	click, ok := readPlain(id)
	if !ok || (parts[1] != "" && !program.ValidLinkKey(parts[1])) {
		return Visit{}, false
	}
	issued, ok := instant(parts[5])
	if !ok || issued.Before(now.Add(-maxAge)) || issued.After(now.Add(clockSkew)) {
		return Visit{}, false
	}
	at, _ := instant(parts[4])
	v := Visit{Visitor: parts[1], Click: click, Referral: parts[3], At: at}
	if unstored {
		v.Click, v.unstored, v.suspect = "", click, suspect
	}
	return v, true
}

// unstoredMark is before the id of a click that is not stored yet, and suspectMark
// follows it if that is suspect. No id as plainText writes it begins like this.
const (
	unstoredMark = "~~"
	suspectMark  = "~~"
)

// plainText writes an id so that cookies and addresses take it as it is.
func plainText(id string) string {
	if id == "" || program.ValidLinkKey(id) {
		return id
	}
	return "~" + base64.RawURLEncoding.EncodeToString([]byte(id))
}

func readPlain(text string) (id string, ok bool) {
	coded, is := strings.CutPrefix(text, "~")
	if !is {
		return text, true
	}
	plain, err := base64.RawURLEncoding.DecodeString(coded)
	return string(plain), err == nil
}

// clockSkew is how far the clocks of two servers may be apart.
const clockSkew = 5 * time.Minute

func (s signer) genuine(text, sum []byte) bool {
	for _, key := range s.keys {
		if mac := key.mac(text); hmac.Equal(mac[:], sum) {
			return true
		}
	}
	return false
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func instant(text string) (time.Time, bool) {
	seconds, err := strconv.ParseInt(text, 36, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0).UTC(), true
}
