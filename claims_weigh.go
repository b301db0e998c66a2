package affiliate

import (
	"slices"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
)

// weighClaims joins the first claim that what the server said of the customer
// confirms, and drops those that it rules out. A customer signs up once, so the
// others go with the one that is confirmed.
func (u *unit) weighClaims(who *customer) error {
	var waiting []claimDoc
	for _, claim := range slices.SortedStableFunc(slices.Values(who.doc.Claims), compareClaims) {
		verdict, err := u.weigh(who, claim)
		if err != nil {
			return err
		}
		switch verdict {
		case ClaimConfirmed:
			return u.joinClaim(who, claim)
		case ClaimPending:
			waiting = append(waiting, claim)
		case ClaimRefused: // goes
		}
	}
	if len(waiting) != len(who.doc.Claims) {
		who.doc.Claims, who.again = waiting, true
	}
	return nil
}

// weigh compares a claim with all that the server has said of its customer so far.
// Only the honest browser shares a click, a visitor or an e-mail address with the
// server, so the claim may come before or after what confirms it. Once confirmed it
// stays so: another click that the server names later is just a later touch.
func (u *unit) weigh(who *customer, claim claimDoc) (ClaimStatus, error) {
	known := !who.doc.Known.IsZero()
	if known && who.doc.Known.Before(claim.ClickAt.Truncate(time.Second)) { // payment providers date by the second
		return ClaimRefused, nil
	}
	if slices.Contains(who.doc.Clicks, claim.Click) {
		return ClaimConfirmed, nil
	}
	if who.doc.SignedUp {
		return ClaimRefused, nil
	}
	if other, err := u.namesOther(who, claim); err != nil || other {
		return ClaimRefused, err
	}
	switch {
	case claim.Signed,
		claim.Unguessable && known,
		claim.Email != "" && slices.Contains(who.doc.Emails, claim.Email),
		claim.Visitor != "" && slices.Contains(who.doc.Visitors, claim.Visitor):
		return ClaimConfirmed, nil
	}
	return ClaimPending, nil
}

// namesOther reports whether the server named a click for the customer that leads
// elsewhere than the claim's. Another click on the same partner's program takes
// nothing from anybody.
func (u *unit) namesOther(who *customer, claim claimDoc) (bool, error) {
	if len(who.doc.Clicks) == 0 {
		return false, nil
	}
	stored, err := u.e.store.Clicks(u.ctx, u.e.org, who.doc.Clicks)
	if err != nil {
		return false, err
	}
	stored = slices.Concat(stored, u.change.Clicks)
	for _, id := range who.doc.Clicks {
		i := slices.IndexFunc(stored, func(c attribution.Click) bool { return c.ID == id })
		if i < 0 || stored[i].Partner != claim.Partner || stored[i].Program != claim.Program {
			return true, nil
		}
	}
	return false, nil
}
