package portal

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/deeplink"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/program"
)

// linkURL is the address to share.
func (v *visit) linkURL(key string) string { return v.cfg.BaseURL + "/r/" + url.PathEscape(key) }

// links are the partner's, latest first.
func (v *visit) links() ([]linkView, error) {
	counts, err := v.eng.ClickCounts(v.ctx, v.me.ID)
	if err != nil {
		return nil, err
	}
	clicks := map[string]int64{}
	for _, c := range counts {
		clicks[c.Link] += c.Clicks
	}
	var list []linkView
	for _, l := range v.setup.LinksOf(v.me.ID) {
		if !v.shown(l.Program) {
			continue
		}
		list = append(list, linkView{
			Key: l.Key, URL: v.linkURL(l.Key), Program: v.ref("program", l.Program), Title: v.title(l.Program),
			Destination: v.destination(l), CreatedAt: l.Created, Clicks: clicks[l.Key],
		})
	}
	slices.SortStableFunc(list, func(a, b linkView) int { return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(a.Key, b.Key)) })
	return list, nil
}

// destination is where a link leads: to its own address if the program still
// allows that, else to the program's.
func (v *visit) destination(l program.Link) string {
	of, _ := v.setup.Program(l.Program)
	s, _ := of.At(v.now)
	if _, ok := deeplink.Check(l.URL, s.DeepLinkDomains); ok {
		return l.URL
	}
	return s.DestinationURL
}

// Since reports whether it is known when the link was made.
func (l linkView) Since() bool { return l.CreatedAt.Year() > 1 }

// linkInput is a link to make.
type linkInput struct {
	Program     string `json:"program"`
	Key         string `json:"key"`
	Destination string `json:"destination"`
}

// add makes a link. A partner who names none gets one that nobody guesses.
func (v *visit) add(in linkInput) (linkView, error) {
	programID, err := v.programID(in.Program, "program")
	if err != nil {
		return linkView{}, err
	}
	if in.Destination != "" {
		if _, ok := deeplink.Check(in.Destination, v.hosts(programID)); !ok {
			return linkView{}, ui.Invalid("destination", v.hostHint(programID))
		}
	}
	if in.Key == "" {
		in.Key = strings.ToLower(rand.Text()[:10])
	}
	_, err = v.eng.AddLink(v.ctx, affiliate.Link{Key: in.Key, Partner: v.me.ID, Program: programID, URL: in.Destination, ByPartner: true})
	if err != nil {
		return linkView{}, err
	}
	if v.setup, err = v.eng.Configuration(v.ctx); err != nil {
		return linkView{}, err
	}
	list, err := v.links()
	if err != nil {
		return linkView{}, err
	}
	i := slices.IndexFunc(list, func(l linkView) bool { return l.Key == in.Key })
	if i < 0 { // the owner hid the program in the meantime
		return linkView{}, ui.Missing()
	}
	return list[i], nil
}

func (v *visit) hosts(programID string) []string {
	of, _ := v.setup.Program(programID)
	s, _ := of.At(v.now)
	return s.DeepLinkDomains
}

func (v *visit) hostHint(programID string) string {
	hosts := v.hosts(programID)
	if len(hosts) == 0 {
		return "Links of this program lead to its own page only."
	}
	return "Please enter an address that begins with https:// on " + strings.Join(hosts, " or ") + "."
}

// deepLink is a link that leads to another page of the program's site.
type deepLinkView struct {
	URL         string `json:"url"`
	Link        string `json:"link"`
	Destination string `json:"destination"`
}

func (v *visit) deepLink(key, to string) (deepLinkView, error) {
	link, ok := v.setup.Link(key)
	if !ok || link.Partner != v.me.ID || !v.shown(link.Program) {
		return deepLinkView{}, ui.Invalid("link", "Please choose one of your links.")
	}
	if _, ok := deeplink.Check(to, v.hosts(link.Program)); !ok {
		return deepLinkView{}, ui.Invalid("to", v.hostHint(link.Program))
	}
	return deepLinkView{v.linkURL(key) + "?to=" + url.QueryEscape(to), key, to}, nil
}

// linksBody is the page of links.
type linksBody struct {
	Links    ui.List[linkView]
	Next     string
	Programs []programView // that a link can be made for
	Input    linkInput
	Wrong    map[string]string
	Own      []linkView // that the builder offers
	Builder  builderBody
}

// builderBody is the form that makes deep links. It changes nothing.
type builderBody struct {
	Link, To string
	Made     *deepLinkView
	Wrong    map[string]string
}

func (v *visit) linksPage() error { return v.linksWith(http.StatusOK, linkInput{}, nil) }

func (v *visit) linksWith(status int, in linkInput, wrong map[string]string) error {
	list, err := v.links()
	if err != nil {
		return err
	}
	body := linksBody{Programs: running(v.programs()), Input: in, Wrong: wrong}
	if body.Links, err = ui.PageOf(v.r, list, func(l linkView) string { return l.Key }); err != nil {
		return err
	}
	body.Next = v.kit.Next(v.r, body.Links.NextAfter)
	for _, l := range list {
		if link, _ := v.setup.Link(l.Key); len(v.hosts(link.Program)) > 0 {
			body.Own = append(body.Own, l)
		}
	}
	if body.Builder, err = v.built(); err != nil {
		return err
	}
	return v.show(status, "links", "Links", body)
}

func (v *visit) built() (builderBody, error) {
	q := v.r.URL.Query()
	b := builderBody{Link: q.Get("link"), To: q.Get("to")}
	if b.To == "" {
		return b, nil
	}
	made, err := v.deepLink(b.Link, b.To)
	var refused *ui.AnswerError
	switch {
	case err == nil:
		b.Made = &made
	case errors.As(err, &refused):
		b.Wrong = ui.FieldErrors(refused.Problems)
	default:
		return b, err
	}
	return b, nil
}

func (v *visit) createLink() error {
	in := linkInput{
		v.r.PostFormValue("program"), strings.TrimSpace(v.r.PostFormValue("key")), strings.TrimSpace(v.r.PostFormValue("destination")),
	}
	_, err := v.add(in)
	if err == nil {
		return v.done("/portal/links", "link")
	}
	a := v.answer(v.r, err)
	if len(a.Problems) == 0 {
		return a
	}
	return v.linksWith(a.Status, in, ui.FieldErrors(a.Problems))
}

func (v *visit) linksAnswer() (any, error) {
	list, err := v.links()
	if err != nil {
		return nil, err
	}
	return ui.PageOf(v.r, list, func(l linkView) string { return l.Key })
}

func (v *visit) createLinkAnswer() (any, error) {
	var in linkInput
	if err := v.decode(&in); err != nil {
		return nil, err
	}
	return v.add(in)
}

func (v *visit) deepLinkAnswer() (any, error) {
	q := v.r.URL.Query()
	return v.deepLink(q.Get("link"), q.Get("to"))
}
