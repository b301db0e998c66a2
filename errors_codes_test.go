package affiliate_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/payout"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/memory"
)

// sentinels are all errors that the package exports, under their stable codes.
var sentinels = map[string]struct {
	err  error
	code string
}{
	"ErrConflict":          {affiliate.ErrConflict, "duplicate_conflict"},
	"ErrOverRefund":        {affiliate.ErrOverRefund, "over_refund"},
	"ErrInvalidInput":      {affiliate.ErrInvalidInput, "invalid_input"},
	"ErrBusy":              {affiliate.ErrBusy, "busy"},
	"ErrOverflow":          {affiliate.ErrOverflow, "overflow"},
	"ErrSerialization":     {affiliate.ErrSerialization, "serialization"},
	"ErrTimeout":           {affiliate.ErrTimeout, "timeout"},
	"ErrCanceled":          {affiliate.ErrCanceled, "canceled"},
	"ErrReadOnly":          {affiliate.ErrReadOnly, "read_only"},
	"ErrFull":              {affiliate.ErrFull, "full"},
	"ErrUnavailable":       {affiliate.ErrUnavailable, "unavailable"},
	"ErrNotFound":          {affiliate.ErrNotFound, "not_found"},
	"ErrExists":            {affiliate.ErrExists, "exists"},
	"ErrProgramNotActive":  {affiliate.ErrProgramNotActive, "program_not_active"},
	"ErrNotApproved":       {affiliate.ErrNotApproved, "partner_not_approved"},
	"ErrInvalidTerms":      {affiliate.ErrInvalidTerms, "invalid_terms"},
	"ErrInvalidSchedule":   {affiliate.ErrInvalidSchedule, "invalid_schedule"},
	"ErrInvalidReward":     {affiliate.ErrInvalidReward, "invalid_reward"},
	"ErrInvalidTransition": {affiliate.ErrInvalidTransition, "invalid_transition"},
	"ErrCodeTaken":         {affiliate.ErrCodeTaken, "code_taken"},
	"ErrCodeInvalid":       {affiliate.ErrCodeInvalid, "code_invalid"},
	"ErrCodeLimit":         {affiliate.ErrCodeLimit, "code_limit"},
	"ErrLinkLimit":         {affiliate.ErrLinkLimit, "link_limit"},
}

// exportedErrors returns the names of all errors that the package exports.
func exportedErrors(t *testing.T) (names []string) {
	t.Helper()
	packages, err := parser.ParseDir(token.NewFileSet(), ".", nil, 0) //nolint:staticcheck // files of one folder, without a build
	require.NoError(t, err)
	for _, file := range packages["affiliate"].Files {
		for _, decl := range file.Decls {
			vars, ok := decl.(*ast.GenDecl)
			if !ok || vars.Tok != token.VAR {
				continue
			}
			for _, spec := range vars.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if strings.HasPrefix(name.Name, "Err") {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return names
}

func TestEverySentinelHasACode(t *testing.T) {
	names := exportedErrors(t)
	require.Len(t, names, len(sentinels))
	seen := map[string]string{}
	for _, name := range names {
		require.Contains(t, sentinels, name)
		require.Equal(t, sentinels[name].code, affiliate.ErrorCode(sentinels[name].err), name)
		require.Empty(t, seen[sentinels[name].code], name)
		seen[sentinels[name].code] = name
	}
	require.Equal(t, "canceled", affiliate.ErrorCode(context.Canceled))
	require.Equal(t, "canceled", affiliate.ErrorCode(context.DeadlineExceeded))
}

// An error names the thing in the words of who asked for it, once.
func TestErrorsNameTheThing(t *testing.T) {
	d := newDemo()
	must(d.CreatePartner(d, "bob", program.Profile{}, affiliate.Always()))
	_, ofStore := affiliate.New(nil, affiliate.Config{})
	_, ofTyped := affiliate.New((*memory.Store)(nil), affiliate.Config{Organization: "a\u200bb"})
	_, ofMove := d.MovePayout(d, "po_9", payout.Paid, time.Time{})
	_, ofClick := d.RecordClick(d, affiliate.Click{Link: "nolink"})
	_, ofRefund := d.RecordRefund(d, affiliate.Refund{ID: "re_1", Conversion: "in_1"})
	for want, err := range map[string]error{
		"affiliate: invalid input: store: must not be nil":                              ofStore,
		`affiliate: payout "po_9" not found`:                                            ofMove,
		`affiliate: link "nolink" not found`:                                            ofClick,
		`affiliate: partner "eve" not found`:                                            errOf(d.ApprovePartnership(d, "eve", "main", time.Time{})),
		`affiliate: program "eve" not found`:                                            errOf(d.EndProgram(d, "eve")),
		`affiliate: partner "ada" exists already`:                                       errOf(d.CreatePartner(d, "ada", program.Profile{}, time.Time{})),
		"affiliate: invalid input: amount: must be more than 0, unless it is all":       ofRefund,
		"affiliate: invalid code: code: must have 3 to 40 characters of A-Z, 0-9 and -": errOf(d.AddCode(d, affiliate.Code{Code: "!", Partner: "ada"})),
		`affiliate: invalid terms: rules[0].value: not a decimal number: "twenty"`:      errOf(d.OverrideTerms(d, "ada", "main", program.TermsChange{Rules: percentRule("twenty")}, time.Time{})),
		"affiliate: the partner is not approved on the program":                         errOf(d.AddCode(d, affiliate.Code{Code: "BOB10", Partner: "bob"})),
	} {
		require.EqualError(t, err, want)
	}
	require.ErrorIs(t, ofMove, affiliate.ErrNotFound)
	require.ErrorIs(t, ofStore, affiliate.ErrInvalidInput)
	require.Equal(t, []string{"store", "organization"}, fieldsOf(ofTyped), "a nil of a store's own type, and an id with a zero-width space")
}
