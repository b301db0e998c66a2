package stripeadapter_test

import (
	"os"
	"testing"

	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
)

func TestCases(t *testing.T) {
	stripetest.Run(t, stripetest.Cases(), os.DirFS("testdata/events"), stripetest.Orders(4), memory.New())
}
