package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Disk is a small one of the cluster's own. If it is full, a statement that needs
// room for a row fails, and one that needs room in the write-ahead log takes the
// server down.
type Disk struct {
	Megabytes int
	Log       bool // it holds the write-ahead log, and not the rows
}

// Cluster is a server of a test's own. Only its user reaches it, through a socket
// in its folder.
type Cluster struct {
	binaries binaries
	folder   string // of all that it has
	guard    *guard
	disk     Disk
}

// Own starts a server with settings such as "max_connections=20", which stops at
// the end of the test. Its database is postgres.
func Own(tb testing.TB, settings ...string) *Cluster {
	tb.Helper()
	return OwnOn(tb, Disk{}, settings...)
}

// OwnOn is Own with a disk that is soon full. Where nobody may mount
// one, it skips the test.
func OwnOn(tb testing.TB, disk Disk, settings ...string) *Cluster {
	tb.Helper()
	c, err := newCluster(tb.Context(), disk, settings)
	if err != nil {
		unavailable(tb, err)
	}
	tb.Cleanup(c.guard.release)
	return c
}

// newCluster makes a cluster and starts it. On errors nothing is left.
func newCluster(ctx context.Context, disk Disk, settings []string) (*Cluster, error) {
	b, err := findBinaries()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	g, err := newGuard(ctx, folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	c := &Cluster{b, folder, g, disk}
	if err := c.create(ctx, settings); err != nil {
		g.release()
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		g.release()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) create(ctx context.Context, settings []string) error {
	if err := c.mount(ctx); err != nil {
		return err
	}
	for _, folder := range []string{c.folder, c.data(), c.wal()} {
		if err := c.binaries.give(ctx, folder); err != nil {
			return err
		}
	}
	args := []string{"-D", c.data(), "--waldir=" + c.wal(), "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C.UTF-8", "-E", "UTF8"}
	if c.disk.Megabytes > 0 {
		args = append(args, "--wal-segsize=1")
	}
	if err := c.binaries.run(ctx, "initdb", args...); err != nil {
		return err
	}
	settings = append([]string{"listen_addresses=", "unix_socket_directories=" + c.folder}, settings...)
	return c.configure(settings)
}

// mount puts the cluster's disk in its place.
func (c *Cluster) mount(ctx context.Context) error {
	if err := errors.Join(os.Mkdir(c.data(), 0o700), os.Mkdir(c.wal(), 0o700)); err != nil || c.disk.Megabytes == 0 {
		return err
	}
	options := fmt.Sprintf("size=%dm,mode=700,uid=%d", c.disk.Megabytes, os.Geteuid())
	command := []string{"mount", "-t", "tmpfs", "-o", options, "tmpfs", c.DiskFolder()}
	if os.Geteuid() != 0 {
		command = append([]string{"sudo", "-n"}, command...)
	}
	out, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	if err != nil {
		why, _, _ := strings.Cut(string(out), "\n")
		return fmt.Errorf("%w: %w %s", errNoMount, err, why)
	}
	return nil
}

// errNoMount reports a machine that does not let its user mount a small disk.
var errNoMount = errors.New("only root can mount a small disk")

// configure adds settings to those that initdb wrote.
func (c *Cluster) configure(settings []string) error {
	var b strings.Builder
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''"))
	}
	f, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(b.String())
	return errors.Join(err, f.Close())
}

func (c *Cluster) data() string { return filepath.Join(c.folder, "data") }
func (c *Cluster) wal() string  { return filepath.Join(c.folder, "wal") }
func (c *Cluster) log() string  { return filepath.Join(c.folder, "log") }

// DiskFolder is where the cluster's disk is, for files that fill it.
func (c *Cluster) DiskFolder() string {
	if c.disk.Log {
		return c.wal()
	}
	return c.data()
}

// DSN returns the URL of the cluster's database.
func (c *Cluster) DSN() string {
	u := url.URL{Scheme: "postgres", Path: "/postgres", RawQuery: url.Values{
		"host": {c.folder}, "user": {"postgres"}, "sslmode": {"disable"},
	}.Encode()}
	return u.String()
}

// Start starts the cluster, unless it runs.
func (c *Cluster) Start(tb testing.TB) {
	tb.Helper()
	if c.binaries.run(tb.Context(), "pg_ctl", "-D", c.data(), "status") == nil {
		return
	}
	if err := c.start(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

func (c *Cluster) start(ctx context.Context) error {
	err := c.binaries.run(ctx, "pg_ctl", "-D", c.data(), "-w", "-l", c.log(), "start")
	if err != nil {
		return fmt.Errorf("%w\n%s", err, c.LogTail(20))
	}
	return nil
}

// Stop ends all connections and stops the cluster, or kills it, as a crash does.
func (c *Cluster) Stop(tb testing.TB, immediate bool) {
	tb.Helper()
	mode := "fast"
	if immediate {
		mode = "immediate"
	}
	if err := c.binaries.run(tb.Context(), "pg_ctl", "-D", c.data(), "-m", mode, "-w", "stop"); err != nil {
		tb.Fatalf("%v\n%s", err, c.LogTail(20))
	}
}

// Restart stops and starts the cluster.
func (c *Cluster) Restart(tb testing.TB, immediate bool) {
	tb.Helper()
	c.Stop(tb, immediate)
	c.Start(tb)
}

// LogTail returns the last lines of what the server logged.
func (c *Cluster) LogTail(lines int) string {
	text, err := os.ReadFile(c.log())
	if err != nil {
		return ""
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
