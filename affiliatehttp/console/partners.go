package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

// partnerView is a partner in a list.
type partnerView struct {
	ID, Name, Email, Link string
	State                 string
	Since                 time.Time
	Programs              []string
	Codes                 []string // active ones
}

// Known reports whether it is known since when the partner is one.
func (p partnerView) Known() bool { return p.Since.Year() > 1 }

// Few are the first codes, Rest how many there are beside them.
func (p partnerView) Few() []string { return p.Codes[:min(len(p.Codes), 2)] }

// Rest is how many codes Few leaves out.
func (p partnerView) Rest() int { return len(p.Codes) - len(p.Few()) }

func (v *visit) partnerName(id string) string {
	if p, ok := v.setup.Partner(id); ok {
		return cmp.Or(p.Name, p.ID)
	}
	return id
}

func (v *visit) partnerView(p *program.Partner, codes []string) partnerView {
	view := partnerView{
		ID: p.ID, Name: v.partnerName(p.ID), Email: p.Email, Link: v.to(partnerPath(p.ID)), State: v.state(p), Since: p.Created, Codes: codes,
	}
	for _, on := range v.setup.PartnershipsOf(p.ID) {
		view.Programs = append(view.Programs, v.programName(on.Program))
	}
	return view
}

// partnersBody is the page of partners.
type partnersBody struct {
	Partners ui.List[partnerView]
	Next     string
	Total    int64
	Query    string
	Program  string
	State    string
	Programs []ui.Option
	States   []ui.Option
	Filtered bool
}

func (v *visit) partnersPage() error {
	body := partnersBody{Query: v.query("q"), Program: v.query("program"), State: v.query("state")}
	body.Filtered = body.Query+body.Program+body.State != ""
	body.Programs, body.States = v.programChoices(body.Program), ui.Choices(body.State, "", "All", "active", "Active", "suspended", "Suspended")
	found := slices.DeleteFunc(slices.Clone(v.setup.Partners()), func(p *program.Partner) bool { return !v.holds(p, body) })
	slices.Reverse(found) // latest first
	body.Total = int64(len(found))
	page, err := ui.PageOf(v.r, found, func(p *program.Partner) string { return p.ID })
	if err != nil {
		return err
	}
	codes := map[string][]string{}
	for _, c := range v.setup.Codes() {
		if c.ActiveAt(v.now) {
			codes[c.Partner] = append(codes[c.Partner], c.Code)
		}
	}
	for _, p := range page.Items {
		body.Partners.Items = append(body.Partners.Items, v.partnerView(p, codes[p.ID]))
	}
	body.Next = v.kit.Next(v.r, page.NextAfter)
	return v.show(http.StatusOK, "partners", "Partners", body)
}

func (v *visit) holds(p *program.Partner, b partnersBody) bool {
	if _, on := v.setup.Partnership(p.ID, b.Program); b.Program != "" && !on {
		return false
	}
	if b.State != "" && v.state(p) != b.State {
		return false
	}
	q := strings.ToLower(b.Query)
	return slices.ContainsFunc([]string{p.ID, p.Name, p.Email}, func(text string) bool { return strings.Contains(strings.ToLower(text), q) })
}

func (v *visit) programChoices(selected string) []ui.Option {
	list := []ui.Option{{Value: "", Label: "All programs", Selected: selected == ""}}
	for _, p := range v.setup.Programs() {
		list = append(list, ui.Option{Value: p.ID, Label: v.programName(p.ID), Selected: p.ID == selected})
	}
	return list
}

// partner is the one that the address names.
func (v *visit) partner() (*program.Partner, error) {
	p, ok := v.setup.Partner(idOf(v.r.PathValue("id")))
	if !ok {
		return nil, ui.Missing()
	}
	return p, nil
}

// grantView is a partner's place on a program.
type grantView struct {
	Program, Name, Link, State string
	ApprovedAt                 time.Time
	Terms                      []string
	Holdback                   string
	Source                     string
	Since                      time.Time
	Own                        bool // terms of their own
}

// Joined reports whether it is known when the partner joined.
func (g grantView) Joined() bool { return g.ApprovedAt.Year() > 1 }

// Dated reports whether it is known since when the terms are in force.
func (g grantView) Dated() bool { return g.Since.Year() > 1 }

