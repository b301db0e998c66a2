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
	Total       *int64   `json:"total"`
	Amount      int64    `json:"amount"`
	OutOfBand   int64    `json:"out_of_band_amount"`
	PrePayment  *int64   `json:"pre_payment_amount"`
	PostPayment *int64   `json:"post_payment_amount"`
	Currency    currency `json:"currency"`
	Created     stamp    `json:"created"`
	VoidedAt    stamp    `json:"voided_at"`
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
	return CreditNote{
		ID: w.ID, Invoice: string(w.Invoice), Customer: w.customer(), Status: w.Status, Type: w.Type,
		Refunds: refs(refunds...), Total: orElse(w.Total, w.Amount), OutOfBand: w.OutOfBand,
		PrePayment: orElse(w.PrePayment, -1), PostPayment: orElse(w.PostPayment, -1),
		Currency: string(w.Currency), Created: w.Created.Time, Voided: w.Status == "void" || !w.VoidedAt.IsZero(),
	}, nil
}

func orElse(told *int64, otherwise int64) int64 {
	if told != nil {
		return *told
	}
	return otherwise
}
