package program_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/promo"
)

func TestCheckSettings(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings program.SettingsChange
		want     []string // fields at fault, when a program is created and, less the first n, when it is edited
		fresh    int
	}{
		{"all defaults", program.SettingsChange{Rules: percent("20")}, nil, 0},
		{"no rules", program.SettingsChange{}, []string{"rules"}, 1},
		{"empty rules", program.SettingsChange{Rules: []commission.Rule{}}, []string{"rules"}, 0},
		{"a bad rule", program.SettingsChange{Rules: percent("101")}, []string{"rules[0].value"}, 0},
		{"negative holdback", program.SettingsChange{Rules: percent("1"), HoldbackDays: ptr(-1)}, []string{"holdbackDays"}, 0},
		{"unknown model", program.SettingsChange{Rules: percent("1"), Model: ptr(attribution.Model("u_shaped"))}, []string{"attributionModel"}, 0},
		{"negative window", program.SettingsChange{Rules: percent("1"), WindowDays: ptr(-1)}, []string{"attributionWindowDays"}, 0},
		{"endless window", program.SettingsChange{Rules: percent("1"), WindowDays: ptr(3651)}, []string{"attributionWindowDays"}, 0},
		{"no window", program.SettingsChange{Rules: percent("1"), WindowDays: ptr(0)}, nil, 0},
		{"unknown binding", program.SettingsChange{Rules: percent("1"), Binding: ptr(attribution.BindingMode("loose"))}, []string{"binding"}, 0},
		{"no methods", program.SettingsChange{Rules: percent("1"), Methods: &[]attribution.Method{}}, []string{"methods"}, 0},
		{"unknown method", program.SettingsChange{Rules: percent("1"), Methods: &[]attribution.Method{"click", "luck"}}, []string{"methods[1]"}, 0},
		{"manual is in no order", program.SettingsChange{Rules: percent("1"), Methods: &[]attribution.Method{"manual"}}, []string{"methods[0]"}, 0},
		{"a method twice", program.SettingsChange{Rules: percent("1"), Methods: &[]attribution.Method{"click", "promo", "click"}}, []string{"methods[2]"}, 0},
		{"a bad reward", program.SettingsChange{Rules: percent("1"), Reward: promo.Reward{}.Change()}, []string{"reward.kind", "reward.span"}, 0},
		{
			"all at once",
			program.SettingsChange{HoldbackDays: ptr(-1), Model: ptr(attribution.Model("")), WindowDays: ptr(-1)},
			[]string{"rules", "holdbackDays", "attributionModel", "attributionWindowDays"},
			1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			fresh := c.settings
			fresh.DestinationURL = home()
			made := w.try(program.Change{Kind: program.CreateProgram, At: day(1), Program: "new", Settings: &fresh})
			edited := w.try(program.Change{Kind: program.EditProgram, At: day(1), Program: "main", Settings: &c.settings})
			require.Equal(t, c.want, fields(made))
			require.ElementsMatch(t, c.want[c.fresh:], fields(edited))
			if c.want != nil {
				require.ErrorIs(t, made, commission.ErrInvalidTerms)
			}
		})
	}
}

func TestAProgramHasADestination(t *testing.T) {
	w := newWorld(t)
	for text, valid := range map[string]bool{
		"": false, "https://acme.example/": true, "http://acme.example/?a=b": true, "acme.example": false, "javascript:alert(1)": false,
		"https://user@acme.example/": false,
	} {
		settings := program.SettingsChange{Rules: percent("1"), DestinationURL: &text}
		for _, c := range []program.Change{
			{Kind: program.CreateProgram, At: day(1), Program: "p" + text, Settings: &settings},
			{Kind: program.EditProgram, At: day(1), Program: "main", Settings: &settings},
		} {
			if valid {
				w.do(c)
				continue
			}
			err := w.try(c)
			require.ErrorIs(t, err, commission.ErrInvalidTerms, text)
			require.Equal(t, []string{"destinationUrl"}, fields(err), text)
		}
	}
	none := program.Change{Kind: program.CreateProgram, At: day(1), Program: "none", Settings: &program.SettingsChange{Rules: percent("1")}}
	require.Equal(t, []string{"destinationUrl"}, fields(w.try(none)))
}

