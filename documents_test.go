package affiliate

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

// Documents that write themselves write what encoding/json would, whatever is in
// them.
func TestDocumentsWriteThemselves(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		for _, doc := range []quick{&customerDoc{}, &conversionDoc{}, &postedNote{}, &ConversionDecided{}} {
			fill(r, reflect.ValueOf(doc).Elem())
			want, err := json.Marshal(doc)
			require.NoError(t, err)
			require.Equal(t, string(want), string(doc.appendJSON(nil)))
		}
	}
}

// fill sets everything in a value at random; now and then it leaves something
// out.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Interface().(type) {
	case time.Time:
		times := []time.Time{{}, time.UnixMicro(r.Int64N(4e15)).UTC(), time.Unix(r.Int64N(4e9), 0).UTC()}
		v.Set(reflect.ValueOf(times[r.IntN(len(times))]))
		return
	case money.Share:
		share, _ := money.NewShare(r.Int64N(5), 1+r.Int64N(7))
		v.Set(reflect.ValueOf(share))
		return
	case commission.Tiers:
		v.Set(reflect.ValueOf(commission.Tiers{Metric: commission.Revenue, Thresholds: []commission.Threshold{{At: 5, Value: "8"}}}))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && r.IntN(4) > 0 {
				fill(r, v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key)
			fill(r, value)
			v.SetMapIndex(key, value)
		}
	case reflect.String:
		texts := []string{"", "plain", "in_1:ada:main", "\"\\", "<&>", "\x1f\u2028", "ä€😀", "\x7f"}
		v.SetString(texts[r.IntN(len(texts))])
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64() - r.Int64())
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Interface:
	default:
		panic(v.Kind())
	}
}
