package pgtest

import "context"

// Find is DSN for a program that is no test.
func Find(ctx context.Context) (string, error) {
	shared.once.Do(func() { shared.find(context.WithoutCancel(ctx)) })
	return shared.dsn, shared.err
}
