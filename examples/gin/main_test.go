package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/goaffiliate/affiliate/examples/internal/site"
)

func TestDemo(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := site.Demo(t.Context(), &out, "gin", routes); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if !strings.Contains(out.String(), "19.60 USD") {
		t.Fatal(out.String())
	}
}
