package console

import (
	"strings"

	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/money"
)

func upper(c money.Currency) string { return strings.ToUpper(string(c)) }

func lined(list []string) string { return strings.Join(list, "\n") }

func modelWords(m attribution.Model) string {
	switch m {
	case attribution.FirstClick:
		return "the first click"
	case attribution.Linear:
		return "all clicks, in equal parts"
	case attribution.Position:
		return "the first and the last click with 40% each, the others share the rest"
	default:
		return "the last click"
	}
}

func bindingWords(b attribution.BindingMode) string {
	if b == attribution.PerConversion {
		return "each payment is attributed on its own"
	}
	return "stay with the partner who brought the customer"
}

func methodsWords(list []attribution.Method) string {
	var names []string
	for _, m := range list {
		names = append(names, methodName(m))
	}
	return joined(names)
}

// methodName names a way in which credit is given.
func methodName(m attribution.Method) string {
	switch m {
	case attribution.Promo:
		return "promo code"
	case attribution.Clicks:
		return "click"
	case attribution.Match:
		return "match"
	case attribution.Manual:
		return "named partner"
	default:
		return string(m)
	}
}

// reasonWords says why something earned nothing.
func reasonWords(r attribution.Reason) string {
	switch r {
	case attribution.NoTouch:
		return "no click and no code leads to a partner"
	case attribution.OutsideWindow:
		return "the click was outside the attribution window"
	case attribution.ProgramNotActive:
		return "the program was not running"
	case attribution.PartnerNotApproved:
		return "the partner was not approved on the program"
	case attribution.PartnerSuspended:
		return "the partner was suspended"
	case attribution.SelfReferral:
		return "the customer is the partner (self-referral)"
	case attribution.Flagged:
		return "the click was flagged as not a real visit"
	case attribution.ClaimUnconfirmed:
		return "a sign-up that only the browser told of, not confirmed"
	case attribution.CodeUnknown:
		return "there is no such code"
	case attribution.CodeRetired:
		return "the code was not active then"
	case attribution.CodeOtherProgram:
		return "the code belongs to another program"
	case attribution.NoMatch:
		return "no partner’s conditions match"
	case attribution.NoRule:
		return "no commission rule applies to it"
	default:
		return strings.ReplaceAll(string(r), "_", " ")
	}
}

// whyWords says why a rule did not fire.
func whyWords(why string) string {
	switch why {
	case commission.WhyNoMatch:
		return "another type of event, or no positive amount"
	case commission.WhyNotFirst:
		return "only for a customer’s first, and this is a later one"
	case commission.WhyFirst:
		return "only for later ones, and this is the customer’s first"
	case commission.WhyCapReached:
		return "past the months per customer"
	case commission.WhyEnded:
		return "nothing repeats after the end of the program"
	default:
		return strings.ReplaceAll(why, "_", " ")
	}
}

// sourceWords says where terms come from.
func sourceWords(source commission.Source) string {
	switch source {
	case commission.FromAmendment:
		return "Custom commission"
	case commission.FromApproval:
		return "Terms they joined with"
	case commission.FromBackfill:
		return "Terms of when the program was granted to them"
	case commission.FromAdoption:
		return "The program’s terms, adopted later"
	default:
		return "The program’s terms"
	}
}
