package storage

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// ErrMark says that a text is not where a page ended.
var ErrMark = errors.New("not where an earlier page ended")

// String returns the mark as text that is safe in a URL; the zero value is empty.
func (m Mark) String() string {
	if m == (Mark{}) {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(m.At.UnixMicro(), 10) + " " + m.ID))
}

// ParseMark reads what String writes. The error is ErrMark.
func ParseMark(text string) (m Mark, err error) {
	if text == "" {
		return m, nil
	}
	data, bad := base64.RawURLEncoding.DecodeString(text)
	at, id, found := strings.Cut(string(data), " ")
	micros, err := strconv.ParseInt(at, 10, 64)
	if bad != nil || err != nil || !found || id == "" {
		return m, ErrMark
	}
	return Mark{At: time.UnixMicro(micros).UTC(), ID: id}, nil
}
