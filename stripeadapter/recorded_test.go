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

// payloads is where recorded deliveries are, which are not ours to publish.
func payloads(t *testing.T) fs.FS {
	t.Helper()
	dir := os.Getenv("AFFILIATE_STRIPE_PAYLOADS")
	if dir == "" {
		t.Skip("AFFILIATE_STRIPE_PAYLOADS does not name a folder of recorded deliveries")
	}
	return os.DirFS(dir)
}

func TestRecordedCases(t *testing.T) {
	stripetest.Run(t, stripetest.RecordedCases(), payloads(t), stripetest.Orders(4), memory.New())
}

// TestRecordedDeliveries checks that there is none that the adapter cannot take,
// whatever came before it.
func TestRecordedDeliveries(t *testing.T) {
	events := payloads(t)
	h := stripetest.NewHost(t, memory.New(), events, stripeadapter.Config{})
	err := fs.WalkDir(events, ".", func(name string, entry fs.DirEntry, err error) error {
		base := path.Base(name)
		if err != nil || entry.IsDir() || !strings.HasSuffix(base, ".json") || strings.HasPrefix(base, "api.") || strings.HasPrefix(name, "reference/") {
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
