package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// options are what simulate is told.
type options struct {
	store   string
	dsn     string
	shuffle *uint64
	explain bool
	json    bool
	files   []string // and directories
}

// parse reads flags and files in any order; after "--" there are files only.
func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.store, "store", "memory", "")
	flags.StringVar(&o.dsn, "dsn", "", "")
	flags.BoolVar(&o.explain, "explain", false, "")
	flags.BoolVar(&o.json, "json", false, "")
	flags.Func("shuffle", "", func(text string) error {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return errors.New("must be a number from 0 to 2^64-1")
		}
		o.shuffle = &seed
		return nil
	})
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return o, err
		}
		rest := flags.Args()
		if read := len(args) - len(rest); read > 0 && args[read-1] == "--" {
			o.files = append(o.files, rest...)
			break
		}
		if len(rest) > 0 {
			o.files, rest = append(o.files, rest[0]), rest[1:]
		}
		args = rest
	}
	if len(o.files) == 0 {
		return o, errors.New("no scenario file is named")
	}
	return o, nil
}

// expand puts the *.json files of directories in their place. What cannot be
// looked at stays as it is, and fails when it is read.
func expand(names []string) []string {
	var files []string
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			files = append(files, name)
			continue
		}
		entries, err := os.ReadDir(name)
		var inside []string
		for _, e := range entries {
			if !e.IsDir() && filepath.Ext(e.Name()) == ".json" {
				inside = append(inside, filepath.Join(name, e.Name()))
			}
		}
		slices.Sort(inside)
		if err != nil || len(inside) == 0 {
			inside = []string{name}
		}
		files = append(files, inside...)
	}
	return files
}

// read returns a scenario file's text.
func read(file string) ([]byte, error) {
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s: no *.json file is in the directory", file)
	}
	return os.ReadFile(file)
}
