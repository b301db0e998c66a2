package attribution_test

import (
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
)

// day is noon of a day counted from 1 January 2026.
func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

// touch is a click of a partner on program main.
func touch(id, partner string, at time.Time) attribution.Click {
	return attribution.Click{ID: id, At: at, Partner: partner, Program: "main"}
}

// shares writes credits as partner/program=share.
func shares(credits []attribution.Credit) []string {
	out := make([]string, len(credits))
	for i, c := range credits {
		out[i] = c.Partner + "/" + c.Program + "=" + c.Share.String()
	}
	return out
}

func part(num, den int64) money.Share { return money.Share{Num: num, Den: den} }
