package decision

import (
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/quickjson"
)

// AppendJSON appends what encoding/json writes.
func (o Outcome) AppendJSON(b []byte) []byte {
	to := quickjson.Begin(b)
	to.String("conversion", o.Conversion)
	quickjson.OmitNone(&to, "credits", o.Credits, attribution.AppendCredit)
	to.OmitEmpty("reason", string(o.Reason))
	quickjson.OmitNone(&to, "lines", o.Lines, func(b []byte, l commission.Commission) []byte { return l.AppendJSON(b) })
	to.Int("version", int64(o.Version))
	return to.End()
}

// AppendJSON appends what encoding/json writes.
func (s State) AppendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	if len(s.Scopes) > 0 {
		o.Value("scopes", func(b []byte) []byte { return quickjson.Map(b, s.Scopes, appendScope) })
	}
	if len(s.Firsts) > 0 {
		o.Value("firsts", func(b []byte) []byte { return quickjson.Map(b, s.Firsts, appendMark) })
	}
	o.Value("last", func(b []byte) []byte { return appendMark(b, s.Last) })
	if len(s.Vouched) > 0 {
		o.Value("vouched", func(b []byte) []byte { return quickjson.Map(b, s.Vouched, appendMark) })
	}
	return o.End()
}

func appendScope(b []byte, s *Scope) []byte {
	o := quickjson.Begin(b)
	if s.Binding != nil {
		o.Value("binding", s.Binding.AppendJSON)
	}
	o.OmitFalse("paid", s.Paid)
	return o.End()
}

func appendMark(b []byte, m attribution.Mark) []byte {
	o := quickjson.Begin(b)
	o.OmitZero("at", m.At)
	o.OmitEmpty("id", m.ID)
	return o.End()
}
