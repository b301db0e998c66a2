package affiliate

import (
	"maps"
	"slices"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/internal/quickjson"
)

// quick is a document that is written with every conversion, and writes itself.
// It is read by encoding/json, like all others.
type quick interface {
	appendJSON(b []byte) []byte
}

var (
	_ quick = customerDoc{}
	_ quick = conversionDoc{}
	_ quick = postedNote{}
	_ quick = ConversionDecided{}
)

func (d customerDoc) appendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	quickjson.OmitNone(&o, "members", d.Members, quickjson.String)
	quickjson.OmitNone(&o, "visitors", d.Visitors, quickjson.String)
	quickjson.OmitNone(&o, "clicks", d.Clicks, quickjson.String)
	quickjson.OmitNone(&o, "emails", d.Emails, quickjson.String)
	o.OmitZero("known", d.Known)
	quickjson.OmitNone(&o, "claims", d.Claims, func(b []byte, c claimDoc) []byte { return quickjson.Marshal(b, c) })
	o.OmitFalse("signedUp", d.SignedUp)
	o.OmitFalse("waits", d.Waits)
	if d.Sales != 0 {
		o.Int("sales", int64(d.Sales))
	}
	o.OmitFalse("closed", d.Closed)
	o.Value("state", d.State.AppendJSON)
	if d.Touches != nil {
		o.Value("touches", func(b []byte) []byte {
			return quickjson.List(b, *d.Touches, func(b []byte, c attribution.Click) []byte { return quickjson.Marshal(b, c) })
		})
	}
	return o.End()
}

func (d conversionDoc) appendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	o.OmitEmpty("customer", d.Customer)
	o.Value("outcome", d.Outcome.AppendJSON)
	if len(d.Posted) > 0 {
		o.Value("posted", func(b []byte) []byte {
			of := quickjson.Begin(b)
			for _, key := range slices.Sorted(maps.Keys(d.Posted)) {
				of.Key(key, func(b []byte) []byte {
					return quickjson.List(b, d.Posted[key], func(b []byte, p commission.Posted) []byte { return p.AppendJSON(b) })
				})
			}
			return of.End()
		})
	}
	quickjson.OmitNone(&o, "former", d.Former, quickjson.String)
	return o.End()
}

func (n postedNote) appendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	o.String("conversion", n.Conversion)
	o.String("customer", n.Customer)
	o.Time("at", n.At)
	o.Int("seq", n.Seq)
	quickjson.OmitNone(&o, "entries", n.Entries, func(b []byte, e commission.Entry) []byte { return e.AppendJSON(b) })
	return o.End()
}

func (d ConversionDecided) appendJSON(b []byte) []byte {
	o := quickjson.Begin(b)
	o.String("conversion", d.Conversion)
	o.Bool("attributed", d.Attributed)
	o.OmitEmpty("reason", string(d.Reason))
	quickjson.OmitNone(&o, "credits", d.Credits, func(b []byte, c DecidedCredit) []byte {
		of := quickjson.Begin(b)
		of.String("partner", c.Partner)
		of.String("program", c.Program)
		of.String("share", c.Share.String())
		of.String("method", string(c.Method))
		of.OmitEmpty("void", string(c.Void))
		of.OmitEmpty("suspect", c.Suspect)
		return of.End()
	})
	quickjson.OmitNone(&o, "commissions", d.Commissions, func(b []byte, c DecidedCommission) []byte {
		of := quickjson.Begin(b)
		of.String("id", c.ID)
		of.String("partner", c.Partner)
		of.String("program", c.Program)
		of.String("rule", c.Rule)
		of.Int("amount", c.Amount)
		of.String("currency", string(c.Currency))
		return of.End()
	})
	return o.End()
}
