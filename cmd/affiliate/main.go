package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	_ "time/tzdata" // programs have time zones, machines not always

	"github.com/goaffiliate/affiliate/decision"
)

// What the command exits with.
const (
	exitOK     = 0
	exitFailed = 1 // a scenario ended in something else than it expects
	exitWrong  = 2 // wrong usage, or a file that cannot be read, understood or run
)

const usage = `affiliate runs scenario files: simulations of an affiliate program, with what must come of them.

Usage:

  affiliate simulate [flags] FILE...   run scenario files, or all *.json files of a directory
  affiliate version                    print the version
  affiliate help                       print this

Flags of simulate, before or after the files:

  --store memory|sqlite|postgres   where to run; sqlite and postgres use a throw-away database per file (default memory)
  --dsn URL                        the server of --store postgres (default: as PGHOST and the like say)
  --shuffle SEED                   deliver the facts in another order, drawn from SEED; the outcome must not change
  --explain                        say why each conversion pays what it pays, or nothing
  --json                           print the full outcome of all files as one JSON document

It exits with 0 if all scenarios hold, 1 if one fails, and 2 for wrong usage or a file that cannot be run.
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the command without its process: it returns what to exit with.
func run(args []string, stdout, stderr io.Writer) int {
	out, errs := &output{w: stdout}, &output{w: stderr}
	exit := dispatch(args, out, errs)
	if out.err != nil { // half an answer is none
		errs.printf("affiliate: %v\n", out.err)
		return exitWrong
	}
	return exit
}

func dispatch(args []string, out, errs *output) int {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "simulate":
		return simulate(args, out, errs)
	case "version", "--version", "-version":
		out.printf("%s\n", version())
		return exitOK
	case "help", "--help", "-help", "-h":
		out.printf("%s", usage)
		return exitOK
	case "":
		errs.printf("%s", usage)
	default:
		complain(errs, fmt.Errorf("unknown command %q", command))
	}
	return exitWrong
}

func complain(errs *output, err error) {
	errs.printf("affiliate: %v\nRun 'affiliate help' for usage.\n", err)
}

// output is a writer that remembers its first error and is silent after it.
type output struct {
	w   io.Writer
	err error
}

func (o *output) printf(format string, args ...any) {
	if o.err == nil {
		_, o.err = fmt.Fprintf(o.w, format, args...)
	}
}

// version names the build, and the version of the rules that decide.
func version() string {
	build := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		build = info.Main.Version
	}
	return fmt.Sprintf("affiliate %s, rules %d, %s", build, decision.Version, runtime.Version())
}
