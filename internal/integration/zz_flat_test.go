package integration_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/goaffiliate/affiliate/storage"
	"github.com/stretchr/testify/require"
)

func TestZZFlat(t *testing.T) {
	s := migrated(t, "sqlite3", sqliteDrivers[1].settings)
	rnd := func(n int) string { return fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, n)))[:16] }
	before := cpuMicros()
	for n := 0; n < 240_000; n += 64 {
		changes := make([]storage.Change, 64)
		for i := range changes {
			c := conversionChange(n+i, nil)
			c.Gates[1].Key, c.Gates[2].Key = "cus_"+rnd(n+i), "vis_"+rnd(n+i)
			c.Gates[0].Key = "in_" + rnd(n+i)
			c.Conversions[0].ID, c.Conversions[0].Customer = c.Gates[0].Key, c.Gates[1].Key
			changes[i] = c
		}
		out, err := s.Commit(t.Context(), benchOrg, changes)
		require.NoError(t, err)
		require.Equal(t, storage.Committed, out[0])
		if (n+64)%(64*500) == 0 {
			now := cpuMicros()
			t.Logf("%d: %d us/conv", n+64, (now-before)/(64*500))
			before = now
		}
	}
	_ = os.Remove
	_ = filepath.Join
}
