package integration_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// benchRound is how many conversions one side records before the other side
// does, so that both meet the same noise.
const benchRound = 200

// recorder keeps what the Engine writes.
type recorder struct {
	storage.Store
	changes []storage.Change
}

func (r *recorder) Commit(ctx context.Context, org string, changes []storage.Change) ([]storage.Outcome, error) {
	r.changes = append(r.changes, changes...)
	return r.Store.Commit(ctx, org, changes)
}

// BenchmarkRecordConversion compares recording a conversion with the floor: the
// same anchors read and the same rows written by bare prepared SQL. The ratio is the floor's
// time over the Engine's, median of the rounds; 1 is as fast as bare SQL.
func BenchmarkRecordConversion(b *testing.B) {
	for _, d := range sqliteDrivers {
		b.Run("sqlite/"+d.name, func(b *testing.B) {
			benchAgainstFloor(b, migrated(b, d.name, d.settings), newFloor(b, d.name, d.settings))
		})
	}
	d := sqliteDrivers[0]
	b.Run("memory", func(b *testing.B) {
		benchAgainstFloor(b, memory.New(), newFloor(b, d.name, d.settings))
	})
}

func benchAgainstFloor(b *testing.B, store storage.Store, bare *floor) {
	b.Helper()
	rec := &recorder{Store: store}
	eng := benchEngine(b, rec)
	for i := range 2 * benchRound { // each customer has a binding before it counts
		recordOne(b, eng, i)
	}
	bare.replay(b, rec.changes)
	var ours, floors []time.Duration
	n := 2 * benchRound
	for b.Loop() {
		rec.changes = nil
		start := time.Now()
		for range benchRound {
			recordOne(b, eng, n)
			n++
		}
		ours = append(ours, time.Since(start))
		start = time.Now()
		bare.replay(b, rec.changes)
		floors = append(floors, time.Since(start))
	}
	b.ReportMetric(float64(median(ours).Microseconds())/benchRound, "us/conversion")
	b.ReportMetric(float64(median(floors).Microseconds())/benchRound, "us/floor")
	b.ReportMetric(float64(median(floors))/float64(median(ours)), "ratio")
	b.ReportMetric(0, "ns/op")
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

func benchEngine(b *testing.B, store storage.Store) *affiliate.Engine {
	b.Helper()
	ctx := b.Context()
	eng, err := affiliate.New(store, affiliate.Config{})
	require.NoError(b, err)
	rules := []commission.Rule{{
		ID: "rev", Trigger: commission.Every, EventType: attribution.InvoicePaid, Type: commission.Percent, Value: "20",
	}}
	require.NoError(b, errOf(eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: new("https://acme.example/"), Rules: rules}, affiliate.Always())))
	for i := range 50 {
		id := fmt.Sprint("partner-", i)
		require.NoError(b, errOf(eng.CreatePartner(ctx, id, program.Profile{}, affiliate.Always())))
		require.NoError(b, errOf(eng.ApprovePartnership(ctx, id, "main", affiliate.Always())))
	}
	for i := range benchRound {
		click, err := eng.RecordClick(ctx, affiliate.Click{Partner: fmt.Sprint("partner-", i%50), Program: "main"})
		require.NoError(b, err)
		_, err = eng.Identify(ctx, affiliate.Identify{Customer: customerOf(i), Click: click.ClickID})
		require.NoError(b, err)
	}
	return eng
}

func customerOf(i int) string { return fmt.Sprintf("cus_%06d", i*7919%benchRound) }

func recordOne(b *testing.B, eng *affiliate.Engine, i int) {
	b.Helper()
	res, err := eng.RecordConversion(b.Context(), affiliate.Conversion{
		ID: fmt.Sprintf("in_%09d", i), Customer: customerOf(i), Amount: 4900, Currency: "usd",
	})
	if err != nil || len(res.Commissions) != 1 {
		b.Fatal(err, res)
	}
}

// floor writes the rows of conversions with bare SQL.
type floor struct {
	conn       *sql.Conn
	statements map[string]*sql.Stmt
}

