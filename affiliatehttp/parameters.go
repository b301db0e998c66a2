package affiliatehttp

import (
	"net/url"
	"slices"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/commission"
)

// parameters are the filters of a request. What is wrong with them is told together.
type parameters struct {
	query    url.Values
	zone     *time.Location // of dates: the default program's, or UTC
	problems []affiliate.Problem
}

// parameters returns the filters of a request.
func (c *call) parameters() (*parameters, *failure) {
	setup, now, f := c.now()
	if f != nil {
		return nil, f
	}
	q := &parameters{query: c.r.URL.Query(), zone: time.UTC}
	if p := setup.Default(now); p != nil {
		q.zone = p.Location
	}
	return q, nil
}

func (q *parameters) text(name string) string { return q.query.Get(name) }

func (q *parameters) refuse(name, message string) {
	q.problems = append(q.problems, affiliate.Problem{Field: name, Message: message})
}

// time takes an RFC 3339 time, or a date, which is its midnight.
func (q *parameters) time(name string) time.Time {
	text := q.query.Get(name)
	if text == "" {
		return time.Time{}
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, q.zone); err == nil && day.Year() > 0 {
		return day.UTC()
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || !strictTime(text) || at.UTC().Year() < 1 || at.UTC().Year() > 9999 {
		q.refuse(name, "must be a date like 2026-03-13 or an RFC 3339 time with a zone")
		return time.Time{}
	}
	return at.UTC()
}

func (q *parameters) yesOrNo(name string) *bool {
	text := q.query.Get(name)
	if text == "" {
		return nil
	}
	yes := text == "true"
	if !yes && text != "false" {
		q.refuse(name, "must be true or false")
	}
	return &yes
}

// status takes a status of a commission, if any.
func (q *parameters) status(name string) commission.Status {
	status := commission.Status(q.query.Get(name))
	if status != "" && !slices.Contains([]commission.Status{
		commission.StatusPending, commission.StatusPayable, commission.StatusInPayout, commission.StatusPaid,
		commission.StatusUnderReview, commission.StatusRejected, commission.StatusReversed,
	}, status) {
		q.refuse(name, "is none of the states of a commission")
	}
	return status
}

func (q *parameters) done() *failure {
	if len(q.problems) > 0 {
		return invalid(q.problems...)
	}
	return nil
}
