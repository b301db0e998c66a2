package payload

type wireIntent struct {
	owner
	ID           string           `json:"id"`
	Invoice      told             `json:"invoice"`
	LatestCharge ref              `json:"latest_charge"`
	Charges      list[wireCharge] `json:"charges"`
	Status       string           `json:"status"`
	Amount       int64            `json:"amount"`
	Received     int64            `json:"amount_received"`
	Currency     currency         `json:"currency"`
	Created      stamp            `json:"created"`
	Email        string           `json:"receipt_email"`
	Description  string           `json:"description"`
	Metadata     metadata         `json:"metadata"`
}

// told is an id, and whether there was one or null to tell that there is none.
type told struct {
	id    ref
	known bool
}

func (t *told) UnmarshalJSON(data []byte) error {
	t.known = true
	return t.id.UnmarshalJSON(data)
}

// billing reports a payment intent that Stripe made for an invoice, by what it then
// describes it with.
func (w wireIntent) billing() bool {
	switch w.Description {
	case "Subscription creation", "Subscription update", "Payment for Invoice":
		return true
	}
	return w.Invoice.id != ""
}

// ParsePaymentIntent reads a payment intent.
func ParsePaymentIntent(object []byte) (PaymentIntent, error) {
	var w wireIntent
	if err := decode("payment intent", object, &w, &w.ID); err != nil {
		return PaymentIntent{}, err
	}
	intent := PaymentIntent{
		ID: w.ID, Customer: w.customer(), Invoice: string(w.Invoice.id), Alone: w.Invoice.known && w.Invoice.id == "",
		Billing: w.billing(), Status: w.Status,
		Amount: w.Amount, Received: w.Received, Currency: string(w.Currency), Created: w.Created.Time,
		Email: w.Email, Metadata: w.Metadata,
	}
	charges := []ref{w.LatestCharge}
	for _, charge := range w.Charges.Data {
		charges = append(charges, ref(charge.ID))
		intent.Email = either(intent.Email, charge.email())
	}
	intent.Charges = refs(charges...)
	return intent, nil
}

type wireCharge struct {
	owner
	ID             string   `json:"id"`
	PaymentIntent  ref      `json:"payment_intent"`
	Invoice        ref      `json:"invoice"`
	Amount         int64    `json:"amount"`
	AmountCaptured *int64   `json:"amount_captured"`
	Captured       *bool    `json:"captured"`
	AmountRefunded int64    `json:"amount_refunded"`
	Currency       currency `json:"currency"`
	Created        stamp    `json:"created"`
	Paid           bool     `json:"paid"`
	BillingDetails struct {
		Email string `json:"email"`
	} `json:"billing_details"`
	ReceiptEmail string           `json:"receipt_email"`
	Metadata     metadata         `json:"metadata"`
	Refunds      list[wireRefund] `json:"refunds"`
}

func (w wireCharge) email() string { return either(w.BillingDetails.Email, w.ReceiptEmail) }

func (w wireCharge) captured() int64 {
	switch {
	case w.AmountCaptured != nil:
		return *w.AmountCaptured
	case w.Captured != nil && !*w.Captured:
		return 0
	}
	return w.Amount
}

// ParseCharge reads a charge.
func ParseCharge(object []byte) (Charge, error) {
	var w wireCharge
	if err := decode("charge", object, &w, &w.ID); err != nil {
		return Charge{}, err
	}
	charge := Charge{
		ID: w.ID, PaymentIntent: string(w.PaymentIntent), Invoice: string(w.Invoice), Customer: w.customer(),
		Amount: w.Amount, Captured: w.captured(), Refunded: w.AmountRefunded, Currency: string(w.Currency),
		Created: w.Created.Time, Paid: w.Paid, Email: w.email(), Metadata: w.Metadata,
	}
	for _, r := range w.Refunds.Data {
		if r.ID == "" {
			return Charge{}, malformed("charge", "refunds.data.id", "is missing")
		}
		refund := r.refund()
		refund.Charge = either(refund.Charge, charge.ID)
		charge.Refunds = append(charge.Refunds, refund)
	}
	return charge, nil
}

type wireRefund struct {
	ID            string   `json:"id"`
	Charge        ref      `json:"charge"`
	PaymentIntent ref      `json:"payment_intent"`
	Amount        int64    `json:"amount"`
	Currency      currency `json:"currency"`
	Status        string   `json:"status"`
	Created       stamp    `json:"created"`
	Transaction   ref      `json:"balance_transaction"`
}

func (w wireRefund) refund() Refund {
	return Refund{
		ID: w.ID, Charge: string(w.Charge), PaymentIntent: string(w.PaymentIntent), Amount: w.Amount,
		Currency: string(w.Currency), Status: w.Status, Created: w.Created.Time, Moved: w.Transaction != "",
	}
}

// ParseRefund reads a refund, which is also the object of charge.refund.updated.
func ParseRefund(object []byte) (Refund, error) {
	var w wireRefund
	if err := decode("refund", object, &w, &w.ID); err != nil {
		return Refund{}, err
	}
	return w.refund(), nil
}

// ParseDispute reads a dispute.
func ParseDispute(object []byte) (Dispute, error) {
	var w wireDispute
	if err := decode("dispute", object, &w, &w.ID); err != nil {
		return Dispute{}, err
	}
	var withdrawn, returned int64
	for _, t := range w.Transactions {
		sum, amount := &returned, t.Amount
		if amount < 0 {
			sum = &withdrawn
		}
		var err error
		if *sum, err = sub("dispute", "balance_transactions", *sum, amount); err != nil {
			return Dispute{}, err
		}
	}
	returned = -returned
	return Dispute{
		ID: w.ID, Charge: string(w.Charge), PaymentIntent: string(w.PaymentIntent), Amount: w.Amount,
		Currency: string(w.Currency), Status: w.Status, Created: w.Created.Time,
		Withdrawn: withdrawn, Returned: returned,
	}, nil
}

type wireDispute struct {
	ID            string   `json:"id"`
	Charge        ref      `json:"charge"`
	PaymentIntent ref      `json:"payment_intent"`
	Amount        int64    `json:"amount"`
	Currency      currency `json:"currency"`
	Status        string   `json:"status"`
	Created       stamp    `json:"created"`
	Transactions  []struct {
		Amount int64 `json:"amount"` // without the fee
	} `json:"balance_transactions"`
}

type wireInvoicePayment struct {
	ID       string   `json:"id"`
	Invoice  ref      `json:"invoice"`
	Status   string   `json:"status"`
	Paid     int64    `json:"amount_paid"`
	Currency currency `json:"currency"`
	Payment  struct {
		Type          string `json:"type"`
		PaymentIntent ref    `json:"payment_intent"`
		Charge        ref    `json:"charge"`
	} `json:"payment"`
}

// throughStripe returns what it paid, unless it only records money from elsewhere.
func (w wireInvoicePayment) throughStripe() int64 {
	if w.Status != "paid" || w.Payment.Type == "payment_record" {
		return 0
	}
	return w.Paid
}

// ParseInvoicePayment reads a payment of an invoice.
func ParseInvoicePayment(object []byte) (InvoicePayment, error) {
	var w wireInvoicePayment
	if err := decode("invoice payment", object, &w, &w.ID); err != nil {
		return InvoicePayment{}, err
	}
	return InvoicePayment{
		ID: w.ID, Invoice: string(w.Invoice), PaymentIntent: string(w.Payment.PaymentIntent),
		Charge: string(w.Payment.Charge), Status: w.Status, Paid: w.Paid, Currency: string(w.Currency),
	}, nil
}
