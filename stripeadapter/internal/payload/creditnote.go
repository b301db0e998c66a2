package payload

type wireCreditNote struct {
	owner
	ID      string `json:"id"`
	Invoice ref    `json:"invoice"`
	Status  string `json:"status"`
	Type    string `json:"type"`
	Refund  ref    `json:"refund"`
	Refunds []struct {
		Refund ref `json:"refund"`
	} `json:"refunds"`
	Total        *int64   `json:"total"`
	Amount       int64    `json:"amount"`
	OutOfBand    int64    `json:"out_of_band_amount"`
	PrePayment   *int64   `json:"pre_payment_amount"`
	PostPayment  *int64   `json:"post_payment_amount"`
	ExcludingTax *int64   `json:"total_excluding_tax"`
	TaxAmounts   []taxed  `json:"tax_amounts"`
	TotalTaxes   []taxed  `json:"total_taxes"`
	Currency     currency `json:"currency"`
	Created      stamp    `json:"created"`
	VoidedAt     stamp    `json:"voided_at"`
}

// ParseCreditNote reads a credit note.
func ParseCreditNote(object []byte) (CreditNote, error) {
	var w wireCreditNote
	if err := decode("credit note", object, &w, &w.ID); err != nil {
		return CreditNote{}, err
	}
	refunds := []ref{w.Refund}
	for _, r := range w.Refunds {
		refunds = append(refunds, r.Refund)
	}
	net, err := w.net()
	if err != nil {
		return CreditNote{}, err
	}
	return CreditNote{
		TaxOnly: orElse(w.Total, w.Amount) > 0 && net <= 0,
		ID:      w.ID, Invoice: string(w.Invoice), Customer: w.customer(), Status: w.Status, Type: w.Type,
		Refunds: refs(refunds...), Total: orElse(w.Total, w.Amount), OutOfBand: w.OutOfBand,
		PrePayment: orElse(w.PrePayment, -1), PostPayment: orElse(w.PostPayment, -1),
		Currency: string(w.Currency), Created: w.Created.Time, Voided: w.Status == "void" || !w.VoidedAt.IsZero(),
	}, nil
}

// net is what the note takes off before taxes.
func (w wireCreditNote) net() (int64, error) {
	if w.ExcludingTax != nil {
		return *w.ExcludingTax, nil
	}
	field, taxes := "tax_amounts", w.TaxAmounts
	if len(taxes) == 0 {
		field, taxes = "total_taxes", w.TotalTaxes
	}
	net := orElse(w.Total, w.Amount)
	for _, tax := range taxes {
		var err error
		if net, err = sub("credit note", field, net, tax.Amount); err != nil {
			return 0, err
		}
	}
	return net, nil
}

func orElse(told *int64, otherwise int64) int64 {
	if told != nil {
		return *told
	}
	return otherwise
}
