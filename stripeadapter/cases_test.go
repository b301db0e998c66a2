package stripeadapter_test

import (
	"os"
	"testing"

	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func TestCases(t *testing.T) {
	stripetest.Run(t, stripetest.Cases(), os.DirFS("testdata/events"), 60, func(*testing.T) storage.Store { return memory.New() })
}
