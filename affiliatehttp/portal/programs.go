package portal

import (
	"fmt"
	"slices"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// partnerships are the partner's own, oldest program first. Programs that have
// not begun are hidden (semantics 2.2).
func (v *visit) partnerships() []*program.Partnership {
	return slices.DeleteFunc(v.setup.PartnershipsOf(v.me.ID), func(p *program.Partnership) bool {
		of, ok := v.setup.Program(p.Program)
		return !ok || !p.IsApprovedAt(v.now) || of.LifecycleAt(v.now) == program.Scheduled
	})
}

// title is what partners call a program: its public title, which defaults to its
// name, or one made of the brand and, where the partner is on several, a number.
func (v *visit) title(id string) string {
	if of, ok := v.setup.Program(id); ok {
		if s, ok := of.At(v.now); ok && s.PublicTitle() != "" {
			return s.PublicTitle()
		}
	}
	name := v.cfg.Brand.Title()
	mine := v.setup.PartnershipsOf(v.me.ID)
	i := slices.IndexFunc(mine, func(p *program.Partnership) bool { return p.Program == id })
	if i < 1 {
		return name
	}
	return fmt.Sprintf("%s %d", name, i+1)
}

func (v *visit) programs() []programView {
	var list []programView
	for _, p := range v.partnerships() {
		of, _ := v.setup.Program(p.Program)
		s, _ := of.At(v.now)
		terms, _ := v.setup.Terms(v.me.ID, p.Program, v.now)
		view := programView{
			ID: v.ref("program", p.Program), Title: v.title(p.Program), State: string(s.Lifecycle(v.now)), Currency: of.Currency,
			Landing: s.DestinationURL, DeepLinkHosts: append([]string{}, s.DeepLinkDomains...), JoinedAt: p.ApprovedAt,
			Terms: termsInWords(terms.Terms, of), Conditions: conditions(s, terms.HoldbackDays),
			Reward: words.Reward(s.Reward), OwnCodes: s.PartnerCodes,
		}
		if !s.EndsAt.IsZero() {
			view.EndsAt = &s.EndsAt
		}
		if s.PartnerCodes {
			view.CodesLeft = max(promo.MaxActive-v.activeCodes(p.Program), 0)
		}
		list = append(list, view)
	}
	return list
}

func termsInWords(terms commission.Terms, of *program.Program) []string {
	var lines []string
	for _, r := range terms.Rules {
		lines = append(lines, words.Rule(r, of.Currency))
		lines = append(lines, words.Thresholds(r, of.Currency)...)
	}
	return lines
}

func (v *visit) activeCodes(programID string) int {
	n := 0
	for _, c := range v.setup.CodesOf(v.me.ID) {
		if c.Program == programID && c.ActiveAt(v.now) {
			n++
		}
	}
	return n
}

// running are the programs that something can be added to.
func running(list []programView) []programView {
	return slices.DeleteFunc(slices.Clone(list), func(p programView) bool { return p.State != string(program.Active) })
}

// shown reports whether the partner sees a program.
func (v *visit) shown(id string) bool {
	return slices.ContainsFunc(v.partnerships(), func(p *program.Partnership) bool { return p.Program == id })
}

// programID returns the id of a program of the partner's by its reference.
func (v *visit) programID(ref, field string) (string, error) {
	id, err := v.open("program", ref)
	if err != nil || !v.shown(id) {
		return "", ui.Invalid(field, "Please choose one of your programs.")
	}
	return id, nil
}

func (v *visit) programsPage() error {
	return v.show(200, "programs", "Programs", v.programs())
}

func (v *visit) programsAnswer() (any, error) {
	return ui.PageOf(v.r, v.programs(), func(p programView) string { return p.ID })
}
