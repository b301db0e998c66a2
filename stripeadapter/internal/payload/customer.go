package payload

type wireCustomer struct {
	ID       string   `json:"id"`
	Email    string   `json:"email"`
	Created  stamp    `json:"created"`
	Metadata metadata `json:"metadata"`
}

// ParseCustomer reads a customer.
func ParseCustomer(object []byte) (Customer, error) {
	var w wireCustomer
	if err := decode("customer", object, &w, &w.ID); err != nil {
		return Customer{}, err
	}
	return Customer{ID: w.ID, Email: w.Email, Created: w.Created.Time, Metadata: w.Metadata}, nil
}

type wireSubscription struct {
	owner
	ID         string     `json:"id"`
	Status     string     `json:"status"`
	Created    stamp      `json:"created"`
	Metadata   metadata   `json:"metadata"`
	Discount   discount   `json:"discount"`
	Discounts  []discount `json:"discounts"`
	Currency   currency   `json:"currency"`
	TrialStart stamp      `json:"trial_start"`
	Items      struct {
		Data []struct {
			Price priced `json:"price"`
			Plan  priced `json:"plan"`
		} `json:"data"`
	} `json:"items"`
	Plan priced `json:"plan"`
}

type priced struct {
	Currency currency `json:"currency"`
}

// currency returns the subscription's own, which is there since 2022-08-01, or
// that of its prices, which is the same for all.
func (w wireSubscription) currency() string {
	found := w.Currency
	for _, item := range w.Items.Data {
		for _, p := range []priced{item.Price, item.Plan} {
			if found == "" {
				found = p.Currency
			}
		}
	}
	return either(string(found), string(w.Plan.Currency))
}

// ParseSubscription reads a subscription.
func ParseSubscription(object []byte) (Subscription, error) {
	var w wireSubscription
	if err := decode("subscription", object, &w, &w.ID); err != nil {
		return Subscription{}, err
	}
	return Subscription{
		ID: w.ID, Customer: w.customer(), Status: w.Status, Created: w.Created.Time, Metadata: w.Metadata,
		Trial: !w.TrialStart.IsZero() || w.Status == "trialing", Discounts: tellAll([]discount{w.Discount}, w.Discounts), Currency: w.currency(),
	}, nil
}

type wirePromotionCode struct {
	ID        string `json:"id"`
	Code      string `json:"code"`
	Active    bool   `json:"active"`
	Created   stamp  `json:"created"`
	Coupon    ref    `json:"coupon"`
	Promotion struct {
		Coupon ref `json:"coupon"`
	} `json:"promotion"`
}

// ParsePromotionCode reads a promotion code.
func ParsePromotionCode(object []byte) (PromotionCode, error) {
	var w wirePromotionCode
	if err := decode("promotion code", object, &w, &w.ID); err != nil {
		return PromotionCode{}, err
	}
	return PromotionCode{
		ID: w.ID, Code: w.Code, Active: w.Active, Created: w.Created.Time,
		Coupon: either(string(w.Promotion.Coupon), string(w.Coupon)),
	}, nil
}

type wireAccount struct {
	ID             string `json:"id"`
	PayoutsEnabled bool   `json:"payouts_enabled"`
	Capabilities   struct {
		Transfers string `json:"transfers"`
	} `json:"capabilities"`
}

// ParseAccount reads a connected account.
func ParseAccount(object []byte) (Account, error) {
	var w wireAccount
	if err := decode("account", object, &w, &w.ID); err != nil {
		return Account{}, err
	}
	return Account{
		ID: w.ID, PayoutsEnabled: w.PayoutsEnabled, TransfersActive: w.Capabilities.Transfers == "active",
	}, nil
}
