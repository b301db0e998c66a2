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
// believes no header: behind a proxy it is the proxy's. An address without a port
// is what some middleware puts in its place. A Unix socket has none.
func RemoteIP(r *http.Request) netip.Addr {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	addr := remote.Addr()
	if err != nil {
		if addr, err = netip.ParseAddr(r.RemoteAddr); err != nil {
			return netip.Addr{}
		}
	}
	return addr.Unmap().WithZone("")
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

// client returns the address of a request's client, or the zero Addr where nobody
// can tell: behind a proxy that Config.ClientIP does not know of all visitors would
// share one address, and its limits.
func (h *Handler) client(r *http.Request) netip.Addr {
	if h.cfg.ClientIP != nil {
		return h.cfg.ClientIP(r)
	}
	peer := RemoteIP(r)
	if isPublic(peer) || peer.IsValid() && !isForwarded(r) {
		return peer
	}
	h.proxied.Do(func() {
		h.cfg.Logger.Warn("affiliatehttp: requests come through a proxy and Config.ClientIP is not set: " +
			"nothing is limited by address (docs/guides/behind-a-proxy.md)")
	})
	return netip.Addr{}
}

// isPublic reports whether an address is one of the public internet, and not of
// this machine, a private network or a carrier's, where proxies are.
func isPublic(a netip.Addr) bool {
	carrier := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) // RFC 6598
	return a.IsValid() && !a.IsLoopback() && !a.IsPrivate() && !a.IsLinkLocalUnicast() && !a.IsUnspecified() && !carrier.Contains(a)
}

// isForwarded reports whether a proxy says that it passes a request on.
func isForwarded(r *http.Request) bool {
	for name := range r.Header {
		switch name {
		case "Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "X-Cluster-Client-Ip", "True-Client-Ip", "Cf-Connecting-Ip",
			"Fly-Client-Ip", "Fastly-Client-Ip", "Do-Connecting-Ip", "X-Azure-Clientip", "X-Appengine-User-Ip",
			"X-Envoy-External-Address", "Cloudfront-Viewer-Address", "X-Original-Forwarded-For":
			return true
		}
		if strings.HasPrefix(name, "X-Forwarded-") {
			return true
		}
	}
	return false
}

// network returns the network of a request's client: all that is ever kept of an
// address, and only as long as it is needed. It is not valid where the address is
// not known: then nothing is limited by it.
func (h *Handler) network(r *http.Request) netip.Prefix {
	addr := h.client(r)
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
