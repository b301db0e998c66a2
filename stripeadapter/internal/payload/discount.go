package payload

import "encoding/json"

// promotion is the id of a promotion code, or the code itself.
type promotion struct {
	ID   ref    `json:"id"`
	Code string `json:"code"`
}

func (p *promotion) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, &p.ID)
	}
	type plain promotion
	return json.Unmarshal(data, (*plain)(p))
}

// discount is the id of a discount, or the discount itself. In sessions it has no
// id. Its coupon moved under source in C.
type discount struct {
	ID        ref       `json:"id"`
	Coupon    ref       `json:"coupon"`
	Promotion promotion `json:"promotion_code"`
	Source    struct {
		Coupon ref `json:"coupon"`
	} `json:"source"`
}

func (d *discount) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return json.Unmarshal(data, &d.ID)
	}
	type plain discount
	return json.Unmarshal(data, (*plain)(d))
}

func (d discount) told() Discount {
	coupon := d.Source.Coupon
	if coupon == "" {
		coupon = d.Coupon
	}
	return Discount{
		ID: string(d.ID), Coupon: string(coupon), PromotionCode: string(d.Promotion.ID), Code: d.Promotion.Code,
	}
}

// discounted is an amount that a discount took off.
type discounted struct {
	Amount   int64    `json:"amount"`
	Discount discount `json:"discount"`
}

func anyAmount(list []discounted) bool {
	for _, d := range list {
		if d.Amount > 0 {
			return true
		}
	}
	return false
}

func discountsOf(list []discounted) []discount {
	found := make([]discount, 0, len(list))
	for _, d := range list {
		found = append(found, d.Discount)
	}
	return found
}

// tellAll returns the discounts of several places, each once, with what any of
// the places tells of it.
func tellAll(places ...[]discount) []Discount {
	var all []Discount
	for _, place := range places {
		for _, d := range place {
			if told := d.told(); told != (Discount{}) {
				all = tell(all, told)
			}
		}
	}
	return all
}

func tell(all []Discount, d Discount) []Discount {
	for i := range all {
		if have := &all[i]; same(*have, d) {
			have.ID = either(have.ID, d.ID)
			have.Coupon = either(have.Coupon, d.Coupon)
			have.PromotionCode = either(have.PromotionCode, d.PromotionCode)
			have.Code = either(have.Code, d.Code)
			return all
		}
	}
	return append(all, d)
}

// same reports whether two places speak of one discount. Without an id, which
// sessions do not tell, it is the one of the same promotion code or coupon.
func same(a, b Discount) bool {
	switch {
	case a.ID != "" && b.ID != "":
		return a.ID == b.ID
	case a.PromotionCode != "" || b.PromotionCode != "":
		return a.PromotionCode == b.PromotionCode
	}
	return a.Coupon != "" && a.Coupon == b.Coupon
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
