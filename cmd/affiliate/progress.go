package main

import (
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
	out   *output
	total int
}

func newProgress(errs *output, total int) progress {
	file, ok := errs.w.(*os.File)
	if !ok || total <= manyFiles {
		return progress{}
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return progress{}
	}
	return progress{errs, total}
}

func (p progress) draw(done int) {
	if p.out == nil {
		return
	}
	full := barWidth * done / p.total
	p.out.printf("\r\x1b[K[%s%s] %d/%d", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done, p.total)
}

// clear removes the bar, so that something else can be printed.
func (p progress) clear() {
	if p.out != nil {
		p.out.printf("\r\x1b[K")
	}
}
