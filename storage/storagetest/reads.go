package storagetest

import (
	"fmt"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage"
)

func readCases() []check {
	return []check{
		{"nothing stored", nothingStored},
		{"Clicks and Conversions by id", byID},
		{"HasIdentify", hasIdentify},
		{"ConversionsOf customers", conversionsOf},
		{"FactsOf and FactsByID", factsBy},
		{"SetupSince in order", setupSince},
		{"CommissionsOf and CommissionsFor", commissionsBy},
		{"Payout and Payouts", readPayouts},
	}
}

func nothingStored(t T, s storage.Store) {
	for _, read := range probeOf(everything(1)).reads() {
		if got := ok[string](t)(read.call(t.Context(), s, org)); got != "" {
			t.Errorf("%s of an empty store: %s", read.name, got)
		}
	}
	refuse(t, s, "a note that never was", storage.Change{Done: []string{"n"}})
}

func byID(t T, s storage.Store) {
	c := everything(1)
	for n := 2; n < 5; n++ {
		c.Clicks = append(c.Clicks, row[attribution.Click](n, false))
		c.Conversions = append(c.Conversions, row[attribution.Conversion](n, false))
	}
	write(t, s, c)
	ids := []string{c.Clicks[1].ID, "none", c.Clicks[3].ID, c.Clicks[1].ID, ""}
	clicks := ok[[]attribution.Click](t)(s.Clicks(t.Context(), org, ids))
	if diff := difference([]attribution.Click{c.Clicks[1], c.Clicks[3]}, clicks); diff != "" {
		t.Errorf("Clicks:\n%s", diff)
	}
	ids = []string{c.Conversions[1].ID, "none", c.Conversions[3].ID, c.Conversions[1].ID, ""}
	conversions := ok[[]attribution.Conversion](t)(s.Conversions(t.Context(), org, ids))
	if diff := difference([]attribution.Conversion{c.Conversions[1], c.Conversions[3]}, conversions); diff != "" {
		t.Errorf("Conversions:\n%s", diff)
	}
}

func hasIdentify(t T, s storage.Store) {
	write(t, s, storage.Change{Identifies: []storage.Identify{{Key: "k", Identify: attribution.Identify{Customer: "c"}}}})
	for key, want := range map[string]bool{"k": true, "K": false, "c": false, "": false} {
		if got := ok[bool](t)(s.HasIdentify(t.Context(), org, key)); got != want {
			t.Errorf("HasIdentify of %q is %v", key, got)
		}
	}
}

func conversionsOf(t T, s storage.Store) {
	list := []attribution.Conversion{
		{ID: "1", Customer: "a"},
		{ID: "2", Customer: "b"},
		{ID: "3", Customer: "a"},
		{ID: "4", Customer: "A"},
		{ID: "5"},
		{ID: "a"},
		{ID: "7", Customer: "c"},
	}
	write(t, s, storage.Change{Conversions: list})
	read := func(customers ...string) []string {
		var ids []string
		for _, c := range ok[[]attribution.Conversion](t)(s.ConversionsOf(t.Context(), org, customers)) {
			ids = append(ids, c.ID)
		}
		return ids
	}
	same(t, "of a", read("a"), []string{"1", "3"})
	same(t, "of a and c", read("c", "a", "none", "a"), []string{"1", "3", "7"})
	same(t, "of a guest", read(list[4].CustomerKey()), []string{"5"})
	same(t, "of nobody", append(read(), read("")...), nil)
}