func TestCheckCurrencyAndZone(t *testing.T) {
	w := newWorld(t)
	try := func(kind program.ChangeKind, id string, s program.SettingsChange) []string {
		s.Rules = percent("1")
		if kind == program.CreateProgram {
			s.DestinationURL = home()
		}
		return fields(w.try(program.Change{Kind: kind, At: day(1), Program: id, Settings: &s}))
	}
	require.Empty(t, try(program.CreateProgram, "eu", program.SettingsChange{Currency: ptr(money.Currency("eur")), TimeZone: ptr("Europe/Berlin")}))
	require.Equal(t, []string{"currency"}, try(program.CreateProgram, "a", program.SettingsChange{Currency: ptr(money.Currency("EUR"))}))
	require.Equal(t, []string{"timeZone"}, try(program.CreateProgram, "a", program.SettingsChange{TimeZone: ptr("Europe/Springfield")}))
	require.Equal(t, []string{"timeZone"}, try(program.CreateProgram, "a", program.SettingsChange{TimeZone: ptr("Local")}))
	require.Equal(t, []string{"currency"}, try(program.EditProgram, "main", program.SettingsChange{Currency: ptr(money.Currency("eur"))}), "set once")
	require.Equal(t, []string{"currency"}, try(program.EditProgram, "main", program.SettingsChange{TimeZone: ptr("UTC")}), "set once")
}

func TestCheckOverride(t *testing.T) {
	w := newWorld(t)
	terms := func(c program.TermsChange) error {
		return w.try(program.Change{Kind: program.Override, At: day(1), Partner: "ada", Program: "main", Terms: &c})
	}
	require.ErrorIs(t, terms(program.TermsChange{HoldbackDays: ptr(1)}), program.ErrNotFound, "no partnership")
	w.approve(day(1))
	require.NoError(t, terms(program.TermsChange{HoldbackDays: ptr(1)}))
	require.NoError(t, terms(program.TermsChange{}), "all is kept")
	for field, bad := range map[string]program.TermsChange{
		"rules": {Rules: []commission.Rule{}}, "rules[0].value": {Rules: percent("x")}, "holdbackDays": {HoldbackDays: ptr(-1)},
	} {
		err := terms(bad)
		require.ErrorIs(t, err, commission.ErrInvalidTerms)
		require.Equal(t, []string{field}, fields(err))
	}
}

func TestCheckProfile(t *testing.T) {
	w := newWorld(t)
	condition := func(field string, op attribution.Op) *[]attribution.Condition {
		return &[]attribution.Condition{{Field: "sub1", Op: attribution.Equals}, {Field: field, Op: op, Value: "x"}}
	}
	for _, kind := range []program.ChangeKind{program.CreatePartner, program.EditPartner} {
		try := func(p *program.Profile) error {
			id := "ada"
			if kind == program.CreatePartner {
				id = "new"
			}
			return w.try(program.Change{Kind: kind, At: day(1), Partner: id, Profile: p})
		}
		err := try(&program.Profile{Match: condition("country", attribution.Equals)})
		require.ErrorIs(t, err, program.ErrInvalid)
		require.Equal(t, []string{"match[1].field"}, fields(err))
		require.Equal(t, []string{"match[1].op"}, fields(try(&program.Profile{Match: condition("sub2", "like")})))
		require.ErrorIs(t, try(&program.Profile{Payout: payout.Schedule{Day: 32}.Change()}), payout.ErrInvalidSchedule)
		require.NoError(t, try(&program.Profile{Match: condition("campaignId", attribution.StartsWith)}))
	}
	require.NoError(t, w.try(program.Change{Kind: program.EditPartner, At: day(1), Partner: "ada"}), "nothing is edited")
}

