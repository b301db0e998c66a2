package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/goaffiliate/affiliate/storage"
)

// sqlState returns the code of the SQL standard that a driver's error carries, or
// "" if it carries none.
func sqlState(err error) string {
	var coded interface{ SQLState() string }
	if errors.As(err, &coded) {
		return coded.SQLState()
	}
	return ""
}

// typedByState wraps errors that carry a code of the SQL standard, and those of
// connections.
func typedByState(err error) error {
	state := sqlState(err)
	var lost net.Error
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case state == "40001", state == "40P01":
		return fmt.Errorf("%w: %w", storage.ErrSerialization, err)
	case state == "25006":
		return fmt.Errorf("%w: %w", storage.ErrReadOnly, err)
	case state == "57014" && strings.Contains(err.Error(), "user request"): // else by a timeout
		return fmt.Errorf("%w: %w", storage.ErrCanceled, err)
	case state == "55P03", state == "57014", state == "25P03":
		return fmt.Errorf("%w: %w", storage.ErrTimeout, err)
	case state == "53100" && !strings.Contains(err.Error(), "PANIC"): // that is the server's end
		return fmt.Errorf("%w: %w", storage.ErrFull, err)
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "57P"), state == "53300", state == "53100", state == "40003",
		state == "" && (errors.As(err, &lost) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)):
		return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	}
	return err
}

// ended adds the end of ctx to an error that it may have caused: a driver may only
// know that the statement was canceled.
func ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return fmt.Errorf("%w: %w", ctx.Err(), err)
}