func newFloor(b *testing.B, driver, settings string) *floor {
	b.Helper()
	db := openSQLite(b, driver, settings)
	require.NoError(b, newSQLite(b, db).Migrate(b.Context()))
	conn, err := db.Conn(b.Context())
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, conn.Close()) })
	return &floor{conn, map[string]*sql.Stmt{}}
}

func (f *floor) prepared(b *testing.B, text string) *sql.Stmt {
	b.Helper()
	stmt, ok := f.statements[text]
	if !ok {
		var err error
		stmt, err = f.conn.PrepareContext(b.Context(), text)
		require.NoError(b, err)
		b.Cleanup(func() { require.NoError(b, stmt.Close()) })
		f.statements[text] = stmt
	}
	return stmt
}

func (f *floor) exec(b *testing.B, text string, args ...any) {
	b.Helper()
	if _, err := f.prepared(b, text).Exec(args...); err != nil { //nolint:sqlclosecheck // it stays prepared
		b.Fatal(err)
	}
}

func (f *floor) read(b *testing.B, text string, args ...any) {
	b.Helper()
	rows, err := f.prepared(b, text).Query(args...) //nolint:sqlclosecheck // it stays prepared
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Err tells
	for rows.Next() {
		var a storage.Anchor
		if err := rows.Scan(&a.Kind, &a.Key, &a.Version, &a.Root, &a.Data); err != nil {
			b.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
}

// replay reads the anchors of each change and writes its rows in one transaction.
func (f *floor) replay(b *testing.B, changes []storage.Change) {
	b.Helper()
	const (
		anchors = "SELECT kind, key, version, root, data FROM aff_anchors WHERE org = ?1 AND kind = 'conversion' AND key = ?2 " +
			"UNION ALL SELECT kind, key, version, root, data FROM aff_anchors WHERE org = ?1 AND kind = 'customer' AND key = ?3 " +
			"UNION ALL SELECT kind, key, version, root, data FROM aff_anchors WHERE org = ?1 AND kind = 'setup' AND key = ''"
		anchor = "INSERT INTO aff_anchors VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org, kind, key) " +
			"DO UPDATE SET version = excluded.version, root = excluded.root, data = excluded.data"
		conversion = "INSERT INTO aff_conversions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"
		entry      = "INSERT INTO aff_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		note       = "INSERT INTO aff_notes VALUES (?, ?, ?, ?, ?, ?)"
		event      = "INSERT INTO aff_events VALUES (?, ?, ?, ?, ?)"
	)
	for _, c := range changes {
		if len(c.Conversions) > 0 {
			f.read(b, anchors, benchOrg, c.Conversions[0].ID, c.Conversions[0].Customer)
		}
		f.exec(b, "BEGIN IMMEDIATE")
		for _, g := range c.Gates {
			f.exec(b, anchor, benchOrg, string(g.Kind), g.Key, g.Version+1, g.Root, g.Data)
		}
		for _, v := range c.Conversions {
			f.exec(b, conversion, benchOrg, v.ID, v.Type, v.CustomerKey(), v.At.UnixMicro(), v.Amount, string(v.Currency),
				v.Program, v.PromoCode, v.Referral, v.Click, v.Partner, v.CampaignID, nil, nil)
		}
		for _, e := range c.Entries {
			f.exec(b, entry, benchOrg, e.ID, e.Conversion, e.Partner, e.Program, e.Rule, string(e.Component), e.Cause, e.Amount,
				string(e.Currency), e.At.UnixMicro(), e.MaturesAt.UnixMicro(), e.PostedAt.UnixMicro())
		}
		for _, n := range c.Notes {
			f.exec(b, note, benchOrg, n.ID, string(n.Kind), n.Key, n.At.UnixMicro(), n.Data)
		}
		for _, o := range c.Events {
			f.exec(b, event, benchOrg, o.ID, o.Type, o.At.UnixMicro(), string(o.Data))
		}
		f.exec(b, "COMMIT")
	}
}
