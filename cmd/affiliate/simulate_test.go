package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const start = `{"programs": [{"id": "main", "rules": [{"id": "rev", "trigger": "every", "type": "percent", "value": "20"}]}],
	"partners": [{"id": "ada"}], "name": "a fifth", "steps": [
	{"at": "2026-05-01T00:00:00Z", "click": {"id": "c1", "partner": "ada", "program": "main", "customer": "cus_1"}},
	{"at": "2026-05-02T00:00:00Z", "conversion": {"id": "in_1", "type": "invoice_paid", "customer": "cus_1", "amount": 4900}}`

func expecting(amount string) string {
	return start + `], "expect": {"commissions": [
	{"conversion": "in_1", "partner": "ada", "program": "main", "rule": "rev", "amount": ` + amount + `}]}}`
}

func TestScenariosOfTheRepository(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(scenarios, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	summary := strconv.Itoa(len(files)) + " passed, 0 failed\n"
	tests := [][]string{
		{"simulate", scenarios},
		append(append([]string{"simulate"}, files...), "--shuffle", "7"),
		{"simulate", "--store", "sqlite", "--shuffle=8", scenarios},
	}
	for _, args := range tests {
		exit, out, errs := call(t, args...)
		expect(t, exit, exitOK, out, "ok   "+files[0]+"\n", summary)
		if errs != "" {
			t.Errorf("stderr says %q", errs)
		}
	}
}

func TestFailingExpectation(t *testing.T) {
	t.Parallel()
	wrong, right := file(t, "wrong.json", expecting("981")), file(t, "right.json", expecting("980"))
	for _, store := range []string{"memory", "sqlite"} {
		exit, out, _ := call(t, "simulate", "-store", store, wrong, right)
		want := "FAIL " + wrong + "\n" +
			`    expect: commission missing: {"conversion":"in_1","partner":"ada","program":"main","rule":"rev","amount":981}` + "\n" +
			`    expect: commission unexpected: {"conversion":"in_1","partner":"ada","program":"main","rule":"rev","amount":980}` + "\n" +
			"ok   " + right + "\n1 passed, 1 failed\n"
		expect(t, exit, exitFailed, out)
		if out != want {
			t.Errorf("%s prints\n%s\nnot\n%s", store, out, want)
		}
	}
}

func TestFilesThatCannotRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"field", start + `, {"at": "2026-05-03T00:00:00Z", "refund": {"id": "re_1", "conversion": "in_1", "amout": 1}}]}`, []string{"step 3", `refund.amout`}},
		{"top", start + `], "expects": {}}`, []string{`"expects"`}},
		{"kind", start + `, {"at": "2026-05-03T00:00:00Z", "conversion": {"id": "in_2", "amount": "5"}}]}`, []string{"step 3", "conversion.amount", "string"}},
		{"two", start + `, {"at": "2026-05-03T00:00:00Z", "payoutRun": {}, "suspend": {"partner": "ada"}}]}`, []string{"step 3", "exactly one"}},
		{"terms", strings.Replace(expecting("1"), `"20"`, `"120"`, 1), []string{`program "main"`, "rules[0].value"}},
		{"syntax", "{\n  \"programs\": [}\n", []string{"line 2, column 16"}},
		{"empty", "", []string{"unexpected end"}},
	}
	right := file(t, "right.json", expecting("980"))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bad := file(t, test.name+".json", test.text)
			exit, out, _ := call(t, "simulate", bad, right)
			expect(t, exit, exitWrong, out, append(test.want, "FAIL "+bad+"\n", "ok   "+right, "1 passed, 1 failed\n")...)
			if strings.Count(out, bad) < 2 {
				t.Errorf("the error does not name the file:\n%s", out)
			}
		})
	}
	exit, out, _ := call(t, "simulate", "nowhere.json", file(t, "wrong.json", expecting("1")), t.TempDir(), right)
	expect(t, exit, exitWrong, out, "FAIL nowhere.json", "no such file", "no *.json file", "1 passed, 3 failed")
}

func TestExplain(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "explained")
	want, err := os.ReadFile(path + ".txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, flags := range []string{"--store=memory", "--store=sqlite", "--shuffle=1", "--shuffle=2"} {
		exit, out, _ := call(t, "simulate", path+".json", "--explain", flags)
		expect(t, exit, exitOK, out)
		if got := filepath.ToSlash(out); got != string(want) {
			t.Errorf("%s explains\n%s\nnot\n%s", flags, got, want)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	explained, wrong := filepath.Join("testdata", "explained.json"), file(t, "wrong.json", expecting("981"))
	bad := file(t, "bad.json", "{}")
	exit, out, _ := call(t, "simulate", "--json", "--explain", explained, wrong, bad)
	expect(t, exit, exitWrong, out)
	var files []fileJSON
	if err := json.Unmarshal([]byte(out), &files); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	if len(files) != 3 {
		t.Fatalf("%d files", len(files))
	}
	ok, failed, invalid := files[0], files[1], files[2]
	if ok.File != explained || !ok.OK || ok.Name == "" || len(ok.Differences) != 0 || len(ok.Outcome.Commissions) != 4 {
		t.Errorf("unexpected %+v", ok)
	}
	if len(ok.Explanations) != 4 || ok.Explanations[0].Conversion.ID != "in_1" || len(ok.Explanations[0].How.Touches) != 4 {
		t.Errorf("unexpected explanations %+v", ok.Explanations)
	}
	first := ok.Explanations[0].Commissions[0]
	if first.Amount != 889 || first.Line.Exact != "666.675" || first.Tier.Adjustment != 222 || len(first.Posted) != 2 {
		t.Errorf("unexpected commission %+v", first)
	}
	if failed.OK || len(failed.Differences) != 2 || failed.Outcome.Balances[0].Payable != 980 {
		t.Errorf("unexpected %+v", failed)
	}
	if invalid.OK || invalid.Outcome != nil || !strings.Contains(invalid.Error, bad) {
		t.Errorf("unexpected %+v", invalid)
	}

	exit, out, _ = call(t, "simulate", "--json", file(t, "right.json", expecting("980")))
	expect(t, exit, exitOK, out, `"differences": []`, `"unattributed": []`)
	if strings.Contains(out, "explanations") || strings.Contains(out, "passed") {
		t.Errorf("says too much:\n%s", out)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"b.json", "a.json", "c.txt", "-d.json"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(expecting("980")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o, err := parse([]string{"--explain", dir, "-json", "--", "--json", "-d.json"})
	if err != nil || !o.explain || !o.json || len(o.files) != 3 {
		t.Fatal(o, err)
	}
	files := expand(append(o.files, "missing.json"))
	want := []string{filepath.Join(dir, "-d.json"), filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json"), "--json", "-d.json", "missing.json"}
	if strings.Join(files, " ") != strings.Join(want, " ") {
		t.Errorf("got %q, want %q", files, want)
	}
	exit, out, errs := call(t, "simulate", "--store", "sqlite", "--dsn", "x", dir)
	expect(t, exit, exitOK, out, "3 passed, 0 failed")
	expect(t, exit, exitOK, errs, "--dsn is ignored")
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	exit, out, _ := call(t, "simulate", "--store", "sqlite", filepath.Join("testdata", "explained.json"))
	expect(t, exit, exitOK, out)
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}
