package storagetest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/storage"
)

// probe is the arguments of one call of every method that reads.
type probe struct {
	ids, more              []string // of whatever is asked for
	kind                   storage.AnchorKind
	kinds                  []storage.NoteKind
	partner, program, rule string
	currency               money.Currency
	after                  string
	seq                    int64
	at                     time.Time
	outside                payout.Range
	limit                  int
}

// read is a call of one method; its text is empty if nothing is found.
type read struct {
	name string
	call func(ctx context.Context, s storage.Store, org string) (string, error)
}

// note is a kind of notes.
func (p probe) note() storage.NoteKind { return p.kinds[0] }

func (p probe) reads() []read {
	id := strings.Join(p.ids[:min(1, len(p.ids))], "")
	reads := append(p.factReads(id), p.ledgerReads(id)...)
	return append(reads,
		read{"Load", func(ctx context.Context, s storage.Store, org string) (string, error) {
			var refs []storage.Ref
			for _, id := range p.ids {
				refs = append(refs, storage.Ref{Kind: p.kind, Key: id})
			}
			return anyOrder(s.Load(ctx, org, refs))
		}},
		read{"ListAnchors", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.ListAnchors(ctx, org, p.kind, p.after, p.limit))
		}},
		read{"Notes", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.Notes(ctx, org, p.note(), storage.NoteMark{Key: p.after}, p.limit))
		}},
		read{"NotesFor", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.NotesFor(ctx, org, p.kinds, p.ids, p.limit))
		}},
		read{"Backlog", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.Backlog(ctx, org))
		}},
		read{"Events", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.Events(ctx, org, p.after, p.limit))
		}},
		read{"Rows", func(ctx context.Context, s storage.Store, org string) (string, error) {
			rows, err := s.Rows(ctx, org)
			if err != nil {
				return "", err
			}
			text, err := rows.Canonical()
			return string(text), err
		}},
	)
}

func (p probe) factReads(id string) []read {
	return []read{
		{"Clicks", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.Clicks(ctx, org, p.ids))
		}},
		{"ClicksBefore", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.ClicksBefore(ctx, org, p.at.AddDate(3000, 0, 0), storage.Mark{ID: p.after}, p.limit))
		}},
		{"Touches", func(ctx context.Context, s storage.Store, org string) (string, error) {
			clicks, identifies, err := s.Touches(ctx, org, p.ids, p.more)
			if err != nil {
				return "", err
			}
			first, _ := anyOrder(clicks, nil)
			second, err := anyOrder(identifies, nil)
			return first + second, err
		}},
		{"IdentifiesOf", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.IdentifiesOf(ctx, org, p.ids))
		}},
		{"HasIdentify", func(ctx context.Context, s storage.Store, org string) (string, error) {
			has, err := s.HasIdentify(ctx, org, id)
			if !has {
				return "", err
			}
			return "yes", err
		}},
		{"Conversions", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.Conversions(ctx, org, p.ids))
		}},
		{"ConversionsOf", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.ConversionsOf(ctx, org, p.ids))
		}},
		{"ConversionPage", func(ctx context.Context, s storage.Store, org string) (string, error) {
			all, err := ordered(s.ConversionPage(ctx, org, time.Time{}, storage.Mark{}, p.limit))
			if err != nil {
				return "", err
			}
			some, err := ordered(s.ConversionPage(ctx, org, p.at, storage.Mark{At: p.at.AddDate(0, 0, 3), ID: p.after}, p.limit))
			return all + some, err
		}},
		{"CustomersSince", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.CustomersSince(ctx, org, p.at, p.after, p.limit))
		}},
		{"FactsOf", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.FactsOf(ctx, org, p.ids))
		}},
		{"FactsByID", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.FactsByID(ctx, org, id))
		}},
		{"SetupSince", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.SetupSince(ctx, org, p.seq))
		}},
	}
}

func (p probe) ledgerReads(id string) []read {
	return []read{
		{"CommissionsOf", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.CommissionsOf(ctx, org, p.partner, p.program, p.rule))
		}},
		{"CommissionsFor", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.CommissionsFor(ctx, org, p.ids))
		}},
		{"CommissionPage", func(ctx context.Context, s storage.Store, org string) (string, error) {
			page, err := s.CommissionPage(ctx, org, p.partner, storage.CommissionMark{}, p.limit)
			if err != nil || len(page) == 0 {
				return "", err
			}
			second, err := s.CommissionPage(ctx, org, p.partner, page[len(page)-1].Mark(), p.limit)
			return ordered(append(page, second...), err)
		}},
		{"Sum", func(ctx context.Context, s storage.Store, org string) (string, error) {
			matured, pending, err := s.Sum(ctx, org, p.partner, p.currency, p.outside, p.at)
			return number(matured) + number(pending), err
		}},
		{"Lines", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.Lines(ctx, org, p.partner, p.currency, p.outside.Through))
		}},
		{"Payouts", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return ordered(s.Payouts(ctx, org, p.partner))
		}},
		{"Payout", func(ctx context.Context, s storage.Store, org string) (string, error) {
			found, known, err := s.Payout(ctx, org, id)
			if err != nil || !known {
				return "", err
			}
			return ordered([]payout.Payout{found}, nil)
		}},
		{"Adjustments", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.Adjustments(ctx, org, p.ids))
		}},
		{"AdjustmentPage", func(ctx context.Context, s storage.Store, org string) (string, error) {
			all, err := ordered(s.AdjustmentPage(ctx, org, "", storage.Mark{}, p.limit))
			if err != nil {
				return "", err
			}
			some, err := ordered(s.AdjustmentPage(ctx, org, p.partner, storage.Mark{At: p.at, ID: p.after}, p.limit))
			return all + some, err
		}},
		{"ClickCounts", func(ctx context.Context, s storage.Store, org string) (string, error) {
			return anyOrder(s.ClickCounts(ctx, org, p.partner))
		}},
	}
}

// ordered is rows as lines of text.
func ordered[R any](rows []R, err error) (string, error) {
	lines, err := rowTexts(rows, err)
	return strings.Join(lines, ""), err
}

// anyOrder is rows as lines of text in an order of their own.
func anyOrder[R any](rows []R, err error) (string, error) {
	lines, err := rowTexts(rows, err)
	return strings.Join(sorted(lines), ""), err
}

func rowTexts[R any](rows []R, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	lines := make([]string, len(rows))
	for i, r := range rows {
		text, err := json.Marshal(r)
		if err != nil {
			return nil, err
		}
		lines[i] = string(text) + "\n"
	}
	return lines, nil
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintln(n)
}
