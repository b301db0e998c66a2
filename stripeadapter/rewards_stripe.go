package stripeadapter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/stripe/stripe-go/v76"
)

// Metadata that tells our objects at Stripe from everybody else's.
const (
	metaOrganization = "affiliate_organization"
	metaCode         = "affiliate_code"
	metaPartner      = "affiliate_partner"
	metaProgram      = "affiliate_program"
)

// provision makes sure that an active promotion code of ours is at Stripe.
func (r *run) provision(ctx context.Context, w Wanted, rec *record) error {
	t, err := r.terms(w, rec)
	if err != nil {
		return err
	}
	coupon := t.id(r.cfg.Organization)
	found, err := r.find(ctx, w.Code, coupon)
	if err == nil && found == nil && rec.PromotionCode != "" {
		found, err = r.revive(ctx, rec.PromotionCode)
	}
	if err == nil && found == nil {
		found, err = r.create(ctx, w, rec, t, coupon)
	}
	if err != nil {
		return err
	}
	if err := saveCodeOf(ctx, r.cfg.States, found.ID, w.Code); err != nil {
		return err
	}
	rec.PromotionCode = found.ID
	if found.Coupon != nil {
		rec.Coupon = found.Coupon.ID
	}
	switch {
	case rec.Coupon == coupon:
		rec.Terms = &t
	case rec.Terms != nil && rec.Coupon != rec.Terms.id(r.cfg.Organization):
		rec.Terms = nil // it was provisioned with terms that nobody wrote down
	}
	rec.succeed(RewardActive)
	r.cfg.Logger.InfoContext(ctx, "stripeadapter: reward is active", "promotion_code", found.ID, "coupon", rec.Coupon)
	return nil
}

// terms are what the code is provisioned with. They are decided once, before
// Stripe is asked anything.
func (r *run) terms(w Wanted, rec *record) (terms, error) {
	if w.Code == "" { // Stripe would make one up
		return terms{}, fmt.Errorf("%w: it is empty", ErrUnsupportedCode)
	}
	for _, c := range w.Code {
		if !isAlphanumeric(c) && (c != '-' || !r.cfg.Dashes) {
			return terms{}, fmt.Errorf("%w: %q has a character other than letters and digits", ErrUnsupportedCode, w.Code)
		}
	}
	switch {
	case rec.PromotionCode != "" && rec.Terms != nil:
		return *rec.Terms, nil
	case w.Reward != nil:
		return r.cfg.termsOf(*w.Reward)
	default:
		return terms{}, fmt.Errorf("%w: nobody knows what %q was provisioned with", ErrUnsupportedReward, w.Code)
	}
}

// find returns the active promotion code of ours with a text, or nil. The error is
// ErrCodeTaken if somebody else has one that every customer can use.
func (r *run) find(ctx context.Context, code, coupon string) (*stripe.PromotionCode, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.CallTimeout)
	defer cancel()
	list := r.cfg.API.PromotionCodes.List(&stripe.PromotionCodeListParams{
		ListParams: pageParams(ctx, r.cfg.Account), Code: &code, Active: stripe.Bool(true),
	})
	taken := false
	for list.Next() {
		switch found := list.PromotionCode(); {
		case !found.Active || !strings.EqualFold(found.Code, code):
		case r.isOurs(found, code, coupon):
			return found, nil
		case found.Customer == nil: // one for a single customer is in nobody's way
			taken = true
		}
	}
	if err := list.Err(); err != nil {
		return nil, callError("list promotion codes", err)
	}
	if taken {
		return nil, fmt.Errorf("%w: %q", ErrCodeTaken, code)
	}
	return nil, nil
}

// isOurs reports whether a promotion code was made here for this code: it says so,
// and its coupon is the one it should have, or was made here for earlier terms.
func (r *run) isOurs(found *stripe.PromotionCode, code, coupon string) bool {
	return found.Metadata[metaOrganization] == r.cfg.Organization && found.Metadata[metaCode] == code &&
		found.Coupon != nil && (found.Coupon.ID == coupon || found.Coupon.Metadata[metaOrganization] == r.cfg.Organization)
}

// revive activates a promotion code again, or returns nil if that cannot be: its
// coupon is gone.
func (r *run) revive(ctx context.Context, id string) (*stripe.PromotionCode, error) {
	revived, err := r.setActive(ctx, id, true)
	if isMissing(err) || isRefused(err) {
		return nil, nil
	}
	return revived, callError("activate promotion code", err)
}

func (r *run) setActive(ctx context.Context, id string, active bool) (*stripe.PromotionCode, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.CallTimeout)
	defer cancel()
	return r.cfg.API.PromotionCodes.Update(id, &stripe.PromotionCodeParams{Params: callParams(ctx, r.cfg.Account), Active: &active})
}

// create makes a promotion code and, if need be, its coupon. That it is about to is
// written down first.
func (r *run) create(ctx context.Context, w Wanted, rec *record, t terms, coupon string) (*stripe.PromotionCode, error) {
	if err := r.coupon(ctx, t, coupon); err != nil {
		return nil, err
	}
	before := rec.Unsure
	rec.Status, rec.Coupon, rec.Terms, rec.Unsure = RewardPending, coupon, &t, true
	if err := rec.save(ctx, r.cfg.States); err != nil {
		return nil, err
	}
	made, err := r.newPromotionCode(ctx, w, coupon, r.idempotencyKey(w, coupon, rec.Generation))
	if err == nil || keepsAnswer(err) {
		rec.Generation++ // without an answer, the same key tells what became of it
	}
	if !isRefused(err) {
		return made, callError("create promotion code", err)
	}
	rec.Unsure = before
	switch found, missed := r.find(ctx, w.Code, coupon); {
	case missed != nil || found != nil: // somebody was faster
		return found, missed
	case strings.Contains(problemText(err), "already exists"):
		return nil, fmt.Errorf("%w: %q: %w", ErrCodeTaken, w.Code, err)
	}
	return nil, callError("create promotion code", err)
}

