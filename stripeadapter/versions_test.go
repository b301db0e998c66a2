package stripeadapter_test

import (
	"io/fs"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/internal/stripetest"
	"github.com/goaffiliate/affiliate/storage/memory"
	"github.com/goaffiliate/affiliate/stripeadapter"
)

// versions are deliveries in the shapes of every generation of Stripe's API.
const versions = "testdata/versions"

func TestVersionCases(t *testing.T) {
	stripetest.Run(t, stripetest.VersionCases(), os.DirFS(versions), stripetest.Orders(4), memory.New())
}

// TestDeliveries checks that there is no delivery that the adapter cannot take,
// whatever came before it.
func TestDeliveries(t *testing.T) {
	for _, folder := range []string{versions, "testdata/events"} {
		events := os.DirFS(folder)
		h := stripetest.NewHost(t, memory.New(), events, stripeadapter.Config{})
		err := fs.WalkDir(events, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || path.Ext(name) != ".json" {
				return err
			}
			for range 2 {
				h.Deliver(t, stripetest.File(strings.TrimSuffix(name, ".json")))
			}
			return nil
		})
		require.NoError(t, err)
		require.NotEmpty(t, stripetest.Earned(t, h.Engine))
		h.Verify(t)
	}
}
