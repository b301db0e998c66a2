package decision

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/program"
)

// attempt is the decision on one conversion while it is made.
type attempt struct {
	setup  *program.Configuration
	state  *State
	clicks []attribution.Click // in time order
	emails []string
	claims []attribution.Click
	sale   attribution.Conversion
	amount int64

	sticky      bool
	credits     []attribution.Credit
	explanation Explanation
}

// credit tries the methods in order: the first that yields a credit decides
// (semantics 3.5). It returns the method that did, or "".
func (d *attempt) credit() (attribution.Method, error) {
	settings, ok := d.governing()
	if !ok {
		d.fail(attribution.Clicks, attribution.NoTouch, "")
		return "", nil
	}
	d.sticky = settings.Binding == attribution.Sticky
	order := settings.Methods
	if d.sale.Partner != "" {
		order = slices.Concat([]attribution.Method{attribution.Manual}, order)
	}
	for _, method := range order {
		var err error
		switch method {
		case attribution.Manual:
			d.byHand()
		case attribution.Promo:
			d.byCode()
		case attribution.Clicks:
			err = d.byClick()
		case attribution.Match:
			d.byMatch()
		}
		if err != nil {
			return "", err
		}
		if len(d.credits) > 0 {
			d.explanation.Method = method
			return method, nil
		}
	}
	return "", nil
}

// paying is the program under which a code-less credit is paid: the named, else
// the default one.
func (d *attempt) paying() (*program.Program, bool) {
	if d.sale.Program != "" {
		return d.setup.Program(d.sale.Program)
	}
	p := d.setup.Default(d.sale.At)
	return p, p != nil
}

// governing are the settings that decide method order and binding mode.
func (d *attempt) governing() (program.Settings, bool) {
	p, ok := d.paying()
	if !ok {
		return program.Settings{}, false
	}
	return settingsAt(p, d.sale.At), true
}

// settingsAt returns the settings in force, and before the program's creation
// those it was created with.
func settingsAt(p *program.Program, t time.Time) program.Settings {
	if s, ok := p.At(t); ok {
		return s
	}
	s, _ := p.At(p.Created)
	return s
}

// touchAt says why a code, a match or a manual credit does not count as a touch
// at the conversion's time, or "" if it does.
func (d *attempt) touchNow(partner string, p *program.Program) attribution.Reason {
	if p.LifecycleAt(d.sale.At) != program.Active {
		return attribution.ProgramNotActive
	}
	return d.setup.Barred(partner, p.ID, d.sale.At)
}

// isSelf reports whether the customer is the partner (semantics 3.11).
func (d *attempt) isSelf(partner string) bool {
	who, ok := d.setup.Partner(partner)
	return ok && who.IsAt(d.sale.At, d.emails)
}

func (d *attempt) mark() attribution.Mark { return attribution.Mark{At: d.sale.At, ID: d.sale.ID} }

func (d *attempt) byHand() {
	p, ok := d.paying()
	if !ok {
		d.fail(attribution.Manual, attribution.ProgramNotActive, "")
		return
	}
	if reason := d.touchNow(d.sale.Partner, p); reason != "" {
		d.fail(attribution.Manual, reason, d.sale.Partner)
		return
	}
	d.credits = whole(d.sale.Partner, p.ID, attribution.Manual, d.mark())
}

func (d *attempt) byCode() {
	if d.sale.PromoCode == "" || d.sale.Renewal && d.boundBefore() {
		return
	}
	code, reason := d.setup.ResolveCode(d.sale.PromoCode, d.sale.At, d.sale.Program)
	if code == nil {
		d.fail(attribution.Promo, reason, d.sale.PromoCode)
		return
	}
	p, ok := d.setup.Program(code.Program)
	if reason == "" && ok {
		reason = d.touchNow(code.Partner, p)
	}
	if reason == "" && d.isSelf(code.Partner) {
		reason = attribution.SelfReferral
	}
	if reason != "" {
		d.fail(attribution.Promo, reason, code.Code)
		return
	}
	d.credits = whole(code.Partner, code.Program, attribution.Promo, d.mark())
}

// boundBefore reports whether an earlier conversion bound the customer.
func (d *attempt) boundBefore() bool {
	binding, _ := d.state.binding(d.sale.Program)
	return d.sticky && binding != nil && binding.SetAt.Before(d.sale.At)
}

// byClick reads the binding, else shares the touches by the model.
func (d *attempt) byClick() error {
	if d.sticky {
		if binding, from := d.state.binding(d.sale.Program); binding != nil {
			return d.byBinding(binding, from)
		}
	}
	touches := d.touches()
	if len(touches) == 0 {
		d.fail(attribution.Clicks, d.leftOut(), "")
		return nil
	}
	last := touches[len(touches)-1]
	p, _ := d.setup.Program(last.Program)
	model := settingsAt(p, d.sale.At).Model
	d.explanation.Model = model
	credits, err := attribution.Attribute(touches, d.sale.At, model, attribution.NoWindow)
	d.credits = credits
	return err
}

// byBinding pays what the customer is bound to, whatever the window says. A credit
// whose partner is suspended, or whose partnership is revoked, is void: paid to
// nobody, and no later method is tried. A borrowed binding becomes the scope's own.
func (d *attempt) byBinding(b *attribution.Binding, from string) error {
	d.explanation.Binding = b
	if from != d.sale.Program {
		d.explanation.Borrowed = true
		d.explanation.BorrowedFrom = from
		d.state.scope(d.sale.Program).Binding = &attribution.Binding{
			Credits: slices.Clone(b.Credits), SetAt: d.sale.At, SetBy: d.sale.ID,
		}
	}
	others, err := without(b.Credits, d.isSelf)
	if err != nil {
		return err
	}
	var credits []attribution.Credit
	for _, c := range others {
		c.Method = attribution.Clicks
		c.Void = d.setup.Barred(c.Partner, c.Program, d.sale.At)
		credits = append(credits, c)
	}
	if len(credits) == 0 {
		d.fail(attribution.Clicks, attribution.SelfReferral, "")
		return nil
	}
	d.credits = credits
	return nil
}

