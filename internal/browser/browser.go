package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Browser is a running Chromium.
type Browser struct {
	ctx   context.Context // of the browser; a tab's is derived from it
	close func()
}

// How long a browser may take until it shows an empty page, and to end.
const (
	startTimeout = time.Minute
	closeTimeout = 10 * time.Second
)

// person is the browser that pages see: headless ones are taken for robots,
// whose visits are no clicks.
const person = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36"

var (
	errMissing = errors.New("no Chromium: install it (apt-get install -y --no-install-recommends chromium), or name one in AFFILIATE_CHROMIUM")
	errOff     = errors.New("AFFILIATE_CHROMIUM is off; make browser runs them")
)

// Find returns the path of the browser to use.
func Find() (string, error) {
	switch path := os.Getenv("AFFILIATE_CHROMIUM"); path {
	case "":
	case "off":
		return "", errOff
	default:
		return exec.LookPath(path)
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errMissing
}

// Launch starts the browser at a path. It is for the caller to close.
func Launch(ctx context.Context, path string) (*Browser, error) {
	folder, err := os.MkdirTemp("", "browser-tests-") // the browser leaves more than its profile behind
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.UserDataDir(filepath.Join(folder, "profile")),
		chromedp.Env("TMPDIR="+folder),
		chromedp.UserAgent(person),
		chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1"),
		chromedp.Flag("lang", "en-US"),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.WindowSize(1280, 900),
	)
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	tab, closeTab := chromedp.NewContext(allocator)
	b := &Browser{ctx: tab, close: func() {
		end(tab)
		closeTab()
		stop()
		_ = os.RemoveAll(folder)
	}}
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(tab, chromedp.Navigate("about:blank")) }()
	select {
	case err := <-started:
		if err == nil {
			return b, nil
		}
		b.Close()
		return nil, fmt.Errorf("start %s: %w", path, err)
	case <-time.After(startTimeout):
		b.Close()
		return nil, fmt.Errorf("start %s: nothing for %v", path, startTimeout)
	}
}

// end lets the browser end its own processes; one that takes too long is killed
// by what follows.
func end(tab context.Context) {
	ctx, cancel := context.WithTimeout(tab, closeTimeout)
	defer cancel()
	_ = chromedp.Cancel(ctx)
}

// Close ends the browser and removes its profile.
func (b *Browser) Close() { b.close() }

// Run runs the tests of a package with one browser, which it puts into shared
// and closes in the end, and returns the status to exit with. Without a browser
// shared stays nil, whose Tab skips the test; with CI=true nothing runs and the
// package fails, unless the browser was switched off.
func Run(m *testing.M, shared **Browser) int {
	path, err := Find()
	if err == nil {
		*shared, err = Launch(context.Background(), path) //nolint:forbidigo // a TestMain has no context
	}
	switch {
	case err == nil:
		defer (*shared).Close()
	case errors.Is(err, errOff), errors.Is(err, errMissing) && os.Getenv("CI") != "true":
		fmt.Fprintln(os.Stderr, "!!! BROWSER TESTS SKIPPED:", err)
	default:
		fmt.Fprintln(os.Stderr, "FAIL: browser tests:", err)
		return 1
	}
	return m.Run()
}
