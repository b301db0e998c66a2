package integration_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/storage"
)

// BenchmarkRecordConversionPostgres compares recording conversions over some
// connections with a bare program that does, over as many of the same driver, one
// read and one conditional write of the same rows, in a single prepared statement. Both take turns; the
// ratio is the floor's time over the Engine's, median of the rounds.
func BenchmarkRecordConversionPostgres(b *testing.B) {
	for _, driver := range postgresDrivers {
		for _, conns := range []int{1, 4, 16} {
			b.Run(fmt.Sprintf("%s/%d", driver, conns), func(b *testing.B) { benchPostgres(b, driver, conns) })
		}
	}
}

func benchPostgres(b *testing.B, driver string, conns int) {
	b.Helper()
	dsn := pgtest.DSN(b)
	store := freshPostgres(b, driver, conns)
	benchEngine(b, store)
	bare := newBareProgram(b, driver, dsn, conns)
	workers := make([]*benchWorker, conns)
	for i := range workers {
		workers[i] = newBenchWorker(b, store, i, conns)
	}
	var ours, floors []time.Duration
	round := func() (ours, floor time.Duration) {
		return together(workers, func(w *benchWorker) { w.record(b) }), together(workers, func(w *benchWorker) { bare.replay(b, w.rec.changes) })
	}
	round() // warms up
	round()
	for b.Loop() {
		ourTime, floorTime := round()
		ours, floors = append(ours, ourTime), append(floors, floorTime)
	}
	per := float64(conns * workers[0].rounds)
	b.ReportMetric(float64(median(ours).Microseconds())/per, "us/conversion")
	b.ReportMetric(float64(median(floors).Microseconds())/per, "us/floor")
	b.ReportMetric(float64(median(floors))/float64(median(ours)), "ratio")
	b.ReportMetric(0, "ns/op")
}

// together lets all workers work at the same time, and returns how long it took.
func together(workers []*benchWorker, work func(w *benchWorker)) time.Duration {
	start := time.Now()
	var wait sync.WaitGroup
	for _, w := range workers {
		wait.Go(func() { work(w) })
	}
	wait.Wait()
	return time.Since(start)
}

// benchWorker records conversions of customers that are its own.
type benchWorker struct {
	eng          *affiliate.Engine
	rec          *recorder
	id, of, next int
	rounds       int
}

func newBenchWorker(b *testing.B, store storage.Store, id, of int) *benchWorker {
	b.Helper()
	rec := &recorder{Store: store}
	eng, err := affiliate.New(rec, affiliate.Config{})
	require.NoError(b, err)
	return &benchWorker{eng: eng, rec: rec, id: id, of: of, rounds: 400 / of}
}

func (w *benchWorker) record(b *testing.B) {
	b.Helper()
	w.rec.changes = nil
	for range w.rounds {
		mine := w.next%(benchRound/w.of)*w.of + w.id // customers of other workers have another remainder
		_, err := w.eng.RecordConversion(context.Background(), affiliate.Conversion{
			ID: fmt.Sprintf("in_%02d_%09d", w.id, w.next), Customer: fmt.Sprintf("cus_%06d", mine), Amount: 4900, Currency: "usd",
		})
		if err != nil {
			b.Error(err)
			return
		}
		w.next++
	}
}

// bareProgram writes the rows of conversions with nothing in between.
type bareProgram struct {
	read  func(ctx context.Context, args ...any) (rows, error)
	write func(ctx context.Context, args ...any) (affected int64, err error)
}

// rows are what both drivers' rows have in common.
type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
}

func newBareProgram(b *testing.B, driver, dsn string, conns int) bareProgram {
	b.Helper()
	schema := newSchema(b, dsn)
	require.NoError(b, openPostgres(b, "pgxpool", dsn, schema, 1).Migrate(b.Context()))
	dsn += "&search_path=" + schema
	if driver == "pgxpool" {
		pool := openPool(b, dsn, conns)
		return bareProgram{
			func(ctx context.Context, args ...any) (rows, error) { return pool.Query(ctx, bareRead, args...) }, //nolint:sqlclosecheck // read to the end
			func(ctx context.Context, args ...any) (int64, error) {
				tag, err := pool.Exec(ctx, bareWrite, args...)
				return tag.RowsAffected(), err
			},
		}
	}
	db := openDB(b, driver, dsn, conns)
	read, err := db.PrepareContext(b.Context(), bareRead)
	require.NoError(b, err)
	write, err := db.PrepareContext(b.Context(), bareWrite)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, errors.Join(read.Close(), write.Close())) })
	return bareProgram{
		func(ctx context.Context, args ...any) (rows, error) { return read.QueryContext(ctx, args...) }, //nolint:rowserrcheck // its caller does
		func(ctx context.Context, args ...any) (int64, error) {
			result, err := write.ExecContext(ctx, args...)
			if err != nil {
				return 0, err
			}
			return result.RowsAffected()
		},
	}
}

const (
	bareRead = `SELECT kind, key, version, root, data FROM aff_anchors
		WHERE org = $1 AND (kind, key) IN (('conversion', $2), ('customer', $3), ('setup', ''))`
	bareWrite = `WITH customer AS (
			INSERT INTO aff_anchors VALUES ($1, 'customer', $3, 1, '', $5)
			ON CONFLICT (org, kind, key) DO UPDATE SET version = aff_anchors.version + 1, data = excluded.data
			WHERE aff_anchors.version = $4 RETURNING 1),
		conversion AS (INSERT INTO aff_anchors SELECT $1, 'conversion', $2, 1, '', $6 FROM customer ON CONFLICT DO NOTHING RETURNING 1),
		fact AS (INSERT INTO aff_conversions SELECT $1, $2, $7, $3, $8, $9, $10, '', '', '', '', '', '' FROM conversion),
		entry AS (INSERT INTO aff_entries SELECT $1, $11, $2, $12, $13, $14, $15, '', $16, $10, $8, $17, $8 FROM conversion),
		note AS (INSERT INTO aff_notes SELECT $1, $18, $19, $12, $8, $20 FROM conversion)
		INSERT INTO aff_events SELECT $1, $21, $22, $8, $23 FROM conversion`
)

// replay reads and writes what each change did.
func (p bareProgram) replay(b *testing.B, changes []storage.Change) {
	b.Helper()
	for _, c := range changes {
		if err := p.one(context.Background(), c); err != nil {
			b.Error(err)
			return
		}
	}
}

func (p bareProgram) one(ctx context.Context, c storage.Change) error {
	conv, entry, note, event := c.Conversions[0], c.Entries[0], c.Notes[0], c.Events[0]
	rows, err := p.read(ctx, benchOrg, conv.ID, conv.Customer)
	if err != nil {
		return err
	}
	var version int64
	for rows.Next() {
		var a storage.Anchor
		var kind string
		if err := rows.Scan(&kind, &a.Key, &a.Version, &a.Root, &a.Data); err != nil {
			return err
		}
		if kind == "customer" {
			version = a.Version
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	affected, err := p.write(ctx, benchOrg, conv.ID, conv.Customer, version, c.Gates[1].Data, c.Gates[0].Data,
		conv.Type, conv.At, conv.Amount, string(conv.Currency),
		entry.ID, entry.Partner, entry.Program, entry.Rule, string(entry.Component), entry.Amount, entry.MaturesAt,
		note.ID, string(note.Kind), note.Data, event.ID, event.Type, string(event.Data))
	if err == nil && affected != 1 {
		err = fmt.Errorf("%s was not written", conv.ID)
	}
	return err
}
