package sqlstore

import (
	"context"
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
	case state == "55P03", state == "57014", state == "25P03":
		return fmt.Errorf("%w: %w", storage.ErrTimeout, err)
	case state == "53100":
		return fmt.Errorf("%w: %w", storage.ErrFull, err)
	case strings.HasPrefix(state, "08"), strings.HasPrefix(state, "57P"), state == "53300", state == "40003",
		state == "" && (errors.As(err, &lost) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)):
		return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
	}
	return err
}
