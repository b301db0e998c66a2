// Command withpostgres runs a command with a PostgreSQL server to test with, which
// is where the tests find it, and ends a throw-away one afterwards:
//
//	go run ./internal/integration/withpostgres make scenarios STORES=postgres
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil { //nolint:forbidigo // the program's own
		fmt.Fprintln(os.Stderr, "withpostgres:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("no command is named")
	}
	dsn, err := pgtest.Find(ctx)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "AFFILIATE_TEST_POSTGRES_URL="+dsn)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}
