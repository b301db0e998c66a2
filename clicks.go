package affiliate

import (
	"context"
	"reflect"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

// Click is a visit through a partner's link, or through a campaign link when it
// names no partner.
type Click struct {
	ID         string            // default: a new one
	At         time.Time         // default: now
	Link       string            // key of the link; gives partner and program
	Partner    string            // with Program, in place of Link
	Program    string            //
	Visitor    string            // the browser's id
	CampaignID string            //
	Sub        map[string]string // sub1 … sub30
	Flag       string            // bot, prefetch, velocity, self_referral: stored, earns nothing
	Metadata   map[string]string // utm_* and the like: stored, never looked at
}

// ClickResult tells what became of a click.
type ClickResult struct {
	ClickID   string
	Duplicate bool // it was recorded before
}

// RecordClick stores a click. It returns ErrInvalidInput, ErrNotFound for an
// unknown link, partner or program, and ErrConflict if the id was used for
// another click.
func (e *Engine) RecordClick(ctx context.Context, in Click) (result ClickResult, err error) {
	err = e.do(ctx, func(u *unit) error {
		result, err = u.recordClick(in)
		return err
	})
	return result, wrap("record click", err)
}

func (u *unit) recordClick(in Click) (ClickResult, error) {
	click, err := u.newClick(in)
	if err != nil {
		return ClickResult{}, err
	}
	result := ClickResult{ClickID: click.ID}
	if in.ID != "" {
		old, err := u.namedClick(click.ID)
		if err != nil {
			return ClickResult{}, err
		}
		if len(old) > 0 {
			result.Duplicate = true
			return result, sameClick(old[0], click, in.At.IsZero())
		}
	}
	return result, u.addClick(click, in.ID == "")
}

// newClick checks the input and makes the fact of it.
func (u *unit) newClick(in Click) (attribution.Click, error) {
	c := checks{now: u.now}
	c.id("id", in.ID, false)
	if strings.HasPrefix(in.ID, referralClick) {
		c.Add("id", "must not start with %q", referralClick)
	}
	c.id("visitor", in.Visitor, false)
	c.text("campaignId", in.CampaignID)
	c.text("flag", in.Flag)
	c.sub("sub", in.Sub)
	c.metadata("metadata", in.Metadata)
	c.time(in.At)
	if (in.Partner == "") != (in.Program == "") {
		c.Add("partner", "partner and program come together")
	}
	if err := c.err(); err != nil {
		return attribution.Click{}, err
	}
	if err := u.load(); err != nil {
		return attribution.Click{}, err
	}
	click := attribution.Click{
		ID: in.ID, At: at(in.At, u.now), Partner: in.Partner, Program: in.Program, Link: in.Link, Visitor: in.Visitor,
		CampaignID: in.CampaignID, Sub: withoutEmpty(in.Sub), Flag: in.Flag, Metadata: withoutEmpty(in.Metadata),
	}
	if click.ID == "" {
		click.ID = u.e.cfg.NewID()
	}
	if in.Link != "" {
		link, ok := u.setup.Link(in.Link)
		if !ok {
			return click, notFound("link", in.Link)
		}
		click.Partner, click.Program = link.Partner, link.Program
	}
	return click, u.known(click.Partner, click.Program)
}

// known reports ErrNotFound for a partner or program that does not exist.
func (u *unit) known(partner, program string) error {
	if _, ok := u.setup.Partner(partner); partner != "" && !ok {
		return notFound("partner", partner)
	}
	if _, ok := u.setup.Program(program); program != "" && !ok {
		return notFound("program", program)
	}
	return nil
}

func sameClick(old, now attribution.Click, anyTime bool) error {
	if anyTime {
		now.At = old.At
	}
	if !reflect.DeepEqual(old, now) {
		return ErrConflict
	}
	return nil
}

// addClick stores a click and disturbs the customers it concerns: those that
// identifies of its id name, and those of its visitor. A fresh id cannot have
// been named yet.
func (u *unit) addClick(click attribution.Click, fresh bool) error {
	var names namesDoc
	if !fresh {
		if err := u.read(clickRef(click.ID), &names); err != nil {
			return err
		}
		if _, err := u.gate(clickRef(click.ID)); err != nil {
			return err
		}
	}
	owners := names.Customers
	if click.Visitor != "" {
		var visitor namesDoc
		if err := u.read(visitorRef(click.Visitor), &visitor); err != nil {
			return err
		}
		if _, err := u.gate(visitorRef(click.Visitor)); err != nil {
			return err
		}
		owners = union(owners, visitor.Customers)
	}
	u.change.Clicks = append(u.change.Clicks, click)
	if click.Partner != "" {
		count := clickNote{click.Partner, click.Program, click.Link, click.At}
		if err := u.note(storage.NoteClick, "", count); err != nil {
			return err
		}
	}
	return u.disturb(owners, click.At, nil)
}

// clickNote asks settlement to count a click.
type clickNote struct {
	Partner string    `json:"partner"`
	Program string    `json:"program"`
	Link    string    `json:"link,omitempty"`
	At      time.Time `json:"at"`
}