func (v *visit) grant(on *program.Partnership) grantView {
	of, _ := v.setup.Program(on.Program)
	terms, _ := v.setup.Terms(on.Partner, on.Program, v.now)
	return grantView{
		Program: on.Program, Name: v.programName(on.Program), Link: v.to(grantPath(on.Partner, on.Program)), State: standingState(on, v.now, of.LifecycleAt(v.now)),
		ApprovedAt: on.ApprovedAt, Terms: termsInWords(terms.Terms, of.Currency), Holdback: holdback(terms.Terms),
		Source: sourceWords(terms.Source), Since: terms.Since, Own: terms.Source == commission.FromAmendment,
	}
}

// codeView is a promo code.
type codeView struct {
	Code, Path          string
	Partner, PartnerURL string
	Program, State      string
	Since               time.Time
	Reward              string
	AtCheckout          string // why customers do not get the reward there; empty: they do
	Generated           bool
}

// Known reports whether it is known when the code began.
func (c codeView) Known() bool { return c.Since.Year() > 1 }

func (v *visit) code(c *promo.Code) codeView {
	view := codeView{
		Code: c.Code, Path: v.to(codePath(c.Code)), Partner: v.partnerName(c.Partner), PartnerURL: v.to(partnerPath(c.Partner)),
		Program: v.programName(c.Program), State: "retired", Reward: words.Reward(v.setup.RewardOf(c, v.now)), Generated: c.Generated,
	}
	if len(c.Intervals) > 0 {
		view.Since = c.Intervals[len(c.Intervals)-1].From
	}
	if c.ActiveAt(v.now) {
		view.State = "active"
	}
	return view
}

// atCheckout says of codes whose reward customers do not get at checkout, and why.
func (v *visit) atCheckout(list []codeView) error {
	codes := make([]string, len(list))
	for i, c := range list {
		codes[i] = c.Code
	}
	states, err := v.eng.CodeRewards(v.ctx, codes...)
	if err != nil {
		return err
	}
	for i, c := range list {
		if state, ok := states[c.Code]; ok {
			list[i].AtCheckout = words.AtCheckout(state)
		}
	}
	return nil
}

// linkView is a referral link.
type linkView struct {
	Key, URL, Program, Leads string
	Clicks                   int64
}

// balanceView is what a partner has in one currency, and what they are paid next.
type balanceView struct {
	affiliate.Balance
	Next    affiliate.UpcomingPayout
	Cutoff  string // of what is due
	RunLink string
}

// balances are a partner's, the main currency first.
func (v *visit) balances(partner string) ([]balanceView, error) {
	now, err := v.eng.Balances(v.ctx, partner, v.now)
	if err != nil {
		return nil, err
	}
	ahead, err := v.eng.UpcomingPayouts(v.ctx, partner)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(now, func(a, b affiliate.Balance) int {
		return cmp.Compare(notMain(a.Currency, v.currency()), notMain(b.Currency, v.currency()))
	})
	list := make([]balanceView, len(now))
	for i, b := range now {
		list[i] = balanceView{Balance: b, RunLink: v.to(root + "/payouts/run")}
		for _, u := range ahead {
			if u.Currency == b.Currency {
				list[i].Next, list[i].Cutoff = u, ui.Date(u.Cutoff.In(v.zoneOf(partner, u.Cutoff)))
			}
		}
	}
	return list, nil
}

// partnerBody is the page of one partner.
type partnerBody struct {
	partnerView
	Path      string
	Balances  []balanceView
	NextAt    string
	Cadence   string
	Minimum   []sum
	Grants    []grantView
	Open      bool // there are programs to approve the partner on
	CodeList  []codeView
	Links     []linkView
	Latest    []commissionView
	All       string // address of all commissions
	Match     []string
	Rank      int
	PayoutsOf string
}

const someLatest = 6

