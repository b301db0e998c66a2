package integration_test

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/storage"
)

const benchOrg = "org"

// conversionRefs are the anchors that the n-th conversion of a benchmark meets:
// a known customer with a visitor, and a configuration.
func conversionRefs(n int) []storage.Ref {
	customer := n % 1000
	return []storage.Ref{
		{Kind: storage.ConversionAnchor, Key: fmt.Sprintf("in_%012d", n)},
		{Kind: storage.CustomerAnchor, Key: fmt.Sprintf("cus_%09d", customer*7919%1000)},
		{Kind: storage.VisitorAnchor, Key: fmt.Sprintf("vis_%09d", customer)},
		{Kind: storage.SetupAnchor},
	}
}

// conversionChange is what a commit of the n-th conversion writes.
func conversionChange(n int, anchors []storage.Anchor) storage.Change {
	refs, moment := conversionRefs(n), time.UnixMicro(1_700_000_000_000_000+int64(n)).UTC()
	id := func(kind string) string { return fmt.Sprintf("018bcfe5-%s-7000-8000-%012d", kind, n) }
	gate := func(ref storage.Ref) storage.Gate {
		g := storage.Gate{Ref: ref, Data: make([]byte, 160)}
		for _, a := range anchors {
			if a.Ref == ref {
				g.Version = a.Version
			}
		}
		return g
	}
	entry := commission.Entry{
		ID: id("0001"), Conversion: refs[0].Key, Partner: fmt.Sprint("partner-", n%50), Program: "main", Rule: "every",
		Component: commission.Accrual, Amount: 1250, Currency: "usd", At: moment, MaturesAt: moment.AddDate(0, 0, 30), PostedAt: moment,
	}
	return storage.Change{
		Gates: []storage.Gate{gate(refs[0]), gate(refs[1]), gate(refs[2])},
		Conversions: []attribution.Conversion{{
			ID: refs[0].Key, Type: attribution.InvoicePaid, Customer: refs[1].Key, At: moment, Amount: 12500, Currency: "usd",
			Metadata: map[string]string{"subscription": fmt.Sprint("sub_", n)},
		}},
		Entries: []commission.Entry{entry},
		Notes:   []storage.Note{{ID: id("0002"), Kind: storage.NotePosted, Key: entry.Partner, At: moment, Data: make([]byte, 300)}},
		Events:  []storage.Event{{ID: id("0003"), Type: "conversion.recorded", At: moment, Data: []byte(`{"conversion":"in"}`)}},
	}
}

// record reads and writes k conversions from the n-th on as the Engine does.
func record(ctx context.Context, s storage.Store, n, k int) error {
	var refs []storage.Ref
	for i := range k {
		refs = append(refs, conversionRefs(n+i)...)
	}
	anchors, err := s.Load(ctx, benchOrg, refs)
	if err != nil {
		return err
	}
	changes := make([]storage.Change, k)
	visitors := make([]string, k)
	for i := range k {
		visitors[i] = refs[4*i+2].Key
		changes[i] = conversionChange(n+i, anchors)
	}
	if _, _, err := s.Touches(ctx, benchOrg, visitors, nil); err != nil {
		return err
	}
	outcomes, err := s.Commit(ctx, benchOrg, changes)
	for _, outcome := range outcomes {
		if outcome != storage.Committed {
			return fmt.Errorf("conversion %d is stale", n)
		}
	}
	return err
}

// BenchmarkSQLiteConversion compares the store with a bare transaction of the
// same rows, prepared by hand.
func BenchmarkSQLiteConversion(b *testing.B) {
	for _, d := range sqliteDrivers {
		b.Run("bare/"+d.name, func(b *testing.B) { benchBare(b, d.name, d.settings) })
		b.Run("commit/"+d.name, func(b *testing.B) {
			s := migrated(b, d.name, d.settings)
			n := 0
			for b.Loop() {
				anchors := make([]storage.Anchor, 0, 2)
				for _, ref := range conversionRefs(n)[1:3] {
					if n >= 1000 {
						anchors = append(anchors, storage.Anchor{Ref: ref, Version: int64(n / 1000)})
					}
				}
				outcomes, err := s.Commit(b.Context(), benchOrg, []storage.Change{conversionChange(n, anchors)})
				if err != nil || outcomes[0] != storage.Committed {
					b.Fatal(outcomes, err)
				}
				n++
			}
		})
		for _, k := range []int{1, 64} {
			b.Run(fmt.Sprintf("record%d/%s", k, d.name), func(b *testing.B) {
				s := migrated(b, d.name, d.settings)
				n := 0
				for b.Loop() {
					require.NoError(b, record(b.Context(), s, n, k))
					n += k
				}
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "us/conversion")
			})
		}
	}
}

// benchBare is the floor: one transaction by hand, of the rows of one
// conversion, without gates that could fail.
func benchBare(b *testing.B, driver, settings string) {
	b.Helper()
	db := openSQLite(b, driver, settings)
	require.NoError(b, newSQLite(b, db).Migrate(b.Context()))
	conn, err := db.Conn(b.Context())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, conn.Close()) })
	var prepared []*sql.Stmt
	for _, text := range []string{
		"BEGIN IMMEDIATE",
		"INSERT INTO aff_anchors VALUES (?, ?, ?, ?, ?, ?)",
		"INSERT INTO aff_anchors VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org, kind, key) DO UPDATE SET version = version + 1, data = excluded.data",
		"INSERT INTO aff_conversions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
		"INSERT INTO aff_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		"INSERT INTO aff_notes VALUES (?, ?, ?, ?, ?, ?)",
		"INSERT INTO aff_events VALUES (?, ?, ?, ?, ?)",
		"COMMIT",
	} {
		stmt, err := conn.PrepareContext(b.Context(), text)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, stmt.Close()) })
		prepared = append(prepared, stmt)
	}
	n := 0
	for b.Loop() {
		for i, args := range bareRows(conversionChange(n, nil)) {
			_, err := prepared[[]int{0, 1, 2, 2, 3, 4, 5, 6, 7}[i]].ExecContext(b.Context(), args...)
			require.NoError(b, err)
		}
		n++
	}
}

func bareRows(c storage.Change) [][]any {
	rows := [][]any{nil}
	for _, g := range c.Gates {
		rows = append(rows, []any{benchOrg, string(g.Kind), g.Key, 1, "", g.Data})
	}
	v, e, n, o := c.Conversions[0], c.Entries[0], c.Notes[0], c.Events[0]
	return append(rows,
		[]any{benchOrg, v.ID, v.Type, v.Customer, v.At.UnixMicro(), v.Amount, "usd", "", "", "", "", "", "", nil, `{"subscription":"sub_1"}`},
		[]any{benchOrg, e.ID, e.Conversion, e.Partner, e.Program, e.Rule, "accrual", "", e.Amount, "usd", e.At.UnixMicro(), e.MaturesAt.UnixMicro(), e.PostedAt.UnixMicro()},
		[]any{benchOrg, n.ID, string(n.Kind), n.Key, n.At.UnixMicro(), n.Data},
		[]any{benchOrg, o.ID, o.Type, o.At.UnixMicro(), string(o.Data)},
		nil,
	)
}
