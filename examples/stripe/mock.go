package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// startMock starts a stripe-mock on a free port and returns its address. The
// function it returns ends it, and so does the end of the context.
func startMock(ctx context.Context, path string) (address string, stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, path, "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		cancel()
		return "", nil, err
	}
	late := time.AfterFunc(30*time.Second, cancel)
	lines, read := bufio.NewReader(out), make(chan struct{})
	address, err = listening(lines)
	late.Stop()
	go func() { // to the end, for a full pipe would stop it
		defer close(read)
		_, _ = io.Copy(io.Discard, lines)
	}()
	stop = func() {
		cancel()
		<-read
		_ = cmd.Wait() // it was killed
	}
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("stripe-mock does not listen: %w", err)
	}
	return address, stop, nil
}

// listening waits until stripe-mock says where it listens.
func listening(lines *bufio.Reader) (string, error) {
	for {
		line, err := lines.ReadString('\n')
		if _, at, ok := strings.Cut(line, "HTTP at address: "); ok {
			return "http://" + strings.TrimSpace(at), nil
		}
		if err != nil {
			return "", err
		}
	}
}
