package attribution

import "github.com/goaffiliate/affiliate/internal/quickjson"

// AppendJSON appends what encoding/json writes.
func (c Credit) AppendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	o.String("partner", c.Partner)
	o.String("program", c.Program)
	o.String("share", c.Share.String())
	o.String("method", string(c.Method))
	o.Time("touchAt", c.TouchAt)
	o.String("touchId", c.TouchID)
	o.OmitEmpty("void", string(c.Void))
	o.OmitEmpty("suspect", c.Suspect)
	return o.End()
}

// AppendCredit is Credit.AppendJSON for lists of them.
func AppendCredit(b []byte, c Credit) []byte { return c.AppendJSON(b) }

// AppendJSON appends what encoding/json writes.
func (b Binding) AppendJSON(to []byte) []byte {
	o := quickjson.Begin(to)
	o.Value("credits", func(to []byte) []byte { return quickjson.List(to, b.Credits, AppendCredit) })
	o.Time("setAt", b.SetAt)
	o.String("setBy", b.SetBy)
	return o.End()
}
