package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

const (
	manyFiles = 20 // up to so many, the bar is not worth it
	barWidth  = 40
)

// progress is a bar on a terminal. The zero value, of any other stderr, is
// silent.
type progress struct {
	w     io.Writer
	total int
}

func newProgress(stderr io.Writer, total int) progress {
	file, ok := stderr.(*os.File)
	if !ok || total <= manyFiles {
		return progress{}
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return progress{}
	}
	return progress{stderr, total}
}

func (p progress) draw(done int) {
	if p.w == nil {
		return
	}
	full := barWidth * done / p.total
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d/%d", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done, p.total)
}

// clear removes the bar, so that something else can be printed.
func (p progress) clear() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