func factsBy(t T, s storage.Store) {
	fact := func(kind commission.FactKind, id, conversion string, day int) commission.Fact {
		return commission.Fact{Kind: kind, ID: id, Conversion: conversion, At: at(day)}
	}
	write(t, s, storage.Change{Facts: []commission.Fact{
		fact(commission.Refund, "r1", "c1", 1), fact(commission.RefundFailed, "r1", "c1", 2),
		fact(commission.Refund, "r2", "c1", 3), fact(commission.Refund, "r3", "c2", 4),
		fact(commission.Amendment, "", "c1", 5), fact(commission.Amendment, "", "c1", 6), fact(commission.Hold, "", "c3", 7),
	}})
	texts := func(list []commission.Fact, err error) []string {
		var keys []string
		for _, f := range ok[[]commission.Fact](t)(list, err) {
			keys = append(keys, fmt.Sprint(f.Kind, f.At.Day()))
		}
		return keys
	}
	same(t, "of c1", texts(s.FactsOf(t.Context(), org, []string{"c1"})), []string{"refund2", "refund_failed3", "refund4", "amendment6", "amendment7"})
	same(t, "of c2 and c3", texts(s.FactsOf(t.Context(), org, []string{"c3", "none", "c2", "c3"})), []string{"refund5", "hold8"})
	same(t, "by id", texts(s.FactsByID(t.Context(), org, "r1")), []string{"refund2", "refund_failed3"})
	same(t, "by an id of a conversion", texts(s.FactsByID(t.Context(), org, "c1")), nil)
}

func setupSince(t T, s storage.Store) {
	write(t, s, storage.Change{Setup: []program.Change{{Seq: 3}, {Seq: 10}, {Seq: 1}}})
	write(t, s, storage.Change{Setup: []program.Change{{Seq: 2, Kind: program.AddCode}}})
	read := func(after int64) []string {
		var list []string
		for _, c := range ok[[]program.Change](t)(s.SetupSince(t.Context(), org, after)) {
			list = append(list, fmt.Sprint(c.Seq, c.Kind))
		}
		return list
	}
	inOrder(t, "all", read(0), []string{"1", "2add_code", "3", "10"})
	inOrder(t, "after 2", read(2), []string{"3", "10"})
	inOrder(t, "after the last", read(10), nil)
}

func commissionsBy(t T, s storage.Store) {
	one := row[storage.Commission](1, false)
	one.Partner, one.Program, one.Rule, one.Conversion, one.Gone = "p", "m", "r", "c1", true
	list := []storage.Commission{one, one, one, one, one}
	list[1].Conversion, list[1].Gone = "c2", false
	list[2].Rule, list[3].Program, list[4].Partner = "r2", "m2", "p2"
	write(t, s, storage.Change{Commissions: list})
	of := ok[[]storage.Commission](t)(s.CommissionsOf(t.Context(), org, "p", "m", "r"))
	if diff := difference(list[:2], of); diff != "" {
		t.Errorf("CommissionsOf:\n%s", diff)
	}
	list[1], list[4] = list[4], list[1]
	all := ok[[]storage.Commission](t)(s.CommissionsFor(t.Context(), org, []string{"c1", "none", "c1"}))
	if diff := difference(list[:4], all); diff != "" {
		t.Errorf("CommissionsFor:\n%s", diff)
	}
}

func readPayouts(t T, s storage.Store) {
	list := []payout.Payout{
		payoutOf("5", "a", 1, 5), payoutOf("4", "a", 2, 10), payoutOf("3", "a", 3, 11), payoutOf("2", "b", 1, 1), payoutOf("1", "", 1, 1),
	}
	list[1].Currency = "eur"
	write(t, s, payouts(list...))
	ids := func(partner string) []string {
		var ids []string
		for _, p := range ok[[]payout.Payout](t)(s.Payouts(t.Context(), org, partner)) {
			ids = append(ids, p.ID)
		}
		return ids
	}
	inOrder(t, "of a", ids("a"), []string{"4", "5", "3"})
	inOrder(t, "of all", ids(""), []string{"1", "4", "5", "3", "2"})
	for _, p := range list {
		found, known := ok2[payout.Payout, bool](t)(s.Payout(t.Context(), org, p.ID))
		if diff := difference([]payout.Payout{p}, []payout.Payout{found}); !known || diff != "" {
			t.Errorf("Payout %s: found is %v\n%s", p.ID, known, diff)
		}
	}
	if p, known := ok2[payout.Payout, bool](t)(s.Payout(t.Context(), org, "none")); known || p.ID != "" {
		t.Errorf("Payout finds %+v where there is none", p)
	}
}
