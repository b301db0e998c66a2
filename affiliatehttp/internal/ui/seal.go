package ui

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// Sealer turns ids that a reader must not see into opaque ones and back. The same
// id gives the same reference, so that links keep. A reference opens only in the
// scope that it was made for.
//
// It is encryption with a synthetic initialization vector: a MAC of scope and
// text, which is checked when a reference is opened.
type Sealer struct {
	mac []byte
	enc cipher.Block
}

func newSealer(key []byte, root string) (Sealer, error) {
	mac, err := derive(key, root+" seal mac")
	if err != nil {
		return Sealer{}, err
	}
	enc, err := derive(key, root+" seal encryption")
	if err != nil {
		return Sealer{}, err
	}
	block, err := aes.NewCipher(enc)
	return Sealer{mac, block}, err
}

// Seal returns the reference of a text in a scope.
func (s Sealer) Seal(scope, text string) string {
	iv := s.vector(scope, text)
	out := make([]byte, len(iv)+len(text))
	copy(out, iv)
	cipher.NewCTR(s.enc, iv).XORKeyStream(out[len(iv):], []byte(text))
	return base64.RawURLEncoding.EncodeToString(out)
}

// Open returns the text of a reference. It is not ok for one that was not made
// for this scope with this key.
func (s Sealer) Open(scope, ref string) (text string, ok bool) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(ref)
	if err != nil || len(data) < aes.BlockSize {
		return "", false
	}
	iv, rest := data[:aes.BlockSize], data[aes.BlockSize:]
	cipher.NewCTR(s.enc, iv).XORKeyStream(rest, rest)
	text = string(rest)
	return text, hmac.Equal(iv, s.vector(scope, text))
}

func (s Sealer) vector(scope, text string) []byte {
	mac := hmac.New(sha256.New, s.mac)
	mac.Write([]byte(scope + "\x00" + text))
	return mac.Sum(nil)[:aes.BlockSize]
}

// Short is a form of a reference that people can read to each other.
func Short(ref string) string {
	sum := sha256.Sum256([]byte(ref))
	text := strings.ToUpper(hex.EncodeToString(sum[:4]))
	return text[:4] + "-" + text[4:]
}
