package commission

import "github.com/goaffiliate/affiliate/internal/quickjson"

// AppendJSON appends what encoding/json writes.
func (l Commission) AppendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	o.String("conversion", l.Conversion)
	o.String("partner", l.Partner)
	o.String("program", l.Program)
	o.String("rule", l.Rule)
	o.String("type", string(l.Type))
	o.String("value", l.Value)
	o.String("share", l.Share.String())
	o.Int("amount", l.Amount)
	o.String("paid", string(l.Paid))
	o.String("currency", string(l.Currency))
	o.Int("accrued", l.Accrued)
	o.OmitEmpty("exact", l.Exact)
	o.OmitEmpty("source", string(l.Source))
	o.OmitZero("termsFrom", l.TermsFrom)
	o.Time("at", l.At)
	o.Time("maturesAt", l.MaturesAt)
	o.Time("touchAt", l.TouchAt)
	o.String("touchId", l.TouchID)
	if l.Tiers != nil {
		o.Value("tiers", func(b []byte) []byte { return quickjson.Marshal(b, l.Tiers) })
	}
	quickjson.OmitNone(&o, "ladder", l.Ladder, func(b []byte, level Level) []byte { return quickjson.Marshal(b, level) })
	o.OmitFalse("held", l.Held)
	o.OmitEmpty("suspect", l.Suspect)
	return o.End()
}

// AppendJSON appends what encoding/json writes.
func (e Entry) AppendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	o.String("id", e.ID)
	o.OmitEmpty("conversion", e.Conversion)
	o.String("partner", e.Partner)
	o.OmitEmpty("program", e.Program)
	o.OmitEmpty("rule", e.Rule)
	o.String("component", string(e.Component))
	o.OmitEmpty("cause", e.Cause)
	o.Int("amount", e.Amount)
	o.String("currency", string(e.Currency))
	o.Time("at", e.At)
	o.Time("maturesAt", e.MaturesAt)
	o.Time("postedAt", e.PostedAt)
	return o.End()
}

// AppendJSON appends what encoding/json writes.
func (p Posted) AppendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	o.String("component", string(p.Component))
	o.OmitEmpty("cause", p.Cause)
	o.Time("maturesAt", p.MaturesAt)
	o.OmitFalse("own", p.Own)
	o.Int("amount", p.Amount)
	return o.End()
}
