package sqlstore

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"time"

	"github.com/goaffiliate/affiliate/internal/storekit"
)

// Postgres is the dialect of PostgreSQL 12 or later, and of databases that speak
// like it.
func Postgres() Dialect {
	return Dialect{
		Name:        "postgres",
		Placeholder: func(n int) string { return "$" + strconv.Itoa(n) },
		Listed:      ` = ANY (ARRAY(SELECT json_array_elements_text(CAST(? AS json))))`,
		Any:         ` = ANY (ARRAY(SELECT json_array_elements_text(CAST(? AS json))))`,
		Pairs:       `(SELECT value ->> 0 AS first, value ->> 1 AS second FROM json_array_elements(CAST(? AS json))) AS list`,
		Each: func(columns, from, where string) string {
			return `SELECT found.* FROM $pairs CROSS JOIN LATERAL (SELECT ` + columns + ` FROM ` + from + ` WHERE ` + where + ` OFFSET 0) AS found`
		},
		Insert: "INSERT",
		Blob:   "bytea",
		Hold: `SELECT 1 FROM $pairs CROSS JOIN aff_anchors AS anchor WHERE org = ? AND kind = first AND key = second
			FOR UPDATE OF anchor NOWAIT`,
		Clicks: `INSERT INTO aff_clicks (org, at, id, partner, program, link, visitor, campaign, flag, suspect, sub, metadata)
			SELECT ?, click.* FROM unnest(CAST(? AS timestamptz[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]),
			CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS text[]), CAST(? AS json[]), CAST(? AS json[])) AS click ON CONFLICT DO NOTHING`,
		Time:  func(t *time.Time) any { return instant{t} },
		Typed: typedByState,
	}
}

// instant is a time as the driver's own, in UTC.
type instant struct{ t *time.Time }

func (i instant) Value() (driver.Value, error) { return storekit.Time(*i.t), nil }

func (i instant) Scan(src any) error {
	t, ok := src.(time.Time)
	if !ok {
		return fmt.Errorf("time in a column of type %T", src)
	}
	*i.t = t.UTC()
	return nil
}

// PostgresMigrations are migrations that one session at a time runs: the number
// of the lock has no meaning, but must never change.
func PostgresMigrations(files fs.FS) Migrations {
	return Migrations{
		Files: files,
		Lock:  `SELECT pg_advisory_xact_lock(4207317015)`,
		Known: `SELECT CASE WHEN to_regclass('aff_schema_version') IS NULL THEN 0 ELSE 1 END`,
	}
}

// CheckPostgres returns what is wrong with the settings of a session.
func CheckPostgres(ctx context.Context, in Session) error {
	var problems []error
	for _, want := range []struct{ setting, value string }{
		{"server_encoding", "UTF8"},
		{"client_encoding", "UTF8"},
		{"fsync", "on"},
	} {
		is, err := setting(ctx, in, want.setting)
		if err == nil && is != want.value {
			err = fmt.Errorf("%s is %s, not %s", want.setting, is, want.value)
		}
		problems = append(problems, err)
	}
	is, err := setting(ctx, in, "synchronous_commit")
	if err == nil && is == "off" {
		err = errors.New("synchronous_commit is off: what was acknowledged may be lost")
	}
	return errors.Join(append(problems, err)...)
}

func setting(ctx context.Context, in Session, name string) (value string, err error) {
	err = in.Read(ctx, `SELECT current_setting('`+name+`')`, nil, func(rows Rows) error {
		for rows.Next() {
			if err := rows.Scan(&value); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return value, err
}
