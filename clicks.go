package affiliate

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

// Click is a visit through a partner's link, or through a campaign link when it
// names no partner. A link gives partner and program. By default its id is a new
// one, and its time is now.
type Click = attribution.Click

// ClickResult tells what became of a click.
type ClickResult struct {
	ClickID   string `json:"clickId"`
	Duplicate bool   `json:"duplicate"` // it was recorded before
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

// RecordClicks stores clicks in one read and one write, all or none, and returns
// what became of each. It is for whoever has many at a time: requests that wait
// for one commit together, a queue, an import. Its errors are RecordClick's, of the
// first click that has one.
func (e *Engine) RecordClicks(ctx context.Context, in []Click) (results []ClickResult, err error) {
	if len(in) == 0 {
		return nil, nil
	}
	err = e.do(ctx, func(u *unit) error {
		results, err = u.recordClicks(in)
		return err
	})
	return results, wrap("record clicks", err)
}

// RecordLateClick stores a click that could not be stored when it was made, as far
// as is known: if it was, the result is a duplicate with the id that it has. A click
// of the same visitor through the same link in the same second is that one. Its
// errors are RecordClick's.
func (e *Engine) RecordLateClick(ctx context.Context, in Click) (result ClickResult, err error) {
	err = e.do(ctx, func(u *unit) error {
		id, err := u.recordedAs(in)
		if err != nil || id != "" {
			result = ClickResult{ClickID: id, Duplicate: true}
			return err
		}
		result, err = u.recordClick(in)
		return err
	})
	return result, wrap("record click", err)
}

// recordedAs returns the id of a visitor's click through a link in a second, or "".
func (u *unit) recordedAs(in Click) (string, error) {
	if in.Visitor == "" || in.Link == "" || in.At.IsZero() {
		return "", nil
	}
	clicks, _, err := u.e.store.Touches(u.ctx, u.e.org, []string{in.Visitor}, nil)
	i := slices.IndexFunc(clicks, func(c attribution.Click) bool {
		return c.Flag == in.Flag && c.Visitor == in.Visitor && c.Link == in.Link && c.At.Truncate(time.Second).Equal(in.At.Truncate(time.Second))
	})
	if err != nil || i < 0 {
		return "", err
	}
	return clicks[i].ID, nil
}

// Click returns a click as it was recorded. It returns ErrNotFound.
func (e *Engine) Click(ctx context.Context, id string) (attribution.Click, error) {
	clicks, err := e.store.Clicks(ctx, e.org, []string{id})
	if err == nil && len(clicks) == 0 {
		err = notFound("click", id)
	}
	if err != nil {
		return attribution.Click{}, wrap("click", err)
	}
	return clicks[0], nil
}

func (u *unit) recordClick(in Click) (ClickResult, error) {
	results, err := u.recordClicks([]Click{in})
	if err != nil {
		return ClickResult{}, err
	}
	return results[0], nil
}

func (u *unit) recordClicks(in []Click) ([]ClickResult, error) {
	stored, err := u.expectClicks(in)
	if err != nil {
		return nil, err
	}
	results := make([]ClickResult, len(in))
	u.change.Clicks = slices.Grow(u.change.Clicks, len(in))
	var counts clickNotes
	for i := range in {
		one := &in[i]
		click, err := u.newClick(one)
		if err != nil {
			return nil, err
		}
		results[i].ClickID = click.ID
		if old, ok := stored[click.ID]; ok {
			results[i].Duplicate = true
			if err := sameClick(old, click, one.At.IsZero()); err != nil {
				return nil, err
			}
			continue
		}
		if err := u.putClick(click, one); err != nil {
			return nil, err
		}
		if one.ID != "" {
			stored[click.ID] = click
		}
		counts.add(&click)
	}
	return results, counts.note(u)
}

// expectClicks reads in one go what the clicks will need, and returns those of
// their ids that are recorded already. The customers of known visitors, whom new
// clicks concern, take another read.
func (u *unit) expectClicks(in []Click) (stored map[string]attribution.Click, err error) {
	var refs []storage.Ref
	var ids []string
	for _, c := range in {
		if c.ID != "" {
			refs, ids = append(refs, clickRef(c.ID)), append(ids, c.ID)
		}
		if c.Visitor != "" && !c.NewVisitor {
			refs = append(refs, visitorRef(c.Visitor))
		}
	}
	if err := u.load(refs...); err != nil {
		return nil, err
	}
	var owners []storage.Ref
	for _, ref := range refs {
		var names namesDoc
		if err := u.read(ref, &names); err != nil {
			return nil, err
		}
		for _, customer := range names.Customers {
			owners = append(owners, customerRef(customer))
		}
	}
	stored = make(map[string]attribution.Click, len(ids))
	if len(ids) > 0 {
		found, err := u.e.store.Clicks(u.ctx, u.e.org, ids)
		if err != nil {
			return nil, err
		}
		for _, click := range slices.Concat(found, u.change.Clicks) {
			stored[click.ID] = click
		}
	}
	return stored, u.load(owners...)
}

// newClick checks the input and makes the fact of it.
func (u *unit) newClick(in *Click) (attribution.Click, error) {
	c := checks{now: u.latest()}
	c.id("id", in.ID, false)
	if strings.HasPrefix(in.ID, referralClick) {
		c.Add("id", "must not start with %q", referralClick)
	}
	c.id("visitor", in.Visitor, false)
	c.text("campaignId", in.CampaignID)
	c.text("flag", in.Flag)
	c.text("suspect", in.Suspect)
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
	click := *in
	click.At, click.NewVisitor = at(in.At, u.now), false
	click.Sub, click.Metadata = filled(in.Sub), filled(in.Metadata)
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

// filled is withoutEmpty, which has nothing to copy where all values are there.
func filled(values map[string]string) map[string]string {
	for _, v := range values {
		if v == "" {
			return withoutEmpty(values)
		}
	}
	if len(values) == 0 {
		return nil
	}
	return values
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

// addClick stores a click of the Engine's own, whose id nobody can have named yet,
// and has it counted.
func (u *unit) addClick(click attribution.Click) error {
	if err := u.putClick(click, &Click{}); err != nil {
		return err
	}
	var counts clickNotes
	counts.add(&click)
	return counts.note(u)
}

// putClick stores a click and disturbs the customers it concerns: those that
// identifies of its id name, and those of its visitor. Fresh ids cannot have been
// named yet.
func (u *unit) putClick(click attribution.Click, in *Click) error {
	var refs []storage.Ref
	if in.ID != "" {
		refs = append(refs, clickRef(click.ID))
	}
	if click.Visitor != "" && !in.NewVisitor {
		refs = append(refs, visitorRef(click.Visitor))
	}
	var owners []string
	for _, ref := range refs {
		var names namesDoc
		if err := u.read(ref, &names); err != nil {
			return err
		}
		if _, err := u.gate(ref); err != nil {
			return err
		}
		owners = union(owners, names.Customers)
	}
	u.change.Clicks = append(u.change.Clicks, click)
	return u.disturb(owners, click.At, nil)
}

// clickNote asks settlement to count clicks of one day.
type clickNote struct {
	Partner string    `json:"partner"`
	Program string    `json:"program"`
	Link    string    `json:"link,omitempty"`
	At      time.Time `json:"at"`
	Clicks  int64     `json:"clicks,omitempty"` // none: one
}

// clickNotes are the notes of clicks that are stored together.
type clickNotes []clickNote

// add counts a click; one without a partner is counted nowhere.
func (list *clickNotes) add(click *attribution.Click) {
	if click.Partner == "" {
		return
	}
	day := click.At.Truncate(24 * time.Hour)
	for i, n := range *list {
		if n.Partner == click.Partner && n.Program == click.Program && n.Link == click.Link && n.At.Truncate(24*time.Hour).Equal(day) {
			(*list)[i].Clicks = max(n.Clicks, 1) + 1
			return
		}
	}
	*list = append(*list, clickNote{Partner: click.Partner, Program: click.Program, Link: click.Link, At: click.At})
}

func (list *clickNotes) note(u *unit) error {
	for _, n := range *list {
		if err := u.note(storage.NoteClick, n.Partner, n); err != nil {
			return err
		}
	}
	return nil
}

// ClickCounts returns how many clicks a partner's links got, by day (UTC), program and
// link. Of clicks that wait to be counted it adds the first 2,000.
func (e *Engine) ClickCounts(ctx context.Context, partner string) ([]storage.ClickCount, error) {
	counts, err := newUnit(ctx, e, e.now()).clickCounts(partner)
	return counts, wrap("click counts", err)
}

// clickCounts reads what waits before what is counted, and again if some of it was
// counted in between.
func (u *unit) clickCounts(partner string) ([]storage.ClickCount, error) {
	kinds, keys := []storage.NoteKind{storage.NoteClick}, []string{partner}
	for {
		waiting, err := u.e.store.NotesFor(u.ctx, u.e.org, kinds, keys, tailLimit)
		if err != nil {
			return nil, err
		}
		counted, err := u.e.store.ClickCounts(u.ctx, u.e.org, partner)
		if err != nil {
			return nil, err
		}
		still, err := u.e.store.NotesFor(u.ctx, u.e.org, kinds, keys, 1)
		if err != nil {
			return nil, err
		}
		if len(waiting) > 0 && (len(still) == 0 || still[0].ID != waiting[0].ID) {
			continue
		}
		u.change.Counts = counted
		for _, n := range waiting {
			if err := u.countClicks(n); err != nil {
				return nil, err
			}
		}
		return u.change.Counts, nil
	}
}
