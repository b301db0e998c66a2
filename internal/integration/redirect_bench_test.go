package integration_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// BenchmarkRedirect compares GET /r/{link}, whose click is stored before the
// answer, with a bare handler that answers a constant 302, over keep-alive
// connections from the same process. Both take turns. The ratios are ours over the
// bare handler's, medians of the rounds: of requests per second, where 1 is as
// fast, and of the 99th percentile of the time that a request takes.
func BenchmarkRedirect(b *testing.B) {
	for _, conns := range []int{32, 256} {
		b.Run(fmt.Sprintf("memory/%d", conns), func(b *testing.B) { benchRedirect(b, memory.New(), conns) })
		d := sqliteDrivers[0]
		b.Run(fmt.Sprintf("sqlite/%d", conns), func(b *testing.B) { benchRedirect(b, migrated(b, d.name, d.settings), conns) })
		b.Run(fmt.Sprintf("postgres/%d", conns), func(b *testing.B) { benchRedirect(b, freshPostgres(b, "pgxpool", 16), conns) })
	}
}

// redirectRound is how long one side answers before the other does.
const redirectRound = 500 * time.Millisecond

func benchRedirect(b *testing.B, store storage.Store, conns int) {
	b.Helper()
	counted := &commits{Store: store}
	eng := linked(b, counted)
	var visits atomic.Uint32
	handler, err := affiliatehttp.New(eng, affiliatehttp.Config{
		ClickTimeout: time.Minute, // of a disk that others write to, too
		Keys:         [][]byte{[]byte("a key that a benchmark signs with")},
		ClientIP: func(*http.Request) netip.Addr { // each visit from a network of its own
			n := visits.Add(1)
			return netip.AddrFrom4([4]byte{byte(n >> 16), byte(n >> 8), byte(n), 1})
		},
	})
	require.NoError(b, err)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /r/{link}", handler.Redirect)
	ours := newLoad(b, mux, "/r/ada?sub1=a", conns)
	bare := newLoad(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "https://shop.example/pricing?plan=pro")
		w.WriteHeader(http.StatusFound)
	}), "/", conns)
	ours.round(b)
	bare.round(b)
	var rate, tail, rates []float64
	stored := 0
	for b.Loop() {
		o, f := ours.round(b), bare.round(b)
		rates = append(rates, o.perSecond)
		rate, tail = append(rate, o.perSecond/f.perSecond), append(tail, float64(o.p99)/float64(f.p99))
		stored += o.requests
	}
	require.Zero(b, handler.LostClicks())
	b.ReportMetric(middle(rates), "requests/s")
	b.ReportMetric(float64(counted.clicks.Load())/float64(counted.calls.Load()), "clicks/commit")
	b.ReportMetric(float64(counted.took.Load())/float64(counted.calls.Load())/1e6, "ms/commit")
	b.ReportMetric(middle(rate), "ratio")
	b.ReportMetric(middle(tail), "p99-ratio")
	b.ReportMetric(0, "ns/op")
}

// commits counts what is stored, and how long it takes.
type commits struct {
	storage.Store
	calls, clicks, took atomic.Int64
}

// Commits is the store's own, if it has an opinion.
func (c *commits) Commits() int {
	if of, ok := c.Store.(storage.Concurrent); ok {
		return of.Commits()
	}
	return 1
}

func (c *commits) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	start := time.Now()
	outcomes, err := c.Store.Commit(ctx, org, changes)
	for _, change := range changes {
		c.clicks.Add(int64(len(change.Clicks)))
	}
	c.calls.Add(1)
	c.took.Add(int64(time.Since(start)))
	return outcomes, err
}

// linked returns an Engine of a program with one partner's link.
func linked(tb testing.TB, store storage.Store) *affiliate.Engine {
	tb.Helper()
	ctx := tb.Context()
	eng, err := affiliate.New(store, affiliate.Config{})
	require.NoError(tb, err)
	destination := "https://shop.example/pricing?plan=pro"
	rules := []commission.Rule{{ID: "rev", Trigger: commission.Every, Type: commission.Percent, Value: "20"}}
	require.NoError(tb, errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: &destination, Rules: rules}, affiliate.Always())))
	require.NoError(tb, errOf(eng.CreatePartner(ctx, "ada", program.Profile{}, affiliate.Always())))
	require.NoError(tb, errOf(eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always())))
	require.NoError(tb, errOf(eng.AddLink(ctx, affiliate.Link{Key: "ada", Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()})))
	return eng
}

func middle(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// load asks a server of its own the same over and over.
type load struct {
	request []byte
	conns   []*asker
}

type asker struct {
	conn net.Conn
	in   *bufio.Reader
}

type loadResult struct {
	requests  int
	perSecond float64
	p99       time.Duration
}

func newLoad(tb testing.TB, handler http.Handler, path string, conns int) *load {
	tb.Helper()
	server := httptest.NewServer(handler)
	tb.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	l := &load{request: []byte("GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0\r\n\r\n")}
	for range conns {
		conn, err := net.Dial("tcp", address)
		require.NoError(tb, err)
		tb.Cleanup(func() { _ = conn.Close() }) // the test is over
		l.conns = append(l.conns, &asker{conn, bufio.NewReader(conn)})
	}
	return l
}

// round asks on all connections for a while.
func (l *load) round(tb testing.TB) loadResult {
	tb.Helper()
	times := make([][]time.Duration, len(l.conns))
	start := time.Now()
	var wait sync.WaitGroup
	for i, a := range l.conns {
		wait.Go(func() {
			for began := start; began.Sub(start) < redirectRound; {
				if err := a.ask(l.request); err != nil {
					tb.Error(err)
					return
				}
				now := time.Now()
				times[i] = append(times[i], now.Sub(began))
				began = now
			}
		})
	}
	wait.Wait()
	took := time.Since(start)
	all := slices.Concat(times...)
	slices.Sort(all)
	return loadResult{len(all), float64(len(all)) / took.Seconds(), all[len(all)*99/100]}
}

// ask reads one answer.
func (a *asker) ask(request []byte) error {
	if _, err := a.conn.Write(request); err != nil {
		return err
	}
	body := 0
	for first := true; ; first = false {
		line, err := a.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 302")) {
			return fmt.Errorf("unexpected answer %q", line)
		}
		if length, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if body, err = strconv.Atoi(string(bytes.TrimSpace(length))); err != nil {
				return err
			}
		}
		if len(line) == 2 {
			_, err = a.in.Discard(body)
			return err
		}
	}
}
