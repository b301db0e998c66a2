package payload

type wireSession struct {
	owner
	ID              string   `json:"id"`
	Mode            string   `json:"mode"`
	Status          string   `json:"status"`
	PaymentStatus   string   `json:"payment_status"`
	Subscription    ref      `json:"subscription"`
	Invoice         ref      `json:"invoice"`
	PaymentIntent   ref      `json:"payment_intent"`
	ClientReference string   `json:"client_reference_id"`
	Created         stamp    `json:"created"`
	Metadata        metadata `json:"metadata"`
	CustomerDetails struct {
		Email string `json:"email"`
	} `json:"customer_details"`
	CustomerEmail string     `json:"customer_email"`
	Discounts     []discount `json:"discounts"`

	Items list[wireItem] `json:"line_items"`

	Currency     currency      `json:"currency"`
	AmountTotal  int64         `json:"amount_total"`
	ShippingCost *shippingCost `json:"shipping_cost"`
	TotalDetails struct {
		AmountDiscount int64 `json:"amount_discount"`
		AmountShipping int64 `json:"amount_shipping"`
		AmountTax      int64 `json:"amount_tax"`
		Breakdown      struct {
			Discounts []discounted `json:"discounts"`
		} `json:"breakdown"`
	} `json:"total_details"`
	Conversion struct {
		AmountTotal    int64    `json:"amount_total"`
		SourceCurrency currency `json:"source_currency"`
	} `json:"currency_conversion"`
}

// ParseSession reads a checkout session.
func ParseSession(object []byte) (Session, error) {
	var w wireSession
	if err := decode("session", object, &w, &w.ID); err != nil {
		return Session{}, err
	}
	session := Session{
		ID: w.ID, Mode: w.Mode, Status: w.Status, PaymentStatus: w.PaymentStatus,
		Customer: w.customer(), Subscription: string(w.Subscription), Invoice: string(w.Invoice),
		PaymentIntent: string(w.PaymentIntent), ClientReference: w.ClientReference,
		Created: w.Created.Time, Email: either(w.CustomerDetails.Email, w.CustomerEmail), Metadata: w.Metadata,
		Discounts: tellAll(w.Discounts, discountsOf(w.TotalDetails.Breakdown.Discounts)),
	}
	session.Discounted = len(session.Discounts) > 0 || w.TotalDetails.AmountDiscount > 0
	if err := w.amounts(&session); err != nil {
		return Session{}, err
	}
	var err error
	session.MoreLines = w.Items.HasMore
	if session.Lines, err = w.lines(); err != nil {
		return Session{}, err
	}
	return session, nil
}

func (w wireSession) amounts(session *Session) error {
	net, err := w.net()
	if err != nil {
		return err
	}
	session.Currency, session.Total, session.Net = string(w.Currency), w.AmountTotal, net
	session.Charged = w.AmountTotal
	if w.Conversion.SourceCurrency == "" {
		return nil
	}
	session.Currency, session.Total = string(w.Conversion.SourceCurrency), w.Conversion.AmountTotal
	session.Net, err = share(session.Total, net, w.AmountTotal)
	return err
}

func (w wireSession) net() (int64, error) {
	net, err := sub("session", "total_details.amount_tax", w.AmountTotal, w.TotalDetails.AmountTax)
	if err != nil {
		return 0, err
	}
	shipping, err := w.ShippingCost.withoutTax("session", w.TotalDetails.AmountShipping)
	if err != nil {
		return 0, err
	}
	if net, err = sub("session", "shipping_cost", net, shipping); err != nil {
		return 0, err
	}
	return within(net, w.AmountTotal), nil
}
