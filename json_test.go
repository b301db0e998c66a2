package affiliate_test

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/program"
)

func TestEveryResultIsJSONInCamelCase(t *testing.T) {
	t.Parallel()
	engine := reflect.TypeFor[*affiliate.Engine]()
	seen := map[reflect.Type]bool{
		reflect.TypeFor[time.Time]():             true,
		reflect.TypeFor[program.Configuration](): true, // is asked by methods
		engine.Elem():                            true,
	}
	for i := range engine.NumMethod() {
		of := engine.Method(i)
		for j := range of.Type.NumOut() {
			requireCamelCase(t, of.Name, of.Type.Out(j), seen)
		}
	}
}

// requireCamelCase requires that all fields of a type, and of what is in it, have a
// name in JSON that begins with a lower-case letter.
func requireCamelCase(t *testing.T, path string, of reflect.Type, seen map[reflect.Type]bool) {
	t.Helper()
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Array:
		requireCamelCase(t, path, of.Elem(), seen)
		return
	case reflect.Struct:
	default:
		return
	}
	if seen[of] || of.Implements(reflect.TypeFor[json.Marshaler]()) || of.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return
	}
	seen[of] = true
	for i := range of.NumField() {
		f := of.Field(i)
		if !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
		case name == "":
			assert.Fail(t, "no name in JSON", "%s: %s.%s", path, of, f.Name)
		case name != "-":
			assert.True(t, unicode.IsLower(rune(name[0])) && !strings.ContainsAny(name, "_-"), "%s: %s.%s", path, of, f.Name)
		}
		requireCamelCase(t, path+"."+f.Name, f.Type, seen)
	}
}