func TestCheckExistence(t *testing.T) {
	w := newWorld(t)
	w.approve(ever())
	good := &program.SettingsChange{DestinationURL: home(), Rules: percent("1")}
	for _, c := range []struct {
		name   string
		change program.Change
		want   error
	}{
		{"a program again", program.Change{Kind: program.CreateProgram, Program: "main", Settings: good}, program.ErrExists},
		{"a program without an id", program.Change{Kind: program.CreateProgram, Settings: good}, program.ErrInvalid},
		{"a program of control characters", program.Change{Kind: program.CreateProgram, Program: "a\x1fb", Settings: good}, program.ErrInvalid},
		{"a partner again", program.Change{Kind: program.CreatePartner, Partner: "ada"}, program.ErrExists},
		{"a partner without an id", program.Change{Kind: program.CreatePartner}, program.ErrInvalid},
		{"edit no program", program.Change{Kind: program.EditProgram, Program: "x", Settings: good}, program.ErrNotFound},
		{"edit no partner", program.Change{Kind: program.EditPartner, Partner: "x"}, program.ErrNotFound},
		{"suspend nobody", program.Change{Kind: program.Suspend, Partner: "x"}, program.ErrNotFound},
		{"reinstate nobody", program.Change{Kind: program.Reinstate, Partner: "x"}, program.ErrNotFound},
		{"approve nobody", program.Change{Kind: program.Approve, Partner: "x", Program: "main"}, program.ErrNotFound},
		{"approve nowhere", program.Change{Kind: program.Approve, Partner: "ada", Program: "x"}, program.ErrNotFound},
		{"a code of nobody", program.Change{Kind: program.AddCode, Partner: "x", Program: "main", Key: "ABC"}, program.ErrNotFound},
		{"a code for nothing", program.Change{Kind: program.AddCode, Partner: "ada", Program: "x", Key: "ABC"}, program.ErrNotFound},
		{"retire no code", program.Change{Kind: program.RetireCode, Key: "ABC"}, program.ErrNotFound},
		{"a link of nobody", program.Change{Kind: program.AddLink, Partner: "x", Program: "main", Key: "abc"}, program.ErrNotFound},
		{"a link to nothing", program.Change{Kind: program.AddLink, Partner: "ada", Program: "x", Key: "abc"}, program.ErrNotFound},
		{"something else", program.Change{Kind: "rename"}, program.ErrInvalid},
	} {
		c.change.At = day(1)
		require.ErrorIs(t, w.try(c.change), c.want, c.name)
	}
	_, err := w.With(program.Change{Seq: 99, Kind: "rename"})
	require.Error(t, err, "what did not pass Check")
}

func TestIDsAndLinkKeys(t *testing.T) {
	for id, want := range map[string]bool{
		"a": true, "acme/main:1": true, "ü": true, strings.Repeat("x", 255): true,
		"": false, strings.Repeat("x", 256): false, "a\nb": false, "a\x00": false, "\x7f": false, "a\xff": false,
	} {
		require.Equal(t, want, program.ValidID(id), "%q", id)
	}
	for key, want := range map[string]bool{
		"a": true, "Ada_10-x": true, strings.Repeat("x", 64): true,
		"": false, strings.Repeat("x", 65): false, "a b": false, "a/b": false, "ü": false, "a.b": false,
	} {
		require.Equal(t, want, program.ValidLinkKey(key), "%q", key)
	}
}

func TestLinks(t *testing.T) {
	w := newWorld(t)
	link := func(d int, key string, generated bool) error {
		return w.try(program.Change{Kind: program.AddLink, At: day(d), Partner: "ada", Program: "main", Key: key, URL: "https://acme.test/x", Generated: generated})
	}
	require.ErrorIs(t, link(1, "ada", false), program.ErrNotApproved)
	w.approve(day(5))
	w.edit(ever(), program.SettingsChange{StartsAt: ptr(day(10)), EndsAt: ptr(day(20))})
	require.ErrorIs(t, link(4, "ada", false), program.ErrNotApproved)
	require.ErrorIs(t, link(6, "ada", false), program.ErrNotActive, "scheduled: no links")
	require.ErrorIs(t, link(20, "ada", false), program.ErrNotActive, "ended: new links are refused")
	require.ErrorIs(t, link(10, "a b", false), program.ErrInvalid)
	require.NoError(t, link(10, "ada", false))
	require.ErrorIs(t, link(11, "ada", false), program.ErrExists)
	require.NoError(t, link(11, "Ada", false), "keys are case-sensitive")
	require.NoError(t, link(6, "default", true), "every partnership gets a default one")
	got, ok := w.Link("ada")
	require.True(t, ok)
	require.Equal(t, program.Link{Key: "ada", Partner: "ada", Program: "main", URL: "https://acme.test/x", Created: day(10)}, got)
	var keys []string
	for _, l := range w.LinksOf("ada") {
		keys = append(keys, l.Key)
	}
	require.Equal(t, []string{"Ada", "ada", "default"}, keys)
	require.Empty(t, w.LinksOf("bob"))
}
