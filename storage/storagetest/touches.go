package storagetest

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/storage"
)

func touchCases() []check {
	return []check{
		{"clicks by visitor or id, and the identifies that name them", touches},
		{"an empty id names nobody", touchNobody},
	}
}

func touches(t T, s storage.Store) {
	var c storage.Change
	for _, x := range [][2]string{{"1", "v"}, {"2", "v"}, {"3", "w"}, {"4", "x"}, {"5", ""}, {"6", "V"}, {"7", "y"}} {
		c.Clicks = append(c.Clicks, attribution.Click{ID: x[0], Visitor: x[1], At: at(1)})
	}
	for _, x := range [][3]string{
		{"names v", "v", ""},
		{"names w", "w", ""},
		{"names 1", "", "1"},
		{"names 3", "", "3"},
		{"names 5", "", "5"},
		{"names 7 and x", "x", "7"},
		{"names none", "", "none"},
		{"names v and 1", "v", "1"},
		{"alias", "", ""},
		{"names V", "V", ""},
	} {
		c.Identifies = append(c.Identifies, storage.Identify{
			Key: x[0], Identify: attribution.Identify{Customer: "c", Visitor: x[1], Click: x[2], At: at(1)},
		})
	}
	write(t, s, c)
	for _, x := range []struct{ visitors, clicks, wantClicks, wantIdentifies []string }{
		{[]string{"v"}, nil, []string{"1", "2"}, []string{"names v", "names 1", "names v and 1"}},
		{nil, []string{"3"}, []string{"3"}, []string{"names 3"}}, // not what names the click's visitor
		{nil, []string{"5", "none"}, []string{"5"}, []string{"names 5"}},
		{[]string{"v", "v"}, []string{"1", "1"}, []string{"1", "2"}, []string{"names v", "names 1", "names v and 1"}},
		{[]string{"x"}, []string{"7"}, []string{"4", "7"}, []string{"names 7 and x"}},
		{[]string{"nobody"}, nil, nil, nil},
		{nil, nil, nil, nil},
	} {
		clicks, identifies, err := s.Touches(t.Context(), org, x.visitors, x.clicks)
		if err != nil {
			t.Fatalf("Touches: %v", err)
		}
		gotClicks, gotIdentifies := touchTexts(clicks, identifies)
		same(t, "clicks", gotClicks, x.wantClicks)
		same(t, "identifies", gotIdentifies, x.wantIdentifies)
	}
}

func touchNobody(t T, s storage.Store) {
	write(t, s, storage.Change{
		Clicks:     []attribution.Click{{ID: "1"}, {ID: "2", Visitor: "v"}},
		Identifies: []storage.Identify{{Key: "alias"}, {Key: "v", Identify: attribution.Identify{Visitor: "v"}}},
	})
	clicks, identifies, err := s.Touches(t.Context(), org, []string{""}, []string{""})
	if err != nil || len(clicks)+len(identifies) > 0 {
		t.Errorf("Touches of empty ids: %+v %+v %v", clicks, identifies, err)
	}
}

func touchTexts(clicks []attribution.Click, identifies []storage.Identify) (ids, keys []string) {
	for _, c := range clicks {
		ids = append(ids, c.ID)
	}
	for _, i := range identifies {
		keys = append(keys, i.Key)
	}
	return ids, keys
}
