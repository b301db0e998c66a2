package stripeadapter_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// stripeMock is Stripe's own mock of its API: it knows no state, but refuses what
// the published specification does not allow.
const (
	stripeMock        = "github.com/stripe/stripe-mock"
	stripeMockVersion = "v0.148.0"
)

// How long the mock may take to be built, where it is not in the cache, and to
// listen.
const (
	buildTimeout  = 5 * time.Minute
	listenTimeout = 30 * time.Second
)

// startStripeMock returns the address of stripe-mock, which all tests share.
// Without one the test is skipped, except in CI.
func startStripeMock(t *testing.T) *url.URL {
	t.Helper()
	address, err := runningStripeMock()
	if err == nil {
		return address
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("stripe-mock: %v", err)
	}
	t.Skipf("SKIPPED WITHOUT STRIPE-MOCK: what is sent to Stripe was not checked: %v", err)
	return nil
}

// runningStripeMock starts stripe-mock on a free port. The shell that it is started
// by reads from this process, and ends it as soon as this process has ended, also
// by a panic or a signal.
var runningStripeMock = sync.OnceValues(func() (*url.URL, error) {
	binary, err := stripeMockBinary()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("sh", "-c", `"$0" "$@" </dev/null & read -r _; kill -9 $!; wait`,
		binary, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	until, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	address := make(chan string, 1)
	go func() { // to the end: a full pipe would stop it, and so would one that is collected as garbage
		defer func() { _ = until.Close() }()
		defer close(address)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, at, ok := strings.Cut(lines.Text(), "HTTP at address: "); ok {
				address <- at
			}
		}
	}()
	select {
	case at, ok := <-address:
		if ok {
			return &url.URL{Scheme: "http", Host: at}, nil
		}
		err = errors.New("it ended at once")
	case <-time.After(listenTimeout):
		err = errors.New("it does not listen")
	}
	_ = until.Close()
	_ = cmd.Wait()
	return nil, err
})

// stripeMockBinary is the one that STRIPE_MOCK names, or one that is built once per
// machine and version, outside of this module, and kept in the user's cache.
func stripeMockBinary() (string, error) {
	if path := os.Getenv("STRIPE_MOCK"); path != "" {
		return exec.LookPath(path)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "goaffiliate-affiliate-test")
	binary := filepath.Join(cache, fmt.Sprintf("stripe-mock-%s-%s-%s", stripeMockVersion, runtime.GOOS, runtime.GOARCH))
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(cache, "build") // others may build at the same time; the last one stays
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	ctx, cancel := context.WithTimeout(context.Background(), buildTimeout)
	defer cancel()
	build := exec.CommandContext(ctx, "go", "install", stripeMock+"@"+stripeMockVersion)
	build.Dir, build.Env = folder, append(os.Environ(), "GOBIN="+folder, "GOWORK=off", "GOFLAGS=", "GOOS=", "GOARCH=", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go install: %w\n%s", errors.Join(err, ctx.Err()), out)
	}
	return binary, os.Rename(filepath.Join(folder, "stripe-mock"), binary)
}

// forward is stripe-mock as a handler.
func forward(mock *url.URL) http.Handler { return httputil.NewSingleHostReverseProxy(mock) }

// checkedBy passes a copy of each request to stripe-mock, which must take it, and
// then the request to the handler, which answers it.
func checkedBy(t *testing.T, mock *url.URL, handler http.Handler) http.Handler {
	t.Helper()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := readBody(r)
		check, err := http.NewRequestWithContext(r.Context(), r.Method, mock.String()+r.URL.RequestURI(), strings.NewReader(body))
		if err != nil {
			t.Errorf("stripe-mock: %v", err)
			return
		}
		check.Header = r.Header.Clone()
		answer, err := http.DefaultClient.Do(check)
		if err != nil {
			if r.Context().Err() == nil {
				t.Errorf("stripe-mock: %v", err)
			}
			return
		}
		text, _ := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if answer.StatusCode >= http.StatusBadRequest {
			t.Errorf("stripe-mock refuses %s %s %s: %s", r.Method, r.URL, body, text)
		}
		r.Body = io.NopCloser(strings.NewReader(body))
		handler.ServeHTTP(w, r)
	})
}

// readBody reads a body and leaves it to be read again.
func readBody(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(strings.NewReader(string(body)))
	return string(body)
}
