package payload

type wireInvoice struct {
	owner
	ID            string   `json:"id"`
	Subscription  ref      `json:"subscription"`
	PaymentIntent ref      `json:"payment_intent"`
	Charge        ref      `json:"charge"`
	Status        string   `json:"status"`
	BillingReason string   `json:"billing_reason"`
	Currency      currency `json:"currency"`
	Created       stamp    `json:"created"`
	Email         string   `json:"customer_email"`
	Metadata      metadata `json:"metadata"`
	Transitions   struct {
		PaidAt stamp `json:"paid_at"`
	} `json:"status_transitions"`
	Parent struct {
		Details subscribed `json:"subscription_details"`
	} `json:"parent"`
	Details  subscribed                `json:"subscription_details"`
	Lines    list[wireLine]            `json:"lines"`
	Payments *list[wireInvoicePayment] `json:"payments"`

	Discount        discount     `json:"discount"`
	Discounts       []discount   `json:"discounts"`
	DiscountAmounts []discounted `json:"total_discount_amounts"`

	Total             int64         `json:"total"`
	TotalExcludingTax *int64        `json:"total_excluding_tax"`
	Tax               *int64        `json:"tax"`
	TotalTaxAmounts   []taxed       `json:"total_tax_amounts"`
	TotalTaxes        []taxed       `json:"total_taxes"`
	AmountShipping    int64         `json:"amount_shipping"`
	ShippingCost      *shippingCost `json:"shipping_cost"`
	AmountPaid        int64         `json:"amount_paid"`
	AmountDue         int64         `json:"amount_due"`
	PaidOutOfBand     *bool         `json:"paid_out_of_band"`
	PaidOffStripe     *int64        `json:"amount_paid_off_stripe"`
}

type subscribed struct {
	Subscription ref      `json:"subscription"`
	Metadata     metadata `json:"metadata"`
}

type taxed struct {
	Amount int64 `json:"amount"`
}

type shippingCost struct {
	Tax   int64 `json:"amount_tax"`
	Total int64 `json:"amount_total"`
}

// ParseInvoice reads an invoice.
func ParseInvoice(object []byte) (Invoice, error) {
	var w wireInvoice
	if err := decode("invoice", object, &w, &w.ID); err != nil {
		return Invoice{}, err
	}
	net, err := w.net()
	if err != nil {
		return Invoice{}, err
	}
	invoice := Invoice{
		ID: w.ID, Customer: w.customer(), Subscription: w.subscription(),
		Status: w.Status, BillingReason: w.BillingReason, Currency: string(w.Currency),
		Created: w.Created.Time, PaidAt: w.Transitions.PaidAt.Time, Email: w.Email,
		Metadata: w.merged(), OwnMetadata: w.Metadata,
		Discounts: tellAll([]discount{w.Discount}, w.Discounts, discountsOf(w.DiscountAmounts)),
		Total:     w.Total, Net: net, Paid: max(min(w.AmountPaid, w.Total), 0), Due: w.AmountDue,
	}
	invoice.MoreLines = w.Lines.HasMore
	if invoice.Lines, err = w.lines(); err != nil {
		return Invoice{}, err
	}
	invoice.Discounted = len(invoice.Discounts) > 0 || anyAmount(w.DiscountAmounts)
	invoice.PaymentIntents, invoice.Charges = w.payments()
	invoice.OutOfBand, invoice.OutOfBandPaid, invoice.OutOfBandKnown = w.outOfBand(invoice.Paid)
	return invoice, nil
}

func (w wireInvoice) subscription() string {
	found := []ref{w.Parent.Details.Subscription, w.Subscription}
	for _, line := range w.Lines.Data {
		found = append(found, line.Parent.Subscription.Subscription)
	}
	for _, line := range w.Lines.Data {
		found = append(found, line.Parent.Item.Subscription)
	}
	for _, line := range w.Lines.Data {
		found = append(found, line.Subscription)
	}
	if ids := refs(found...); len(ids) > 0 {
		return ids[0]
	}
	return ""
}

func (w wireInvoice) merged() map[string]string {
	sources := []metadata{w.Parent.Details.Metadata, w.Details.Metadata}
	for _, line := range w.Lines.Data {
		if line.Type == "subscription" || line.Parent.Type == "subscription_item_details" {
			sources = append(sources, line.Metadata)
		}
	}
	return merged(append(sources, w.Metadata)...)
}

// payments returns what pays the invoice, without what was canceled: that may pay
// another one.
func (w wireInvoice) payments() (intents, charges []string) {
	intentRefs, chargeRefs := []ref{w.PaymentIntent}, []ref{w.Charge}
	if w.Payments != nil {
		for _, p := range w.Payments.Data {
			if p.Status != "canceled" {
				intentRefs = append(intentRefs, p.Payment.PaymentIntent)
				chargeRefs = append(chargeRefs, p.Payment.Charge)
			}
		}
	}
	return refs(intentRefs...), refs(chargeRefs...)
}

func (w wireInvoice) net() (int64, error) {
	net, err := w.withoutTax()
	if err != nil {
		return 0, err
	}
	shipping, err := w.ShippingCost.withoutTax("invoice", w.AmountShipping)
	if err != nil {
		return 0, err
	}
	if net, err = sub("invoice", "shipping_cost", net, shipping); err != nil {
		return 0, err
	}
	return within(net, w.Total), nil
}

func (w wireInvoice) withoutTax() (int64, error) {
	switch {
	case w.TotalExcludingTax != nil:
		return *w.TotalExcludingTax, nil
	case w.Tax != nil:
		return sub("invoice", "tax", w.Total, *w.Tax)
	}
	field, taxes := "total_tax_amounts", w.TotalTaxAmounts
	if len(taxes) == 0 {
		field, taxes = "total_taxes", w.TotalTaxes
	}
	net := w.Total
	for _, tax := range taxes {
		var err error
		if net, err = sub("invoice", field, net, tax.Amount); err != nil {
			return 0, err
		}
	}
	return net, nil
}

// withoutTax returns the shipping before tax, never below 0. sum is what to go by
// where the details are missing.
func (c *shippingCost) withoutTax(kind string, sum int64) (int64, error) {
	if c == nil {
		return max(sum, 0), nil
	}
	shipping, err := sub(kind, "shipping_cost", c.Total, c.Tax)
	return max(shipping, 0), err
}

// within returns the amount, moved to 0 to total.
func within(amount, total int64) int64 { return max(min(amount, total), 0) }
