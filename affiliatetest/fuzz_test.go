package affiliatetest_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate/affiliatetest"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// FuzzParseScenario hands anything to the parser. What it refuses it refuses by
// name; what it accepts it reads back as it wrote it, and a small one runs to
// its end, whatever that is.
func FuzzParseScenario(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "testdata", "scenarios", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, text := range []string{
		``, `{}`, `null`, `[]`, `{"programs":[{}]}`, `{"programs":[null],"partners":[null],"steps":[null]}`,
		`{"programs":[{"id":"main","rules":[{"id":"r","trigger":"every","type":"percent","value":"20"}]}],
		  "partners":[{"id":"ada","payout":{"cadence":"cron","cron":"0 0 31 2 *"}}],
		  "steps":[{"at":"2026-01-01T00:00:00Z","conversion":{"id":"in_1","partner":"ada","amount":100}}]}`,
		`{"programs":[{"id":"main"}],"steps":[{"at":"2026-01-01T00:00:00Z"}]}`,
		`{"programs":[{"id":"main"}],"steps":[{"at":"0000-00-00","payoutRun":{}}]} {}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := affiliatetest.Parse("any.json", data)
		if err != nil {
			if !errors.Is(err, affiliatetest.ErrScenario) || !strings.Contains(err.Error(), "any.json") {
				t.Errorf("refused without a name: %v", err)
			}
			return
		}
		again, err := json.Marshal(s)
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		if _, err := affiliatetest.Parse("again.json", again); err != nil {
			t.Errorf("cannot be read back: %v", err)
		}
		if len(s.Steps) <= 6 && len(s.Partners) <= 3 && len(s.Programs) <= 3 {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if _, err := affiliatetest.Run(ctx, memory.New(), s); ctx.Err() != nil {
				t.Errorf("does not come to an end: %v", err)
			}
		}
	})
}
