package pgtest

import (
	"context"
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
)

// Trip is one round trip: a client sent something, and waited. Logging in is
// none.
type Trip struct {
	Connection int
	Prepared   []string // statements that the server only looked at
	Executed   []string
}

// Proxy stands between clients and a server. It speaks the protocol without
// encryption.
type Proxy struct {
	network, address string // of the server
	dsn              string
	listener         net.Listener
	links            sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[*link]bool
	count  int // of connections
	trips  []Trip
	faults []*fault
}

// NewProxy starts a proxy for a server, until the end of the test.
func NewProxy(tb testing.TB, dsn string) *Proxy {
	tb.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: listener, open: map[*link]bool{}}
	p.dsn = with(tb, dsn, func(u *url.URL) {
		q := u.Query()
		host, port := q.Get("host"), q.Get("port")
		if u.Host != "" {
			host, port = u.Hostname(), u.Port()
		}
		if port == "" {
			port = "5432"
		}
		p.network, p.address = "tcp", net.JoinHostPort(host, port)
		if filepath.IsAbs(host) {
			p.network, p.address = "unix", filepath.Join(host, ".s.PGSQL."+port)
		}
		q.Del("host")
		q.Del("port")
		q.Set("sslmode", "disable")
		u.Host, u.RawQuery = listener.Addr().String(), q.Encode()
	})
	ctx := context.WithoutCancel(tb.Context())
	p.links.Go(func() { p.accept(ctx) })
	tb.Cleanup(p.close)
	return p
}

// DSN returns the URL of the server's database by way of the proxy.
func (p *Proxy) DSN() string { return p.dsn }

// Take returns the trips since the last call, in order of their beginning.
func (p *Proxy) Take() []Trip {
	p.mu.Lock()
	defer p.mu.Unlock()
	trips := p.trips
	p.trips = nil
	return trips
}

// Cut ends all connections.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.open {
		l.cut()
	}
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	_ = p.listener.Close() // which ends accept
	p.Cut()
	p.links.Wait()
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // a client that was too quick
		}
		p.links.Go(func() { p.serve(ctx, client) })
	}
}

// serve connects a client with the server. Without a server, the client is as
// alone as it would be without a proxy.
func (p *Proxy) serve(ctx context.Context, client net.Conn) {
	var dialer net.Dialer
	server, err := dialer.DialContext(ctx, p.network, p.address)
	if err != nil {
		_ = client.Close()
		return
	}
	l := newLink(p, client, server)
	if !p.add(l) {
		l.cut()
		return
	}
	l.run()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.open, l)
}

func (p *Proxy) add(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	l.id = p.count
	p.open[l] = true
	return !p.closed
}

// counted notes a request, as a trip of its own or as more of the last one of its
// connection.
func (p *Proxy) counted(connection int, r *request, waited bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !waited {
		for i := len(p.trips) - 1; i >= 0; i-- {
			if t := &p.trips[i]; t.Connection == connection {
				t.Prepared, t.Executed = append(t.Prepared, r.prepared...), append(t.Executed, r.executed...)
				return
			}
		}
	}
	p.trips = append(p.trips, Trip{connection, r.prepared, r.executed})
}
