package affiliate

import "slices"

// HasCustomer reports whether anything is known of a customer: an identify, a
// conversion, or another id. If somebody else is the first to tell meanwhile, the
// batch runs again if it identifies the customer.
func (b *Batch) HasCustomer(id string) (bool, error) {
	ref := customerRef(id)
	if err := b.u.load(ref); err != nil {
		return false, err
	}
	_, mine := b.u.gates[ref]
	return mine || b.u.anchors[ref].Version > 0, nil
}

// CustomersOf returns the customers that identifies name a click with, recorded
// or not. If somebody else names it meanwhile, the batch runs again if it does so,
// too.
func (b *Batch) CustomersOf(click string) ([]string, error) {
	var names namesDoc
	err := b.u.read(clickRef(click), &names)
	return slices.Clone(names.Customers), err
}