func (r *run) newPromotionCode(ctx context.Context, w Wanted, coupon, key string) (*stripe.PromotionCode, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.CallTimeout)
	defer cancel()
	params := stripe.PromotionCodeParams{Params: callParams(ctx, r.cfg.Account), Code: &w.Code, Coupon: &coupon}
	params.SetIdempotencyKey(key)
	params.AddMetadata(metaOrganization, r.cfg.Organization)
	params.AddMetadata(metaCode, w.Code)
	params.AddMetadata(metaPartner, w.Partner)
	params.AddMetadata(metaProgram, w.Program)
	return r.cfg.API.PromotionCodes.New(&params)
}

// idempotencyKey names an attempt by all that its parameters are made of. Runs that
// read the same state make the same attempt.
func (r *run) idempotencyKey(w Wanted, coupon string, generation int) string {
	hash := sha256.New()
	for _, part := range []string{r.cfg.Organization, w.Code, w.Partner, w.Program, coupon, strconv.Itoa(generation)} {
		hash.Write(fmt.Appendf(nil, "%d:%s,", len(part), part))
	}
	return "affiliate-promo-" + hex.EncodeToString(hash.Sum(nil))
}

// coupon makes sure that a coupon is there. Its id does what an idempotency key
// would do, and without forgetting.
func (r *run) coupon(ctx context.Context, t terms, id string) error {
	if r.ready[id] {
		return nil
	}
	if err := r.checkMonthly(ctx, t); err != nil {
		return err
	}
	have, err := r.getCoupon(ctx, id)
	if isMissing(err) {
		err = r.newCoupon(ctx, t, id)
		if err == nil {
			r.ready[id] = true
			return nil
		}
		if isRefused(err) {
			if other, missed := r.getCoupon(ctx, id); missed == nil { // somebody was faster
				have, err = other, nil
			}
		}
	}
	if err != nil {
		return callError("make coupon", err)
	}
	if !t.match(have) {
		return fmt.Errorf("%w: coupon %s is there with other terms", ErrUnsupportedReward, id)
	}
	r.ready[id] = true
	return nil
}

func (r *run) getCoupon(ctx context.Context, id string) (*stripe.Coupon, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.CallTimeout)
	defer cancel()
	params := stripe.CouponParams{Params: callParams(ctx, r.cfg.Account)}
	params.AddExpand("applies_to")
	return r.cfg.API.Coupons.Get(id, &params)
}

func (r *run) newCoupon(ctx context.Context, t terms, id string) error {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.CallTimeout)
	defer cancel()
	params := t.params(id, r.cfg.Label)
	params.Params = callParams(ctx, r.cfg.Account)
	params.AddMetadata(metaOrganization, r.cfg.Organization)
	_, err := r.cfg.API.Coupons.New(&params)
	return err
}

// checkMonthly refuses free months on a product with a price that bills for longer.
func (r *run) checkMonthly(ctx context.Context, t terms) error {
	if !t.isFreeMonths() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.CallTimeout)
	defer cancel()
	for _, product := range t.Products {
		prices := r.cfg.API.Prices.List(&stripe.PriceListParams{
			ListParams: pageParams(ctx, r.cfg.Account), Product: &product, Active: stripe.Bool(true), Type: stripe.String("recurring"),
		})
		for prices.Next() {
			price := prices.Price()
			if every := price.Recurring; every != nil && longerThanMonth(every) {
				return fmt.Errorf("%w: free months on %s, whose price %s is billed every %s",
					ErrUnsupportedReward, product, price.ID, plural(int(every.IntervalCount), string(every.Interval)))
			}
		}
		if err := prices.Err(); err != nil {
			return callError("list prices", err)
		}
	}
	return nil
}

func longerThanMonth(every *stripe.PriceRecurring) bool {
	switch every.Interval {
	case stripe.PriceRecurringIntervalDay:
		return every.IntervalCount > 31
	case stripe.PriceRecurringIntervalWeek:
		return every.IntervalCount > 4
	case stripe.PriceRecurringIntervalMonth:
		return every.IntervalCount > 1
	default:
		return true
	}
}

// deactivate makes sure that no promotion code of ours with this text is active.
// Subscriptions that have the discount keep it.
func (r *run) deactivate(ctx context.Context, w Wanted, rec *record) error {
	if rec.PromotionCode != "" {
		if _, err := r.setActive(ctx, rec.PromotionCode, false); err != nil && !isMissing(err) {
			return callError("deactivate promotion code", err)
		}
	}
	if rec.Unsure || w.Force {
		found, err := r.find(ctx, w.Code, rec.Coupon)
		if err != nil && !errors.Is(err, ErrCodeTaken) {
			return err
		}
		if found != nil {
			if _, err := r.setActive(ctx, found.ID, false); err != nil {
				return callError("deactivate promotion code", err)
			}
			if err := saveCodeOf(ctx, r.cfg.States, found.ID, w.Code); err != nil {
				return err
			}
			rec.PromotionCode = found.ID
		}
	}
	rec.succeed(RewardInactive)
	r.cfg.Logger.InfoContext(ctx, "stripeadapter: reward is inactive", "promotion_code", rec.PromotionCode)
	return nil
}
