package payload_test

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

var update = flag.Bool("update", false, "write testdata/facts.golden")

const golden = "testdata/facts.golden"

// TestGoldenFacts reads a delivery of each kind in each generation of the API, and
// compares what was made of each with what was checked by hand.
func TestGoldenFacts(t *testing.T) {
	const root = "../../testdata/versions"
	var facts strings.Builder
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		file, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(&facts, "== %s\n", filepath.ToSlash(name))
		return writeFacts(&facts, file)
	}))
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(facts.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), facts.String())
}

func TestGoldenHasNoEmail(t *testing.T) {
	facts, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.NotEmpty(t, facts)
	require.NotRegexp(t, regexp.MustCompile(`[^\s"]@|@[^\s"]|%40`), string(facts))
}

func writeFacts(facts *strings.Builder, file []byte) error {
	event, kinds, objects, err := objectsIn(file)
	if err != nil {
		return err
	}
	if event.ID != "" {
		fmt.Fprintf(facts, "event: %s\n", line(event))
	}
	for i, kind := range kinds {
		parsed, err := parse(kind, objects[i])
		if errors.Is(err, errNoParser) {
			fmt.Fprintf(facts, "%s: not read\n", kind)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		fmt.Fprintf(facts, "%s: %s\n", kind, line(parsed))
		if invoice, ok := parsed.(payload.Invoice); ok {
			for _, count := range []bool{true, false} {
				base, gross, err := invoice.Base(count)
				if err != nil {
					return err
				}
				fmt.Fprintf(facts, "  base with out-of-band %v: %d of %d\n", count, base, gross)
			}
		}
	}
	return nil
}

// line writes the fields of a struct that are not zero.
func line(of any) string {
	var fields []string
	value := reflect.ValueOf(of)
	for i := range value.NumField() {
		field := value.Field(i)
		if field.IsZero() {
			continue
		}
		name, text := value.Type().Field(i).Name, ""
		switch v := field.Interface().(type) {
		case []byte: // the object itself
			continue
		case time.Time:
			text = v.Format(time.RFC3339)
		case []payload.Discount, []payload.Refund, []payload.Line:
			for j := range field.Len() {
				text += "{" + line(field.Index(j).Interface()) + "}"
			}
		default:
			if text = fmt.Sprint(v); name == "Email" {
				text = fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text)))[:15]
			}
		}
		fields = append(fields, name+"="+text)
	}
	return strings.Join(fields, " ")
}
