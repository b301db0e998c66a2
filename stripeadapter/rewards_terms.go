package stripeadapter

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"github.com/goaffiliate/affiliate/money"
	"github.com/goaffiliate/affiliate/promo"
)

// terms are a reward as Stripe's coupons know it.
type terms struct {
	Percent  int      `json:"percent,omitempty"`
	Amount   int64    `json:"amount,omitempty"` // Stripe's minor units
	Currency string   `json:"currency,omitempty"`
	Duration string   `json:"duration"`
	Months   int      `json:"months,omitempty"`   // duration repeating
	Products []string `json:"products,omitempty"` // the only ones it applies to
	Title    string   `json:"title,omitempty"`    // for people; no part of what the coupon does
}

// termsOf turns a reward into terms, or says why Stripe cannot carry it out.
func (c ProvisionerConfig) termsOf(r promo.Reward) (terms, error) {
	if err := r.Validate(); err != nil {
		return terms{}, fmt.Errorf("%w: %w", ErrUnsupportedReward, err)
	}
	t := terms{Duration: duration(r)}
	if t.Duration == string(stripe.CouponDurationRepeating) {
		t.Months = r.Months
	}
	switch r.Kind {
	case promo.PercentOff:
		t.Percent = r.Percent
	case promo.FreeMonths:
		t.Percent = 100
	case promo.AmountOff:
		if r.Span == promo.EveryInvoice {
			return terms{}, fmt.Errorf("%w: an amount off every invoice for ever is refused by newer versions of its API; give a number of months", ErrUnsupportedReward)
		}
		amount, err := stripeMinor(money.Amount{Minor: r.Amount, Currency: r.Currency})
		if err != nil {
			return terms{}, err
		}
		t.Amount, t.Currency = amount, string(r.Currency)
	}
	if t.isFreeMonths() {
		if !c.AllMonthly && len(c.MonthlyProducts) == 0 {
			return terms{}, fmt.Errorf("%w: free months would make the whole first year of a yearly price free; name MonthlyProducts, or say AllMonthly", ErrUnsupportedReward)
		}
		if !c.AllMonthly {
			t.Products = slices.Sorted(slices.Values(c.MonthlyProducts))
		}
	}
	t.Title = title(r)
	return t, nil
}

func duration(r promo.Reward) string {
	switch {
	case r.Kind == promo.FreeMonths || r.Span == promo.FirstMonths:
		return string(stripe.CouponDurationRepeating)
	case r.Span == promo.EveryInvoice:
		return string(stripe.CouponDurationForever)
	default:
		return string(stripe.CouponDurationOnce)
	}
}

// isFreeMonths reports whether whole months are free, by that name or as 100 %.
func (t terms) isFreeMonths() bool {
	return t.Percent == 100 && t.Duration == string(stripe.CouponDurationRepeating)
}

// title is what customers read on their invoices.
func title(r promo.Reward) string {
	if r.Kind == promo.FreeMonths {
		return plural(r.Months, "month") + " free"
	}
	off := fmt.Sprintf("%d%% off", r.Percent)
	if r.Kind == promo.AmountOff {
		off = money.Amount{Minor: r.Amount, Currency: r.Currency}.String() + " off"
	}
	switch r.Span {
	case promo.EveryInvoice:
		return off + " every invoice"
	case promo.FirstMonths:
		return off + " for " + plural(r.Months, "month")
	default:
		return off
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// maxCouponName is how many characters Stripe takes for the name of a coupon.
const maxCouponName = 40

func (t terms) name(label string) string {
	name := t.Title
	if label != "" {
		name = label + ": " + name
	}
	return strings.TrimSpace(cut(name, maxCouponName))
}

// cut returns the first n characters.
func cut(s string, n int) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), n)])
}

// id is the coupon's: one per terms and organization, so that whoever comes
// second finds it, and Stripe refuses to make it twice.
func (t terms) id(organization string) string {
	t.Title = ""
	doc, _ := json.Marshal(struct { // never fails: texts and numbers
		Organization string `json:"organization"`
		Terms        terms  `json:"terms"`
	}{organization, t})
	sum := sha256.Sum256(doc)
	return "aff_" + hex.EncodeToString(sum[:12])
}

// params are the parameters that create the coupon.
func (t terms) params(id, label string) stripe.CouponParams {
	p := stripe.CouponParams{ID: &id, Duration: &t.Duration, Name: stripe.String(t.name(label))}
	if t.Percent > 0 {
		p.PercentOff = stripe.Float64(float64(t.Percent)) // whole percents are exact
	} else {
		p.AmountOff, p.Currency = &t.Amount, &t.Currency
	}
	if t.Months > 0 {
		p.DurationInMonths = stripe.Int64(int64(t.Months))
	}
	if len(t.Products) > 0 {
		p.AppliesTo = &stripe.CouponAppliesToParams{Products: stripe.StringSlice(t.Products)}
	}
	return p
}

// match reports whether a coupon that is already there does what the terms say.
func (t terms) match(c *stripe.Coupon) bool {
	var products []string
	if c.AppliesTo != nil {
		products = slices.Sorted(slices.Values(c.AppliesTo.Products))
	}
	same := c.PercentOff == float64(t.Percent) && c.AmountOff == t.Amount && string(c.Duration) == t.Duration &&
		slices.Equal(products, t.Products)
	if t.Amount > 0 {
		same = same && string(c.Currency) == t.Currency
	}
	if t.Months > 0 {
		same = same && c.DurationInMonths == int64(t.Months)
	}
	return same
}
