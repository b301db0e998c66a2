package integration_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/internal/integration/pgtest"
	"github.com/goaffiliate/affiliate/internal/sqlstore"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// historyRows is how many conversions the large history has: as many as
// AFFILIATE_BENCH_HISTORY says.
func historyRows(b *testing.B) int {
	b.Helper()
	text := os.Getenv("AFFILIATE_BENCH_HISTORY")
	if text == "" {
		return 200_000
	}
	n, err := strconv.Atoi(text)
	require.NoError(b, err)
	return n
}

// BenchmarkHistory compares the cost of a conversion after a long history with
// that after 10,000 conversions, and has PostgreSQL explain how it would find the
// rows of every statement after the long one.
func BenchmarkHistory(b *testing.B) {
	dsn := pgtest.DSN(b)
	short, long := newHistory(b, dsn, 10_000), newHistory(b, dsn, historyRows(b))
	long.explain(b)
	for _, conns := range []int{16, 1} {
		b.Run(fmt.Sprintf("pgx/%d", conns), func(b *testing.B) {
			few, many := short.workers(b, conns), long.workers(b, conns)
			var fast, slow []time.Duration
			round := func() (a, z time.Duration) {
				return together(few, func(w *benchWorker) { w.record(b) }), together(many, func(w *benchWorker) { w.record(b) })
			}
			round() // warms up
			round()
			for b.Loop() {
				a, z := round()
				fast, slow = append(fast, a), append(slow, z)
			}
			per := float64(conns * few[0].rounds)
			b.ReportMetric(float64(median(slow).Microseconds())/per, "us/conversion")
			b.ReportMetric(float64(median(slow))/float64(median(fast)), "cost-of-history")
			b.ReportMetric(0, "ns/op")
		})
	}
	b.Run("reads", func(b *testing.B) {
		for name, read := range partnerReads() {
			b.Run(name, func(b *testing.B) {
				var fast, slow []time.Duration
				for b.Loop() {
					fast, slow = append(fast, timed(b, short, read)), append(slow, timed(b, long, read))
				}
				b.ReportMetric(float64(median(slow).Microseconds()), "us")
				b.ReportMetric(float64(median(slow))/float64(median(fast)), "cost-of-history")
				b.ReportMetric(0, "ns/op")
			})
		}
	})
}

// history is a store in which much has happened.
type history struct {
	dsn, schema string
	n           int
	store       pgStore
	made        int // sets of workers, whose conversions must differ
}

func newHistory(b *testing.B, dsn string, n int) *history {
	b.Helper()
	h := &history{dsn: dsn, schema: newSchema(b, dsn), n: n}
	h.store = openPostgres(b, "pgx", dsn, h.schema, 16)
	require.NoError(b, h.store.Migrate(b.Context()))
	benchEngine(b, h.store)
	db := openDB(b, "pgx", dsn, 1)
	for _, text := range []string{
		"SET synchronous_commit = off",
		`INSERT INTO $.aff_clicks SELECT $org, 'hk_' || lpad(i::text, 12, '0'), $at, 'hp_' || i % 1000, 'main', '', 'hv_' || i, '', '' FROM $i`,
		`INSERT INTO $.aff_conversions SELECT $org, 'h_' || lpad(i::text, 12, '0'), 'invoice_paid', 'hc_' || i % ($n / 10 + 1), $at, 4900, 'usd',
			'', '', '', '', '', '' FROM $i`,
		`INSERT INTO $.aff_anchors SELECT $org, 'conversion', 'h_' || lpad(i::text, 12, '0'), 1, '', convert_to(repeat('x', 600), 'UTF8') FROM $i`,
		`INSERT INTO $.aff_anchors SELECT $org, 'customer', 'hc_' || i, 1, '', convert_to(repeat('x', 600), 'UTF8') FROM generate_series(0, $n / 10) i`,
		`INSERT INTO $.aff_entries SELECT $org, 'he_' || lpad(i::text, 12, '0'), 'h_' || lpad(i::text, 12, '0'), 'hp_' || i % 1000, 'main', 'rev',
			'accrual', '', 980, 'usd', $at, $at + interval '30 days', $at FROM $i`,
		`INSERT INTO $.aff_commissions SELECT $org, 'hp_' || i % 1000, 'main', 'rev', 'h_' || lpad(i::text, 12, '0'), 'usd', $at,
			$at + interval '30 days', 1, false, 980, '{}' FROM $i`,
		`INSERT INTO $.aff_ledger SELECT $org, 'hp_' || i % 1000, 'usd', i / 1000 + 1, 'he_' || lpad(i::text, 12, '0'), 'accrual',
			'h_' || lpad(i::text, 12, '0'), 'main', 'rev', 980, $at + interval '30 days', $at FROM $i`,
		`INSERT INTO $.aff_payouts SELECT $org, 'hq_' || p || '_' || m, 'hp_' || p, 'usd', timestamptz '2024-01-01' + m * interval '1 month',
			m * $n / 36000, 980, timestamptz '2024-01-01' + m * interval '1 month', 'paid', 0 FROM generate_series(0, 999) p, generate_series(1, 34) m`,
		`INSERT INTO $.aff_identifies SELECT $org, 'hi_' || i, $at, 'hc_' || i / 10, 'hv_' || i, '', '', '' FROM $i WHERE i % 10 = 0`,
		`INSERT INTO $.aff_facts SELECT $org, 'hr_' || i, 'refund', 'hr_' || i, 'h_' || lpad(i::text, 12, '0'), $at, 100, false, '', '', '', '', ''
			FROM $i WHERE i % 10 = 0`,
		`INSERT INTO $.aff_click_counts SELECT $org, 'hp_' || i % 1000, 'main', '', timestamptz '2024-01-01' + i / 1000 * interval '1 day', 7
			FROM generate_series(0, 300000) i`,
		`INSERT INTO $.aff_notes SELECT $org, 'hn_' || i, 'click', '', $at, NULL FROM generate_series(0, 20000) i`,
		`INSERT INTO $.aff_events SELECT $org, 'ho_' || lpad(i::text, 12, '0'), 'conversion.decided', $at, '{}' FROM $i WHERE i % 10 = 0`,
		"VACUUM ANALYZE", "CHECKPOINT",
	} {
		text = strings.NewReplacer("$.", h.schema+".", "$org", "'"+affiliate.DefaultOrganization+"'", "$at", "timestamptz '2024-01-01' + (90000000.0 * i / $n) * interval '1 second'",
			"$i", "generate_series(0, $n - 1) i").Replace(text)
		_, err := db.Exec(strings.ReplaceAll(text, "$n", strconv.Itoa(n)))
		require.NoError(b, err, text)
	}
	return h
}

