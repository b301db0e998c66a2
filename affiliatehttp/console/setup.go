package console

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate"
)

// task is one step of the first run, ticked from what is there.
type task struct {
	Title, Text, Link, Action string
	Done                      bool
	Next                      bool // the first that is not done
}

// Test events are conversions with an id that begins so. They carry no money and
// nobody is credited for them.
const testEvent = "console-test"

// tasks are the steps of the first run.
func (v *visit) tasks() ([]task, error) {
	heard, err := v.heard()
	if err != nil {
		return nil, err
	}
	approved := false
	for _, p := range v.setup.Partners() {
		approved = approved || len(v.setup.PartnershipsOf(p.ID)) > 0
	}
	partner := task{"Add a partner", "Add somebody to it. They get a code and a link right away.", v.to(root + "/partners/new"), "Add a partner", approved, false}
	if len(v.setup.Partners()) > 0 {
		partner.Link, partner.Action = v.to(root+"/partners"), "See partners"
	}
	list := []task{
		{"Create a program", "Choose what you pay for and how much.", v.to(root + "/programs/new"), "Create a program", len(v.setup.Programs()) > 0, false},
		partner,
		{"Send events", "Connect Stripe or your own server and see a test event arrive.", v.to(root + "/setup"), "See how", heard, false},
		{"Open the portal", "Where partners see their links, earnings and payouts.", v.to(root + "/setup"), "See how", v.cfg.PortalURL != "", false},
	}
	if i := slices.IndexFunc(list, func(t task) bool { return !t.Done }); i >= 0 {
		list[i].Next = true
	}
	return list, nil
}

// heard reports whether any event ever came in: a visit, a test event, or
// something that earned.
func (v *visit) heard() (bool, error) {
	if found, err := v.tested(testEvent); found || err != nil {
		return found, err
	}
	partners := v.setup.Partners()
	for _, p := range partners[:min(len(partners), maxChoice)] {
		counts, err := v.eng.ClickCounts(v.ctx, p.ID)
		if err != nil || len(counts) > 0 {
			return err == nil, err
		}
		page, err := v.eng.Commissions(v.ctx, p.ID, "", 1)
		if err != nil || len(page.Commissions) > 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// tested reports whether a test event has arrived.
func (v *visit) tested(id string) (bool, error) {
	_, err := v.eng.Conversion(v.ctx, id)
	if errors.Is(err, affiliate.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// setupBody is the page of snippets.
type setupBody struct {
	Tasks     []task // nil once all are done
	Script    string
	Sale      string
	Lead      string
	Test      string
	TestID    string
	Arrived   bool
	Again     string // address of a test with another id
	Link      *linkView
	PortalURL string
	Stripe    bool
}

func (v *visit) setupPage() error {
	id := v.query("test")
	if id == "" || !strings.HasPrefix(id, testEvent) || len(id) > 40 {
		id = testEvent
	}
	arrived, err := v.tested(id)
	if err != nil {
		return err
	}
	base := v.cfg.BaseURL
	body := setupBody{
		Script: fmt.Sprintf(`<script src="%s/affiliate.js" async></script>`, base),
		Lead:   `window.Affiliate?.signup(customer.id, customer.email)`,
		Sale: curl(base+"/v1/conversions", `{"externalConversionId": "in_1001", "externalCustomerId": "cus_42",
       "amountCents": 4900, "currency": "usd"}`),
		Test:   curl(base+"/v1/conversions", fmt.Sprintf(`{"externalConversionId": "%s", "externalCustomerId": "%s", "eventType": "test"}`, id, id)),
		TestID: id, Arrived: arrived, Again: v.to(root+"/setup", "test", fmt.Sprintf("%s-%d", testEvent, v.now.Unix())) + "#test",
		PortalURL: v.cfg.PortalURL, Stripe: v.cfg.Stripe != nil,
	}
	if body.Tasks, err = v.tasks(); err != nil {
		return err
	}
	if !slices.ContainsFunc(body.Tasks, func(t task) bool { return !t.Done }) {
		body.Tasks = nil
	}
	if body.Link, err = v.firstLink(); err != nil {
		return err
	}
	return v.show(http.StatusOK, "setup", "Setup", body)
}

func curl(address, data string) string {
	return fmt.Sprintf("curl -X POST %s \\\n  -H 'Authorization: Bearer YOUR_KEY' \\\n  -H 'Content-Type: application/json' \\\n  -d '%s'", address, data)
}

// firstLink is a link to try.
func (v *visit) firstLink() (*linkView, error) {
	for _, p := range v.setup.Partners() {
		if len(v.setup.LinksOf(p.ID)) == 0 {
			continue
		}
		list, err := v.links(p.ID)
		if err != nil {
			return nil, err
		}
		return &list[0], nil
	}
	return nil, nil
}
