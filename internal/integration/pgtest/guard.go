package pgtest

import (
	"context"
	"io"
	"os"
	"os/exec"
	"sync"
)

// guard is a process that outlives this one: once nobody holds its standard input
// open, however that came, it stops the server of a folder and removes the folder.
type guard struct {
	once  sync.Once
	input io.Closer
	cmd   *exec.Cmd
}

// guardScript waits for the end of its input. Then it tries until nothing is left,
// as a process that did not live to see its server start may have left one that
// does so now. The first line of postmaster.pid is the server's process id; QUIT
// has it stop without delay and remove the file.
const guardScript = `
trap '' INT TERM HUP QUIT
cat >/dev/null
for i in $(seq 600); do
	if pid=$(head -n 1 "$0/data/postmaster.pid") && kill -QUIT "$pid"; then
		sleep 0.05
		continue
	fi
	for disk in "$0/data" "$0/wal"; do umount "$disk" || sudo -n umount "$disk"; done
	rm -rf "$0"
	[ -e "$0" ] || exit 0
	sleep 0.1
done 2>/dev/null
`

func newGuard(ctx context.Context, folder string) (*guard, error) {
	cmd := exec.CommandContext(context.WithoutCancel(ctx), "/bin/sh", "-c", guardScript, folder)
	cmd.Dir = "/"
	input, output, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = input.Close() }() // the guard has its own
	cmd.Stdin = input
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &guard{input: output, cmd: cmd}, nil
}

// release has the guard do its work, and waits until it has.
func (g *guard) release() {
	g.once.Do(func() {
		_ = g.input.Close() // nothing was written
		_ = g.cmd.Wait()    // there is nobody to tell
	})
}
