package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCanceledContextIsTheErrorOfATransactionThatItEnded(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	other := errors.New("disk full")
	assert.ErrorIs(t, ended(canceled, sql.ErrTxDone), context.Canceled)
	assert.Equal(t, other, ended(canceled, other))
	assert.Equal(t, sql.ErrTxDone, ended(t.Context(), sql.ErrTxDone), "not the context's doing")
	assert.NoError(t, ended(canceled, nil))
}
