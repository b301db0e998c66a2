package payload

import "encoding/json"

// Line is a line of an invoice or checkout session.
type Line struct {
	ID           string
	Product      string
	Price        string
	Subscription string
	Description  string
	Quantity     int64 // 0: not told, or no whole number
	Net          int64 // without tax and discount; below 0 for what is credited
	Proration    bool
	Metadata     map[string]string
}

// quantity is how many; one that is no whole number is not told. It decides nothing,
// so it is never at fault.
type quantity int64

func (q *quantity) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, (*int64)(q)) != nil {
		*q = 0
	}
	return nil
}

// catalog is a price, or a plan of old versions: its id, or itself.
type catalog struct{ id, product ref }

func (c *catalog) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, &c.id)
	}
	var object struct {
		ID      ref `json:"id"`
		Product ref `json:"product"`
	}
	err := json.Unmarshal(data, &object)
	c.id, c.product = object.ID, object.Product
	return err
}

type wireLine struct {
	ID           string       `json:"id"`
	Type         string       `json:"type"`
	Subscription ref          `json:"subscription"`
	Description  string       `json:"description"`
	Metadata     metadata     `json:"metadata"`
	Amount       int64        `json:"amount"`
	Quantity     quantity     `json:"quantity"`
	Discounts    []discounted `json:"discount_amounts"`
	TaxAmounts   []lineTax    `json:"tax_amounts"`
	Taxes        []lineTax    `json:"taxes"`
	Proration    bool         `json:"proration"`
	Price        catalog      `json:"price"`
	Plan         catalog      `json:"plan"`
	Pricing      struct {
		Details struct {
			Price   ref `json:"price"`
			Product ref `json:"product"`
		} `json:"price_details"`
	} `json:"pricing"`
	Parent struct {
		Type         string     `json:"type"`
		Subscription lineParent `json:"subscription_item_details"`
		Item         lineParent `json:"invoice_item_details"`
	} `json:"parent"`
}

type lineParent struct {
	subscribed
	Proration bool `json:"proration"`
}

// lineTax is a tax of a line; one that is inclusive is in its amount.
type lineTax struct {
	Amount    int64  `json:"amount"`
	Inclusive bool   `json:"inclusive"`
	Behavior  string `json:"tax_behavior"`
}

func (w wireLine) line() (Line, error) {
	l := Line{
		ID: w.ID, Description: w.Description, Quantity: int64(w.Quantity), Metadata: w.Metadata,
		Product:      string(anyOf(w.Pricing.Details.Product, w.Price.product, w.Plan.product)),
		Price:        string(anyOf(w.Pricing.Details.Price, w.Price.id, w.Plan.id)),
		Subscription: string(anyOf(w.Parent.Subscription.Subscription, w.Parent.Item.Subscription, w.Subscription)),
		Proration:    w.Proration || w.Parent.Subscription.Proration || w.Parent.Item.Proration,
	}
	off := []int64{}
	for _, d := range w.Discounts {
		off = append(off, d.Amount)
	}
	for _, taxes := range [][]lineTax{w.TaxAmounts, w.Taxes} {
		for _, tax := range taxes {
			if tax.Inclusive || tax.Behavior == "inclusive" {
				off = append(off, tax.Amount)
			}
		}
	}
	var err error
	l.Net = w.Amount
	for _, amount := range off {
		if l.Net, err = sub("invoice", "lines.data.amount", l.Net, amount); err != nil {
			return Line{}, err
		}
	}
	return l, nil
}

func anyOf(ids ...ref) ref {
	for _, id := range ids {
		if id != "" {
			return id
		}
	}
	return ""
}

func (w wireInvoice) lines() ([]Line, error) {
	var all []Line
	for _, of := range w.Lines.Data {
		if of.ID == "" { // no line of Stripe's
			continue
		}
		l, err := of.line()
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// wireItem is a line of a checkout session, which is there if it was expanded.
type wireItem struct {
	ID          string   `json:"id"`
	Description string   `json:"description"`
	Quantity    quantity `json:"quantity"`
	Total       int64    `json:"amount_total"`
	Tax         int64    `json:"amount_tax"`
	Price       catalog  `json:"price"`
}

func (w wireSession) lines() ([]Line, error) {
	var all []Line
	for _, of := range w.Items.Data {
		net, err := sub("session", "line_items.data.amount_tax", of.Total, of.Tax)
		if err != nil {
			return nil, err
		}
		all = append(all, Line{
			ID: of.ID, Description: of.Description, Quantity: int64(of.Quantity), Net: net,
			Product: string(of.Price.product), Price: string(of.Price.id),
		})
	}
	return all, nil
}