// without leaves partners out; the others share what they had.
func without(credits []attribution.Credit, out func(partner string) bool) ([]attribution.Credit, error) {
	var kept []attribution.Credit
	var left money.Share
	for _, c := range credits {
		if out(c.Partner) {
			continue
		}
		var err error
		if left, err = left.Add(c.Share); err != nil {
			return nil, err
		}
		kept = append(kept, c)
	}
	if len(kept) == len(credits) {
		return kept, nil
	}
	for i, c := range kept {
		var err error
		if kept[i].Share, err = money.NewShare(c.Share.Num*left.Den, c.Share.Den*left.Num); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

// touches returns the clicks that count for the conversion, in time order, and
// notes why others were left out (semantics 3.2).
func (d *attempt) touches() []attribution.Click {
	var touches []attribution.Click
	for _, c := range d.clicks {
		if c.Partner == "" || c.At.After(d.sale.At) || (d.sale.Program != "" && c.Program != d.sale.Program) {
			continue
		}
		reason := d.refuse(c)
		d.explanation.Touches = append(d.explanation.Touches, Touch{
			Click: c.ID, At: c.At, Partner: c.Partner, Program: c.Program, LeftOut: reason, Suspect: c.Suspect,
		})
		if reason == "" {
			touches = append(touches, c)
		}
	}
	d.unconfirmed()
	return touches
}

// unconfirmed notes the clicks of sign-ups that only a browser told of. They are
// no touches, so that nobody can claim somebody else's customer.
func (d *attempt) unconfirmed() {
	for _, c := range d.claims {
		if c.At.After(d.sale.At) || (d.sale.Program != "" && c.Program != d.sale.Program) {
			continue
		}
		d.explanation.Touches = append(d.explanation.Touches, Touch{
			Click: c.ID, At: c.At, Partner: c.Partner, Program: c.Program, LeftOut: attribution.ClaimUnconfirmed,
		})
	}
}

func (d *attempt) refuse(c attribution.Click) attribution.Reason {
	p, ok := d.setup.Program(c.Program)
	if !ok {
		return attribution.ProgramNotActive
	}
	switch {
	case c.Flag != "":
		return attribution.Flagged
	case !settingsAt(p, d.sale.At).InWindow(c.At, d.sale.At):
		return attribution.OutsideWindow
	case p.LifecycleAt(c.At) != program.Active:
		return attribution.ProgramNotActive
	case !d.setup.Approved(c.Partner, c.Program, c.At):
		return attribution.PartnerNotApproved
	}
	if barred := d.setup.Barred(c.Partner, c.Program, d.sale.At); barred != "" {
		return barred
	}
	if d.isSelf(c.Partner) {
		return attribution.SelfReferral
	}
	return ""
}

// leftOut is the reason of the latest touch that was left out; an unconfirmed
// claim is the reason only where there was no touch at all.
func (d *attempt) leftOut() attribution.Reason {
	reason := attribution.NoTouch
	for _, t := range d.explanation.Touches {
		if t.LeftOut != attribution.ClaimUnconfirmed || reason == attribution.NoTouch {
			reason = t.LeftOut
		}
	}
	return reason
}

// byMatch credits the first partner, in the owner's order, any of whose
// conditions holds (semantics 3.9).
func (d *attempt) byMatch() {
	p, ok := d.paying()
	if !ok {
		return
	}
	own := attribution.Tags{CampaignID: d.sale.CampaignID, Sub: d.sale.Sub}
	click, suspect := d.taggedClick(p)
	match := attribution.FirstMatch(d.matchers, own, click, func(partner string) attribution.Reason {
		if reason := d.touchNow(partner, p); reason != "" {
			return reason
		}
		if d.isSelf(partner) {
			return attribution.SelfReferral
		}
		return ""
	})
	d.explanation.PassedOver = match.Passed
	switch {
	case match.Partner != "":
		d.credits = whole(match.Partner, p.ID, attribution.Match, d.mark())
		if match.ByClick {
			d.credits[0].Suspect = suspect
		}
	case len(match.Passed) > 0:
		d.fail(attribution.Match, match.Passed[0].Reason, "")
	default:
		d.fail(attribution.Match, attribution.NoMatch, "")
	}
}

// matchers yields the partners in the owner's order with their conditions in
// force at the conversion's time.
func (d *attempt) matchers(yield func(attribution.Matcher) bool) {
	for _, who := range d.setup.PartnersAt(d.sale.At) {
		if !yield(attribution.Matcher{Partner: who.ID, Conditions: who.MatchAt(d.sale.At)}) {
			return
		}
	}
}

// taggedClick is the one click whose fields stand in for empty ones of the
// conversion: the customer's latest at or before it, of any program, that is
// not flagged and inside the paying program's window. It also returns what is
// suspect about that click.
func (d *attempt) taggedClick(p *program.Program) (tags attribution.Tags, suspect string) {
	settings := settingsAt(p, d.sale.At)
	for i := len(d.clicks) - 1; i >= 0; i-- {
		if c := d.clicks[i]; c.Flag == "" && settings.InWindow(c.At, d.sale.At) {
			return attribution.Tags{CampaignID: c.CampaignID, Sub: c.Sub}, c.Suspect
		}
	}
	return attribution.Tags{}, ""
}
