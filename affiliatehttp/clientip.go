package affiliatehttp

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// RemoteIP returns the address that a request's connection comes from. It
// believes no header: behind a proxy it is the proxy's.
func RemoteIP(r *http.Request) netip.Addr {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return remote.Addr().Unmap().WithZone("")
}

// Forwarded returns a Config.ClientIP for hosts behind proxies, which are named
// by their networks. X-Forwarded-For is read from its end, as far as proxies wrote
// it: the first address that is no proxy's is the client. What a client writes
// there itself is never believed.
func Forwarded(proxies ...netip.Prefix) func(*http.Request) netip.Addr {
	trusted := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	return func(r *http.Request) netip.Addr {
		client := RemoteIP(r)
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0 && trusted(client); i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break // no proxy writes this
			}
			client = hop.Unmap().WithZone("")
		}
		return client
	}
}

// Networks are how much of an address is looked at.
const (
	bitsV4 = 24
	bitsV6 = 48
)

// network returns the network of a request's client: all that is ever kept of an
// address, and only as long as it is needed. One that is not known is a network of
// its own.
func (h *Handler) network(r *http.Request) netip.Prefix {
	addr := h.cfg.ClientIP(r)
	bits := bitsV6
	if addr.Is4() {
		bits = bitsV4
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// dailySalt hashes networks with a salt that is made each day (UTC) and then
// forgotten, so that equal hashes mean equal networks on one day, and nobody can
// tell later which.
type dailySalt struct {
	mu  sync.Mutex
	day time.Time
	key [32]byte
}

// hash returns 16 hexadecimal digits, or nothing for no network.
func (s *dailySalt) hash(network netip.Prefix, now time.Time) string {
	if !network.IsValid() {
		return ""
	}
	s.mu.Lock()
	if day := now.Truncate(24 * time.Hour); !day.Equal(s.day) {
		s.day = day
		_, _ = rand.Read(s.key[:]) // never fails, see crypto/rand
	}
	key := s.key
	s.mu.Unlock()
	addr := network.Addr().As16()
	var both [len(key) + len(addr)]byte
	copy(both[copy(both[:], key[:]):], addr[:])
	sum := sha256.Sum256(both[:])
	return hex.EncodeToString(sum[:8])
}
