package portal

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The types that a partner gets have no field for what is the owner's alone.
func TestViewsHaveNoFieldForSecrets(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)customer|e-?mail|external|metadata|agent|ip$|^ip|visitor|margin|partner|internal|rule|campaign|sub\d`)
	own := map[string]bool{
		"profileView.Email email":           true, // the partner's own
		"programView.Reward customerReward": true, // what every customer gets
		"codeView.Reward customerReward":    true,
	}
	seen := map[reflect.Type]bool{}
	var check func(reflect.Type)
	check = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice:
			check(of.Elem())
		case reflect.Struct:
			if seen[of] || of.PkgPath() == "time" {
				return
			}
			seen[of] = true
			require.Contains(t, of.PkgPath(), "affiliatehttp/portal", "a view holds views only")
			for i := range of.NumField() {
				f := of.Field(i)
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				if name := of.Name() + "." + f.Name + " " + tag; !own[name] {
					require.NotRegexp(t, forbidden, f.Name, name)
					require.NotRegexp(t, forbidden, tag, name)
				}
				check(f.Type)
			}
		default:
			require.NotEqual(t, reflect.Map, of.Kind(), "a map could hold anything")
			require.NotEqual(t, reflect.Interface, of.Kind(), "an interface could hold anything")
		}
	}
	for _, view := range []any{
		overviewView{},
		balanceView{},
		tierView{},
		pointView{},
		profileView{},
		programView{},
		linkView{},
		deepLinkView{},
		codeView{},
		clickView{},
		commissionView{},
		conversionView{},
		explainedView{},
		payoutView{},
		statementView{},
	} {
		check(reflect.TypeOf(view))
	}
	require.Greater(t, len(seen), 15)
}
