package console

import (
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
)

// newPartnerPage is the form of a new partner.
func (v *visit) newPartnerPage() error { return v.newPartnerForm(http.StatusOK, values{}, nil) }

func (v *visit) newPartnerForm(status int, in values, w wrong) error {
	programs := []ui.Option{{Value: "", Label: "None yet", Selected: in["program"] == ""}}
	for _, p := range v.setup.Programs() {
		programs = append(programs, ui.Option{Value: p.ID, Label: v.programName(p.ID), Selected: p.ID == in["program"]})
	}
	f := ui.Form{Action: v.to(root + "/partners/new"), Button: "Add partner", Groups: []ui.Fieldset{{Fields: []ui.Field{
		{Name: "name", Label: "Name", Kind: "text", Value: in["name"], Required: true, Half: true},
		{Name: "email", Label: "Email", Kind: "email", Value: in["email"], Half: true, Help: "Used to detect self-referrals."},
		{Name: "id", Label: "ID", Kind: "text", Value: in["id"], Required: true, Half: true, Placeholder: "ada", Help: "The partner’s ID in your system. Can’t be changed later."},
		{Name: "program", Label: "Program", Kind: ui.Select, Half: true, Options: programs, Help: "The partner gets a code and a link right away."},
	}}}}
	w.place(&f)
	return v.showForm(status, formBody{
		Title: "New partner", Lead: "A partner brings you customers.", Crumb: v.crumb("Partners", root+"/partners"), Form: f,
	})
}

func (v *visit) createPartner() error {
	in := v.values([]string{"id", "name", "email", "program"})
	if _, ok := v.setup.Program(in["program"]); in["program"] != "" && !ok {
		return v.newPartnerForm(http.StatusUnprocessableEntity, in, wrong{"program": "Please choose one of the programs."})
	}
	if spaced(in["id"]) {
		return v.newPartnerForm(http.StatusUnprocessableEntity, in, wrong{"id": noSpaces})
	}
	name, email := in["name"], in["email"]
	if _, err := v.eng.CreatePartner(v.ctx, in["id"], program.Profile{Name: &name, Email: &email}, time.Time{}); err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.newPartnerForm(status, in, w)
	}
	if in["program"] == "" {
		return v.done(partnerPath(in["id"]), "partner")
	}
	if _, err := v.eng.ApprovePartnership(v.ctx, in["id"], in["program"], time.Time{}); err != nil {
		return err
	}
	return v.done(partnerPath(in["id"]), "approved")
}

func profileNames() []string {
	return []string{"name", "email", "cadence", "weekday", "day", "hour", "timeZone", "cron", "minimum", "rank", "match"}
}

// profile is what a form of a partner is about.
type profile struct {
	Name, Email string
	Payout      payout.Schedule
	Rank        int
	Match       []attribution.Condition
}

func (v *visit) profileOf(p *program.Partner) profile {
	return profile{p.Name, p.Email, p.PayoutAt(v.now), p.RankAt(v.now), p.MatchAt(v.now)}
}

func (v *visit) profilePage() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	return v.profileForm(http.StatusOK, p, v.profileOf(p).values(), nil, nil)
}

func (p profile) values() values {
	in := values{
		"name": p.Name, "email": p.Email, "cadence": string(p.Payout.Cadence), "weekday": strconv.Itoa(int(p.Payout.Weekday)),
		"day": strconv.Itoa(max(p.Payout.Day, 1)), "hour": strconv.Itoa(p.Payout.Hour), "timeZone": p.Payout.TimeZone, "cron": p.Payout.Cron,
		"rank": strconv.Itoa(p.Rank), "match": lined(conditionLines(p.Match)),
	}
	if in["cadence"] == "" {
		in["cadence"] = string(payout.Monthly)
	}
	var lines []string
	for _, c := range slices.Sorted(maps.Keys(p.Payout.Minimum)) {
		lines = append(lines, strings.ToUpper(string(c))+" "+ui.Plain(p.Payout.Minimum[c], c))
	}
	in["minimum"] = lined(lines)
	return in
}

func conditionLines(list []attribution.Condition) []string {
	var lines []string
	for _, c := range list {
		lines = append(lines, c.Field+" "+string(c.Op)+" "+c.Value)
	}
	return lines
}

