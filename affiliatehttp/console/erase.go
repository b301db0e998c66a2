package console

import "github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"

// erasable is the customer of the conversion that a request names.
func (v *visit) erasable() (conversion, customer string, err error) {
	x, err := v.eng.Explain(v.ctx, idOf(v.r.PathValue("id")))
	if err != nil {
		return "", "", err
	}
	if len(x.Customer) > 0 {
		customer = x.Customer[0]
	}
	return x.Conversion.ID, customer, nil
}

// erasePage asks whether a person is to be forgotten.
func (v *visit) erasePage() error {
	conversion, customer, err := v.erasable()
	if err != nil {
		return err
	}
	if customer == "" {
		return v.done(conversionPath(conversion), "unchanged")
	}
	return v.confirm("Erase customer "+customer+"?", "Erase this customer", true, v.crumb("Conversion", conversionPath(conversion)),
		"Email addresses, ids, clicks and tags of this person are deleted for good, also of all other conversions.",
		"What partners earned stays to the cent, and refunds still count. Nothing can be credited anew for these conversions.",
		"This cannot be undone.")
}

// erase forgets the person, once.
func (v *visit) erase() error {
	conversion, customer, err := v.erasable()
	if err != nil {
		return err
	}
	if customer == "" {
		return v.done(conversionPath(conversion), "unchanged")
	}
	if _, err := v.eng.EraseCustomer(v.ctx, customer); err != nil {
		return err
	}
	return v.done(conversionPath(conversion), "erased")
}

// eraseLink leads to the page that erases the customer of a conversion; empty: there
// is nobody to erase.
func (v *visit) eraseLink(conversion string, customer []string) ui.Tab {
	if len(customer) == 0 {
		return ui.Tab{}
	}
	return ui.Tab{Name: "Erase this customer", Link: v.to(conversionPath(conversion) + "/erase")}
}
