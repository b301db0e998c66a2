package storagetest

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

func erasureCases() []check {
	return []check{
		{"conversions are redacted", redacted},
		{"conversions and identifies are deleted", forgotten},
		{"an erasure of what is not there is stale", eraseNothing},
		{"an anchor is dropped and starts anew", droppedAnchor},
		{"IdentifiesOf", identifiesOf},
	}
}

// person is what is stored of customer k.
func person() storage.Change {
	return storage.Change{
		Conversions: []attribution.Conversion{
			{
				ID: "a", Customer: "k", Type: "t", At: at(1), Amount: 7, Currency: "usd", Program: "m", PromoCode: "CODE", Referral: "r", Click: "c", Partner: "p",
				CampaignID: "spring", Sub: map[string]string{"sub1": "x"}, Metadata: map[string]string{"name": "Kim"}, Renewal: true,
			},
			{ID: "b", Customer: "k", At: at(2)},
			{ID: "other", Customer: "o", At: at(3)},
		},
		Identifies: []storage.Identify{
			{Key: "1", Identify: attribution.Identify{Customer: "k", Email: "e"}},
			{Key: "2", Identify: attribution.Identify{Customer: "k", Visitor: "v"}},
			{Key: "3", Identify: attribution.Identify{Customer: "o", Visitor: "v"}},
		},
	}
}

func conversionIDs(t T, s storage.Store, customer string) []string {
	t.Helper()
	var ids []string
	for _, c := range ok[[]attribution.Conversion](t)(s.ConversionsOf(t.Context(), org, []string{customer})) {
		ids = append(ids, c.ID)
	}
	return ids
}

func redacted(t T, s storage.Store) {
	write(t, s, person())
	write(t, s, storage.Change{Erasures: []storage.Erasure{{Customer: "\x01erased:1", Conversions: []string{"a", "b"}}}})
	same(t, "of the pseudonym", conversionIDs(t, s, "\x01erased:1"), []string{"a", "b"})
	same(t, "of k", conversionIDs(t, s, "k"), nil)
	same(t, "of the other", conversionIDs(t, s, "o"), []string{"other"})
	want := attribution.Conversion{
		ID: "a", Customer: "\x01erased:1", Type: "t", At: at(1), Amount: 7, Currency: "usd", Program: "m", PromoCode: "CODE", Referral: "r", Partner: "p", Renewal: true,
	}
	got := ok[[]attribution.Conversion](t)(s.Conversions(t.Context(), org, []string{"a"}))
	if diff := difference([]attribution.Conversion{want}, got); diff != "" {
		t.Errorf("after the erasure:\n%s", diff)
	}
}

func forgotten(t T, s storage.Store) {
	write(t, s, person())
	write(t, s, storage.Change{Erasures: []storage.Erasure{{Dropped: []string{"b"}, Identifies: []string{"1", "2"}}}})
	same(t, "conversions", conversionIDs(t, s, "k"), []string{"a"})
	same(t, "identifies", identifyKeys(t, s, "k", "o"), []string{"3"})
	write(t, s, storage.Change{Conversions: person().Conversions[1:2], Identifies: person().Identifies[:1]})
	same(t, "identifies of a new one", identifyKeys(t, s, "k"), []string{"1"})
}

func eraseNothing(t T, s storage.Store) {
	write(t, s, person())
	for name, e := range map[string]storage.Erasure{
		"a conversion":            {Customer: "x", Conversions: []string{"a", "none"}},
		"a conversion to delete":  {Dropped: []string{"none"}},
		"an identify":             {Identifies: []string{"1", "none"}},
		"an identify after a row": {Conversions: []string{"a"}, Identifies: []string{"none"}},
	} {
		refuse(t, s, name, storage.Change{Erasures: []storage.Erasure{e}})
	}
	if outcomes, err := s.Commit(t.Context(), other, []storage.Change{{Erasures: []storage.Erasure{{Conversions: []string{"a"}}}}}); err != nil || outcomes[0] != storage.Stale {
		t.Errorf("of another organization: %v, %v", outcomes, err)
	}
}

// An anchor that comes again must not be taken for the one that was dropped.
func droppedAnchor(t T, s storage.Store) {
	fresh := gate("customer", "k", 0)
	fresh.Start = 500
	write(t, s, gates(fresh))
	loads(t, s, []storage.Ref{ref("customer", "k")}, "customer k 500  ")
	gone := gate("customer", "k", 500)
	gone.Drop = true
	stale := gone
	stale.Version = 499
	refuse(t, s, "at another version", gates(stale))
	write(t, s, gates(gone))
	loads(t, s, []storage.Ref{ref("customer", "k")})
	refuse(t, s, "again", gates(gone))
	fresh.Start = 900
	write(t, s, gates(fresh))
	refuse(t, s, "at the version of before", gates(gate("customer", "k", 500)))
	write(t, s, gates(gate("customer", "k", 900)))
	loads(t, s, []storage.Ref{ref("customer", "k")}, "customer k 901  ")
}

func identifyKeys(t T, s storage.Store, customers ...string) []string {
	t.Helper()
	var keys []string
	for _, i := range ok[[]storage.Identify](t)(s.IdentifiesOf(t.Context(), org, customers)) {
		keys = append(keys, i.Key)
	}
	return keys
}

func identifiesOf(t T, s storage.Store) {
	write(t, s, person())
	same(t, "of k", identifyKeys(t, s, "k"), []string{"1", "2"})
	same(t, "of both", identifyKeys(t, s, "o", "k", "none"), []string{"1", "2", "3"})
	same(t, "of nobody", identifyKeys(t, s), nil)
}
