package boltstore

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"
)

// key is a tuple of texts and numbers as bytes. Keys sort as their tuples do, part
// by part: texts by their bytes, numbers by value. The key of a tuple is a prefix
// of those that extend it, and of no others.
type key []byte

// What follows a zero byte of a text, and what ends the text: a zero byte with
// something smaller behind it, so that "a" sorts before "a\x00" and cannot be taken
// for it.
const (
	escaped = "\xff"
	end     = "\x00\x01"
)

// texts is the key of a tuple of texts.
func texts(parts ...string) key {
	var k key
	for _, part := range parts {
		k = append(k, strings.ReplaceAll(part, "\x00", "\x00"+escaped)...)
		k = append(k, end...)
	}
	return k
}

// number adds a number. Flipping the sign bit sorts the negative ones first.
func (k key) number(n int64) key {
	return binary.BigEndian.AppendUint64(slices.Clip(k), uint64(n)^(1<<63))
}

// moment adds a time, in microseconds.
func (k key) moment(t time.Time) key { return k.number(t.UnixMicro()) }

// and adds a tuple.
func (k key) and(other key) key { return slices.Concat(k, other) }

// past is after all keys that extend k, which ends in a text, and before any other
// key behind these.
func (k key) past() key {
	k = slices.Clone(k)
	k[len(k)-1]++
	return k
}
