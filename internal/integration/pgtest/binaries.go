package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// errMissing reports that this machine has no PostgreSQL to run.
var errMissing = errors.New("initdb is neither on PATH nor in /usr/lib/postgresql/*/bin: install the server, or name one in " + address)

// binaries are the programs of an installation, and who may run them.
type binaries struct {
	folder string
	user   string // to become first; empty: nobody else
}

// findBinaries returns those on PATH, or the newest of a Debian-like machine.
func findBinaries() (binaries, error) {
	folders := debianFolders()
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			folders = slices.Insert(folders, 0, filepath.Dir(path))
		}
	}
	for _, folder := range folders {
		if exists(filepath.Join(folder, "initdb")) && exists(filepath.Join(folder, "pg_ctl")) && exists(filepath.Join(folder, "postgres")) {
			b := binaries{folder: folder}
			if os.Geteuid() == 0 { // whom the server refuses to run for
				b.user = "postgres"
			}
			return b, nil
		}
	}
	return binaries{}, errMissing
}

// debianFolders are in order of version, newest first.
func debianFolders() []string {
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil
	}
	version := func(folder string) int {
		n, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
		if err != nil {
			return 0
		}
		return n
	}
	slices.SortFunc(folders, func(a, b string) int { return version(b) - version(a) })
	return folders
}

// run runs a program to its end.
func (b binaries) run(ctx context.Context, program string, args ...string) error {
	command := append([]string{filepath.Join(b.folder, program)}, args...)
	if b.user != "" {
		command = append([]string{"su", "-s", "/bin/sh", "-c", `exec "$0" "$@"`, "--", b.user}, command...)
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir = "/"
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", program, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// give makes the user of the server the owner of a folder.
func (b binaries) give(ctx context.Context, folder string) error {
	if b.user == "" {
		return nil
	}
	if out, err := exec.CommandContext(ctx, "chown", b.user, folder).CombinedOutput(); err != nil {
		return fmt.Errorf("chown: %w: %s", err, out)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
