package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/goaffiliate/affiliate/affiliatetest"
)

// report is what came of one file.
type report struct {
	file   string
	name   string
	result affiliatetest.Result
	err    error // the file could not be read, understood or run
}

func (r report) ok() bool { return r.err == nil && r.result.OK() }

func simulate(args []string, out, errs *output) int {
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		out.printf("%s", usage)
		return exitOK
	}
	if err != nil {
		complain(errs, err)
		return exitWrong
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	from, err := storesOf(ctx, o.store, o.dsn)
	if err != nil {
		complain(errs, err)
		return exitWrong
	}
	if o.dsn != "" && o.store != "postgres" {
		errs.printf("affiliate: --dsn is ignored: --store %s has no server\n", o.store)
	}
	reports, err := runAll(ctx, o, from, out, errs)
	if err = errors.Join(err, from.close()); err != nil {
		errs.printf("affiliate: %v\n", err)
		return exitWrong
	}
	return conclude(o, reports, out)
}

// runAll runs all files in turn and prints each as it ends, unless all are
// printed together as JSON.
func runAll(ctx context.Context, o options, from stores, out, errs *output) ([]report, error) {
	files := expand(o.files)
	bar := newProgress(errs, len(files))
	defer bar.clear()
	var reports []report
	for i, file := range files {
		bar.draw(i)
		r := runFile(ctx, o, from, file)
		if ctx.Err() != nil {
			return nil, errors.New("interrupted")
		}
		reports = append(reports, r)
		if !o.json {
			bar.clear()
			printText(out, r, o.explain)
		}
	}
	return reports, nil
}

func runFile(ctx context.Context, o options, from stores, file string) report {
	r := report{file: file}
	data, err := read(file)
	if err != nil {
		r.err = err
		return r
	}
	s, err := affiliatetest.Parse(file, data)
	if err != nil {
		r.err = positioned(err, data)
		return r
	}
	r.name = s.Name
	if o.shuffle != nil {
		s.Steps = affiliatetest.Shuffle(s.Steps, *o.shuffle)
	}
	store, discard, err := from.open(ctx)
	if err != nil {
		r.err = fmt.Errorf("%s: %w", file, err)
		return r
	}
	if r.result, err = affiliatetest.Run(ctx, store, s); err != nil {
		r.err = fmt.Errorf("%s: %w", file, err)
	}
	if err := discard(); err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", file, err)
	}
	return r
}

// positioned adds line and column to the complaint about a file that is no JSON.
func positioned(err error, data []byte) error {
	var any any
	var syntax *json.SyntaxError
	if !errors.As(json.Unmarshal(data, &any), &syntax) {
		return err
	}
	line, column := 1, 1
	for _, b := range data[:max(syntax.Offset-1, 0)] {
		if column++; b == '\n' {
			line, column = line+1, 1
		}
	}
	return fmt.Errorf("%w (line %d, column %d)", err, line, column)
}

// conclude prints what is said once for all files.
func conclude(o options, reports []report, out *output) int {
	passed, exit := 0, exitOK
	for _, r := range reports {
		switch {
		case r.ok():
			passed++
		case r.err != nil:
			exit = exitWrong
		default:
			exit = max(exit, exitFailed)
		}
	}
	if !o.json {
		out.printf("%d passed, %d failed\n", passed, len(reports)-passed)
		return exit
	}
	printJSON(out, reports, o.explain)
	return exit
}
