package main

import (
	"os"
	"strings"
	"testing"
)

func TestTheMainJobIsDoneIn150Lines(t *testing.T) {
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), "\n"); n > 150 {
		t.Errorf("main.go has %d lines", n)
	}
}

func TestDemoChecksItsFigures(t *testing.T) {
	if code := demo(); code != 0 {
		t.Error("a figure is wrong")
	}
}
