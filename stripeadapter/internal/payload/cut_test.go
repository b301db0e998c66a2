package payload_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/payload"
)

func TestCut(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]string{
		`{"id":"e","data":{"object":{"a":"}\"{","b":[{}]},"previous_attributes":{"object":1}},"type":"x"}`: {`{"id":"e","data":{"object":{},"previous_attributes":{"object":1}},"type":"x"}`, `{"a":"}\"{","b":[{}]}`},
		" { \"n\" : -1.5e3 , \"data\" :\n{\t\"x\":[\"]\"] , \"object\" : { } } }\r\n":                      {" { \"n\" : -1.5e3 , \"data\" :\n{\t\"x\":[\"]\"] , \"object\" : {} } }\r\n", "{ }"},
		// What follows is broken inside or after the object; the parts say so.
		`{"data":{"object":{"a":[}]}}}`: {`{"data":{"object":{}}}}`, `{"a":[}]`},
		`{"data":{"object":{"a"}}} x`:   {`{"data":{"object":{}}} x`, `{"a"}`},
	} {
		rest, object := payload.Cut([]byte(body))
		require.Equal(t, want[0], string(rest))
		require.Equal(t, want[1], string(object))
	}
}

// What is unusual is left to encoding/json as a whole.
func TestCutLeavesWhatIsUnusual(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "{", "{}", "[]", "null", `"x"`, `{"data"`, `{"data":`, `{"data":{"object":`, `{"data":{"object":{"a":"`, `{"data":{"object":{}`,
		`{"data":{"object":{}},`, `{"data":{"object":{}}`, `{"data":{"object":{}},}`, `{"data":{"object":null}}`, `{"data":{"object":[{}]}}`,
		`{"data":[{"object":{}}]}`, `{"data":null}`, `{"object":{}}`, `{"previous":{"data":{"object":{}}}}`, `{"data":{"x":{"object":{}}}}`,
		`{"data":{"object":{}},"data":{"object":{"b":1}}}`, `{"data":{"object":{},"object":{"b":1}}}`, `{"Data":{"object":{}}}`,
		`{"data":{"OBJECT":{}}}`, `{"data":{"object":{},"Object":{}}}`, `{"data":{"object":{}},"DATA":{"object":{}}}`, `{"data":null,"data":{"object":{}}}`,
		`{"dat\u0061":{"object":{}}}`, `{"data":{"object":{}},"d\u0061ta":null}`, `{"data":{"object":{},"\u006fbject":null}}`,
	} {
		rest, object := payload.Cut([]byte(body))
		require.Equal(t, body, string(rest))
		require.Nil(t, object, body)
	}
}
