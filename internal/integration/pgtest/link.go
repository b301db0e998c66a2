package pgtest

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// link is one client's connection to the server.
type link struct {
	proxy          *Proxy
	id             int
	client, server net.Conn
	names          names

	mu      sync.Mutex
	pending int       // answers that the server owes
	waits   bool      // the client has sent something and got no answer yet
	flushed bool      // any message answers
	secret  bool      // the answer is for the proxy
	deaf    bool      // the client gets nothing more, and is cut off when the server is done
	idle    sync.Cond // the server owes nothing, or is gone
	gone    bool
}

func newLink(p *Proxy, client, server net.Conn) *link {
	l := &link{
		proxy: p, client: client, server: server, names: names{map[string]string{}, map[string]string{}},
		pending: 1, waits: true, // for the login
	}
	l.idle.L = &l.mu
	return l
}

func (l *link) cut() {
	_ = l.client.Close() // that one side has left is no news
	_ = l.server.Close()
}

// run passes messages on until either side leaves.
func (l *link) run() {
	defer l.cut()
	client := bufio.NewReader(l.client)
	start, err := readStart(client, l.client)
	if err != nil {
		return
	}
	if _, err := l.server.Write(start.append(nil)); err != nil {
		return
	}
	if start.isCancel() {
		_, _ = io.Copy(io.Discard, l.server) // it closes when the other connection has been told
		return
	}
	l.proxy.links.Go(l.answers)
	for l.request(client) == nil {
	}
}

// answers passes on what the server sends.
func (l *link) answers() {
	defer func() {
		l.cut()
		l.mu.Lock()
		defer l.mu.Unlock()
		l.gone = true
		l.idle.Broadcast()
	}()
	server := bufio.NewReader(l.server)
	var out []byte
	for {
		m, err := readMessage(server)
		if err != nil {
			return
		}
		silent := l.hear(m)
		if !silent {
			out = m.append(out)
		}
		if server.Buffered() == 0 && len(out) > 0 {
			if _, err := l.client.Write(out); err != nil {
				return
			}
			out = out[:0]
		}
		if silent && l.over() {
			return
		}
	}
}

// hear follows what the server sends, and reports whether the client must not see
// it.
func (l *link) hear(m message) (silent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	silent = l.deaf || l.secret
	if l.flushed || m.kind == 'G' {
		l.waits, l.flushed = false, false
	}
	if m.kind == 'Z' {
		l.pending--
		if l.pending == 0 {
			l.waits, l.secret = false, false
			l.idle.Broadcast()
		}
	}
	return silent
}

// over reports whether a client that hears nothing may be cut off.
func (l *link) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.deaf && l.pending == 0
}

// request passes on one request, unless a fault strikes it.
func (l *link) request(client *bufio.Reader) error {
	r := &request{}
	for complete := false; !complete; {
		m, err := readMessage(client)
		if err != nil {
			return err
		}
		if m.kind == 'p' { // a part of the login
			_, err = l.server.Write(m.append(nil))
			return err
		}
		if complete, err = l.names.add(r, m); err != nil {
			return err
		}
	}
	if f := l.proxy.strike(r); f != nil {
		return l.struck(r, f)
	}
	return l.forward(r, r.bytes())
}

var errLost = errors.New("connection lost by a fault")

func (l *link) struck(r *request, f *fault) error {
	switch f.Harm {
	case LoseBoth:
		if err := l.forward(r, r.bytes()); err != nil {
			return err
		}
		return errLost
	case LoseAnswer:
		l.mu.Lock()
		l.deaf = true
		l.mu.Unlock()
		return l.forward(r, r.bytes())
	case Refuse:
		if err := l.privately(f.State); err != nil {
			return err
		}
		refused, err := l.names.refused(r, f)
		if err != nil {
			return err
		}
		return l.forward(r, refused)
	case Delay:
		time.Sleep(f.Wait)
		return l.forward(r, r.bytes())
	default: // LoseRequest
		return errLost
	}
}

// forward sends a request to the server.
func (l *link) forward(r *request, sent []byte) error {
	l.mu.Lock()
	waited := !l.waits
	if r.answered {
		l.pending++
	}
	last := r.messages[len(r.messages)-1].kind
	l.waits, l.flushed = true, last == 'H'
	l.mu.Unlock()
	if len(r.prepared)+len(r.executed) > 0 || r.answered {
		l.proxy.counted(l.id, r, waited)
	}
	_, err := l.server.Write(sent)
	return err
}

// privately prepares a statement that fails, which the client does not notice.
func (l *link) privately(state string) error {
	sent, err := prepareRaise(state)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.pending > 0 && !l.gone {
		l.idle.Wait()
	}
	l.pending++
	l.secret = true
	if _, err := l.server.Write(sent); err != nil {
		return err
	}
	for l.pending > 0 && !l.gone {
		l.idle.Wait()
	}
	return nil
}