func (v *visit) profileForm(status int, p *program.Partner, in values, w wrong, notice *ui.Notice) error {
	var days []string
	for d := range 7 {
		days = append(days, strconv.Itoa(d), time.Weekday(d).String())
	}
	f := ui.Form{
		Action: v.to(partnerPath(p.ID) + "/edit"), Button: "Save", Hidden: []ui.Pair{{Label: "was", Text: mark(v.profileOf(p))}},
		Groups: []ui.Fieldset{
			{Fields: []ui.Field{
				{Name: "name", Label: "Name", Kind: "text", Value: in["name"], Half: true},
				{Name: "email", Label: "Email", Kind: "email", Value: in["email"], Half: true},
			}},
			{Legend: "Payouts", Fields: []ui.Field{
				{Name: "cadence", Label: "How often", Kind: ui.Select, Half: true, Options: ui.Choices(in["cadence"],
					string(payout.Monthly), "Every month", string(payout.Weekly), "Every week", string(payout.Daily), "Every day", string(payout.Cron), "Cron expression")},
				{Name: "timeZone", Label: "Time zone", Kind: "text", Value: in["timeZone"], Half: true, Placeholder: "UTC"},
				{Name: "day", Label: "Day of the month", Kind: "text", Value: in["day"], Half: true, Help: "For every month."},
				{Name: "weekday", Label: "Day of the week", Kind: ui.Select, Half: true, Options: ui.Choices(in["weekday"], days...), Help: "For every week."},
				{Name: "hour", Label: "Hour", Kind: "text", Value: in["hour"], Half: true, Help: "0 to 23."},
				{Name: "cron", Label: "Cron expression", Kind: "text", Value: in["cron"], Half: true, Placeholder: "0 9 1,15 * *", Help: "For a cron expression."},
				{Name: "minimum", Label: "Minimum payout", Kind: ui.Area, Value: in["minimum"], Placeholder: "USD 50.00", Help: "One currency per line. Balances below it carry over to the next payout."},
			}},
			{Legend: "Tagged traffic", Fold: in["match"] == "", Help: "Conversions without a click or code go to the first partner whose conditions match.", Fields: []ui.Field{
				{Name: "match", Label: "Conditions", Kind: ui.Area, Value: in["match"], Placeholder: "sub1 equals summer\ncampaignId starts_with ada-", Help: "One per line, any may match: a field (campaignId, sub1 to sub30), then equals, not_equals, contains, not_contains or starts_with, then a text."},
				{Name: "rank", Label: "Priority", Kind: "text", Value: in["rank"], Half: true, Help: "Lower numbers come first."},
			}},
		},
	}
	w.place(&f)
	return v.showForm(status, formBody{
		Title: "Edit " + v.partnerName(p.ID), Crumb: v.crumb(v.partnerName(p.ID), partnerPath(p.ID)), Notice: notice, Form: f,
	})
}

func (v *visit) editPartner() error {
	p, err := v.partner()
	if err != nil {
		return err
	}
	in, old := v.values(profileNames()), v.profileOf(p)
	if v.stale(mark(old)) {
		return v.profileForm(http.StatusConflict, p, in, nil, staleNotice())
	}
	change, w := in.profile(old)
	if len(w) > 0 {
		return v.profileForm(http.StatusUnprocessableEntity, p, in, w, nil)
	}
	if reflect.DeepEqual(change, program.Profile{}) {
		return v.done(partnerPath(p.ID), "unchanged")
	}
	if _, err := v.eng.EditPartner(v.ctx, p.ID, change, time.Time{}); err != nil {
		status, w, fatal := v.refusal(err)
		if fatal != nil {
			return fatal
		}
		return v.profileForm(status, p, in, w, nil)
	}
	return v.done(partnerPath(p.ID), "profile")
}

// profile reads what the form says otherwise than the partner's profile does.
func (in values) profile(old profile) (change program.Profile, w wrong) {
	w = wrong{}
	if name := in["name"]; name != old.Name {
		change.Name = &name
	}
	if email := in["email"]; email != old.Email {
		change.Email = &email
	}
	if rank := in.number("rank", w); rank != nil && *rank != old.Rank {
		change.Rank = rank
	}
	if in["match"] != lined(conditionLines(old.Match)) {
		match := []attribution.Condition{}
		for _, line := range in.lines("match") {
			part := strings.SplitN(line, " ", 3)
			if len(part) < 3 {
				w["match"] = fmt.Sprintf("“%s” is not a field, an operator and a text.", line)
				break
			}
			match = append(match, attribution.Condition{Field: part[0], Op: attribution.Op(part[1]), Value: part[2]})
		}
		if !slices.Equal(match, old.Match) {
			change.Match = &match
		}
	}
	before := old.values()
	if slices.ContainsFunc([]string{"cadence", "weekday", "day", "hour", "timeZone", "cron", "minimum"}, func(n string) bool {
		return strings.Join(in.lines(n), "\n") != before[n]
	}) {
		s := in.schedule(old.Payout, w)
		change.Payout = s.Change()
		for _, c := range slices.Sorted(maps.Keys(old.Payout.Minimum)) {
			if _, stays := s.Minimum[c]; !stays {
				change.Payout.Remove = append(change.Payout.Remove, "minimum."+string(c))
			}
		}
	}
	return change, w
}

// schedule reads when and from what on the partner is paid.
func (in values) schedule(s payout.Schedule, w wrong) payout.Schedule {
	s.Cadence, s.TimeZone, s.Cron = payout.Cadence(in["cadence"]), in["timeZone"], in["cron"]
	if s.Cadence != payout.Cron {
		s.Cron = ""
	}
	if n := in.number("weekday", w); n != nil {
		s.Weekday = time.Weekday(*n)
	}
	if n := in.number("day", w); n != nil {
		s.Day = *n
	}
	if n := in.number("hour", w); n != nil {
		s.Hour = *n
	}
	s.Minimum = nil
	for _, line := range in.lines("minimum") {
		code, amount, _ := strings.Cut(line, " ")
		c, err := money.ParseCurrency(code)
		var n int64
		if err == nil {
			n, err = minor(amount, c)
		}
		if err != nil {
			w["minimum"] = fmt.Sprintf("“%s” is not a currency and an amount, like USD 50.00.", line)
			break
		}
		if s.Minimum == nil {
			s.Minimum = map[money.Currency]int64{}
		}
		s.Minimum[c] = n
	}
	return s
}

// minimums are the least amounts that are paid out.
func minimums(s payout.Schedule) []sum {
	var list []sum
	for _, c := range slices.Sorted(maps.Keys(s.Minimum)) {
		list = append(list, sum{s.Minimum[c], c})
	}
	return list
}