// workers returns who records conversions, over as many connections.
func (h *history) workers(b *testing.B, conns int) []*benchWorker {
	b.Helper()
	store := openPostgres(b, "pgx", h.dsn, h.schema, conns)
	h.made++
	workers := make([]*benchWorker, conns)
	for i := range workers {
		workers[i] = newBenchWorker(b, store, i, conns)
		workers[i].next = h.made * 1_000_000
	}
	return workers
}

// partnerReads are what a portal and a payout run read of one partner.
func partnerReads() map[string]func(ctx context.Context, h *history) error {
	return map[string]func(ctx context.Context, h *history) error{
		"commissions": func(ctx context.Context, h *history) error {
			page, err := h.store.CommissionPage(ctx, affiliate.DefaultOrganization, "hp_7", storage.CommissionMark{}, 50)
			return some(page, err)
		},
		"payouts": func(ctx context.Context, h *history) error {
			list, err := h.store.Payouts(ctx, affiliate.DefaultOrganization, "hp_7")
			return some(list, err)
		},
		"balance": func(ctx context.Context, h *history) error {
			list, err := h.store.Payouts(ctx, affiliate.DefaultOrganization, "hp_7")
			if err != nil || len(list) == 0 {
				return some(list, err)
			}
			last := list[len(list)-1]
			_, _, err = h.store.Sum(ctx, affiliate.DefaultOrganization, "hp_7", "usd", payout.Range{Through: last.Through, Cutoff: last.Cutoff}, time.Now())
			return err
		},
	}
}

func some[T any](list []T, err error) error {
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("found nothing")
	}
	return err
}

func timed(b *testing.B, h *history, read func(ctx context.Context, h *history) error) time.Duration {
	b.Helper()
	start := time.Now()
	if err := read(b.Context(), h); err != nil {
		b.Fatal(err)
	}
	return time.Since(start)
}

// explain fails if the rows of a statement would be found by reading all of a
// table, unless it asks for all of them. Plans are those of prepared statements,
// which do not look at the values.
func (h *history) explain(b *testing.B) {
	b.Helper()
	d, err := sqlstore.Postgres().In(sqlstore.Names{Schema: h.schema})
	require.NoError(b, err)
	db := openDB(b, "pgx", h.dsn, 1)
	_, err = db.Exec("SET plan_cache_mode = force_generic_plan")
	require.NoError(b, err)
	scans := map[string]int{}
	for i, text := range sqlstore.Texts(d) {
		plan := explain(b, db, fmt.Sprint("s", i), text)
		for _, line := range plan {
			for _, kind := range []string{"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan"} {
				if strings.Contains(line, kind+" ") {
					scans[kind]++
				}
			}
			if strings.Contains(line, "Seq Scan on aff_") && !readsAll(text) {
				b.Errorf("%s\n%s", text, strings.Join(plan, "\n"))
			}
		}
	}
	b.Logf("%d conversions: scans by kind: %v", h.n, scans)
}

// readsAll reports whether a statement is meant to read a whole table that is
// small: the configuration, whose end most changes are not far from, all payouts, and
// the notes that wait, when they are counted.
func readsAll(text string) bool {
	return strings.Contains(text, "aff_setup") || strings.Contains(text, "SELECT count(*) FROM") ||
		strings.HasSuffix(text, "ORDER BY partner, currency, through") && !strings.Contains(text, "partner =")
}

func explain(b *testing.B, db *sql.DB, name, text string) (plan []string) {
	b.Helper()
	_, err := db.Exec("PREPARE " + name + " AS " + text)
	require.NoError(b, err, text)
	var parameters int
	require.NoError(b, db.QueryRow("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1", name).Scan(&parameters))
	args := ""
	if parameters > 0 {
		args = "(" + strings.Join(slices.Repeat([]string{"NULL"}, parameters), ", ") + ")"
	}
	rows, err := db.Query("EXPLAIN EXECUTE " + name + args)
	require.NoError(b, err, text)
	defer rows.Close()
	for rows.Next() {
		var line string
		require.NoError(b, rows.Scan(&line))
		plan = append(plan, line)
	}
	require.NoError(b, rows.Err())
	return plan
}
