// Command buildscript minifies the tracking script: it reads affiliate.js and
// writes affiliate.min.js beside it. The same source always gives the same
// bytes.
//
//	go generate ./affiliatehttp/script
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

const (
	sourceName = "affiliate.js"
	outputName = "affiliate.min.js"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "buildscript:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: buildscript FOLDER")
	}
	source, err := os.ReadFile(filepath.Join(args[0], sourceName))
	if err != nil {
		return err
	}
	code, err := build(source)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(args[0], outputName), code, 0o644)
}

// build minifies the script for browsers since 2019. Everything of it is put in
// one function, so that it leaves no name behind.
func build(source []byte) ([]byte, error) {
	result := api.Transform(string(source), api.TransformOptions{
		Sourcefile:        sourceName,
		Target:            api.ES2019,
		Format:            api.FormatIIFE,
		Charset:           api.CharsetASCII,
		LegalComments:     api.LegalCommentsNone,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
	})
	if messages := append(result.Errors, result.Warnings...); len(messages) > 0 {
		m := messages[0]
		if m.Location != nil {
			return nil, fmt.Errorf("%s:%d:%d: %s", m.Location.File, m.Location.Line, m.Location.Column, m.Text)
		}
		return nil, errors.New(m.Text)
	}
	return result.Code, nil
}