func (v *visit) partnerPage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	body := partnerBody{
		partnerView: v.partnerView(p, nil), Path: v.to(partnerPath(p.ID)), Cadence: words.Cadence(p.PayoutAt(v.now)), Minimum: minimums(p.PayoutAt(v.now)),
		All: v.to(root+"/conversions", "partner", p.ID), PayoutsOf: v.to(root+"/payouts", "partner", p.ID), Match: conditionLines(p.MatchAt(v.now)), Rank: p.RankAt(v.now),
	}
	for _, on := range v.setup.PartnershipsOf(p.ID) {
		body.Grants = append(body.Grants, v.grant(on))
	}
	body.Open = len(body.Grants) < len(v.setup.Programs())
	for _, c := range v.setup.CodesOf(p.ID) {
		body.CodeList = append(body.CodeList, v.code(c))
	}
	if err := v.atCheckout(body.CodeList); err != nil {
		return err
	}
	slices.SortStableFunc(body.CodeList, func(a, b codeView) int { return cmp.Compare(a.State, b.State) })
	if body.Balances, err = v.balances(p.ID); err != nil {
		return err
	}
	body.NextAt = v.cutoffTime(p.ID, p.NextCutoff(v.now))
	if body.Links, err = v.links(p.ID); err != nil {
		return err
	}
	page, err := v.eng.Commissions(v.ctx, p.ID, "", someLatest)
	if err != nil {
		return err
	}
	for _, c := range page.Commissions {
		body.Latest = append(body.Latest, v.ownCommission(c))
	}
	return v.show(http.StatusOK, "partner", body.Name, body)
}

// links are a partner's, with their clicks.
func (v *visit) links(partner string) ([]linkView, error) {
	counts, err := v.eng.ClickCounts(v.ctx, partner)
	if err != nil {
		return nil, err
	}
	clicks := map[string]int64{}
	for _, c := range counts {
		clicks[c.Link] += c.Clicks
	}
	var list []linkView
	for _, l := range v.setup.LinksOf(partner) {
		list = append(list, linkView{l.Key, v.linkURL(l.Key), v.programName(l.Program), l.URL, clicks[l.Key]})
	}
	return list, nil
}

// suspendPage asks before a partner stops earning.
func (v *visit) suspendPage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	return v.confirm("Suspend "+v.partnerName(p.ID)+"?", "Suspend", true, v.crumb(v.partnerName(p.ID), partnerPath(p.ID)),
		"From now on new conversions earn this partner nothing. What was earned will be paid out. The portal shows that the account is suspended.",
		"You can reinstate the partner at any time.")
}

func (v *visit) suspend() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	if !p.SuspendedAt(v.now) {
		if _, err := v.eng.SuspendPartner(v.ctx, p.ID, time.Time{}); err != nil {
			return err
		}
	}
	return v.done(partnerPath(p.ID), "suspended")
}

func (v *visit) reinstatePage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	return v.confirm("Reinstate "+v.partnerName(p.ID)+"?", "Reinstate", false, v.crumb(v.partnerName(p.ID), partnerPath(p.ID)),
		"From now on new conversions earn this partner commissions again. Those in between earn nothing.")
}

func (v *visit) reinstate() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	if p.SuspendedAt(v.now) {
		if _, err := v.eng.ReinstatePartner(v.ctx, p.ID, time.Time{}); err != nil {
			return err
		}
	}
	return v.done(partnerPath(p.ID), "reinstated")
}

// commissionView is a commission in a list.
type commissionView struct {
	Conversion, Link    string
	Partner, PartnerURL string
	Program, For        string
	When, State         string
	Payable             string // when, if it is not yet
	affiliate.Commission
}

// ownCommission is a commission on a page of the partner's own, who is not named
// again.
func (v *visit) ownCommission(c affiliate.Commission) commissionView {
	view := v.commission(c)
	view.Partner = ""
	return view
}

func (v *visit) commission(c affiliate.Commission) commissionView {
	view := commissionView{
		Conversion: c.Conversion, Link: v.to(conversionPath(c.Conversion)), Partner: v.partnerName(c.Partner), PartnerURL: v.to(partnerPath(c.Partner)),
		Program: v.programName(c.Program), For: c.Rule, When: v.date(c.At), State: string(c.Status), Commission: c,
	}
	if c.Status == commission.StatusPending {
		view.Payable = v.date(c.PayableAt)
	}
	of, ok := v.setup.Program(c.Program)
	terms, _ := v.setup.Terms(c.Partner, c.Program, c.At)
	if i := slices.IndexFunc(terms.Rules, func(r commission.Rule) bool { return r.ID == c.Rule }); ok && i >= 0 {
		view.For = words.Rule(terms.Rules[i], of.Currency)
	}
	return view
}
