package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// scenarios are the repository's.
var scenarios = filepath.Join("..", "..", "testdata", "scenarios")

// call runs the command and returns what it exits with and prints.
func call(t *testing.T, args ...string) (exit int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	exit = run(args, &out, &errs)
	return exit, out.String(), errs.String()
}

// expect fails unless the exit is as wanted and each text occurs.
func expect(t *testing.T, exit, want int, text string, parts ...string) {
	t.Helper()
	if exit != want {
		t.Errorf("exits with %d, want %d", exit, want)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("does not say %q but:\n%s", part, text)
		}
	}
}

// file writes a scenario file and returns its path.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHelpAndVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"simulate", "-h"}, {"simulate", "x.json", "--help"}} {
		exit, out, errs := call(t, args...)
		expect(t, exit, exitOK, out, "affiliate simulate", "--shuffle SEED")
		if errs != "" {
			t.Errorf("%v: stderr says %q", args, errs)
		}
	}
	exit, out, _ := call(t, "version")
	expect(t, exit, exitOK, out, "affiliate ", "rules 1", "go1.")
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args []string
		want string
	}{
		{nil, "Usage:"},
		{[]string{"simulat"}, `unknown command "simulat"`},
		{[]string{"simulate"}, "no scenario file"},
		{[]string{"simulate", "--explain"}, "no scenario file"},
		{[]string{"simulate", "--nope", scenarios}, "not defined: -nope"},
		{[]string{"simulate", scenarios, "--shuffle", "x"}, "shuffle"},
		{[]string{"simulate", "--shuffle=-1", scenarios}, "must be a number"},
		{[]string{"simulate", "--store", "mongo", scenarios}, `unknown store "mongo"`},
		{[]string{"simulate", "--store", "postgres", "--dsn", "postgres://127.0.0.1:1/x", scenarios}, "connection refused"},
	}
	for _, test := range tests {
		exit, out, errs := call(t, test.args...)
		expect(t, exit, exitWrong, errs, test.want)
		if out != "" {
			t.Errorf("%v: stdout says %q", test.args, out)
		}
	}
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestHalfAnAnswerIsAnError(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"help"}, {"simulate", scenarios}, {"simulate", "--json", scenarios}} {
		var errs bytes.Buffer
		exit := run(args, full{}, &errs)
		expect(t, exit, exitWrong, errs.String(), "no space left")
	}
}
