package console

import (
	"errors"
	"net/http"
	"slices"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/ui"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/decision"
)

func claimPath(conversion string) string { return conversionPath(conversion) + "/claim" }

// claimed is the unconfirmed sign-up that a request names, on its conversion.
func (v *visit) claimed(click string) (x affiliate.Explanation, touch decision.Touch, err error) {
	if x, err = v.eng.Explain(v.ctx, idOf(v.r.PathValue("id"))); err != nil {
		return x, touch, err
	}
	i := slices.IndexFunc(x.How.Touches, func(t decision.Touch) bool {
		return t.Click == click && t.LeftOut == attribution.ClaimUnconfirmed
	})
	if i < 0 {
		return x, touch, affiliate.ErrNotFound
	}
	return x, x.How.Touches[i], nil
}

// claimPage asks whether a sign-up that only the browser told of is true.
func (v *visit) claimPage() error {
	x, touch, err := v.claimed(v.query("click"))
	switch {
	case errors.Is(err, affiliate.ErrNotFound) && x.Conversion.ID != "":
		return v.done(conversionPath(x.Conversion.ID), "unchanged")
	case err != nil:
		return err
	}
	return v.showForm(http.StatusOK, formBody{
		Title: "Accept this sign-up?",
		Lead:  "A browser that came by a click of " + v.partnerName(touch.Partner) + " on " + v.programName(touch.Program) + " said that this customer signed up.",
		Crumb: v.crumb("Conversion", conversionPath(x.Conversion.ID)),
		Text: []string{
			"Anybody can send such a sign-up, so it counts only once your server confirms it, for example by the same click or email address. Accept it if you know that the customer came by this partner.",
			"The sign-up and this customer’s sales are then credited by the program’s rules. This is final.",
		},
		Form: ui.Form{
			Action: v.to(claimPath(x.Conversion.ID)), Button: "Accept the sign-up",
			Hidden: []ui.Pair{{Label: "click", Text: touch.Click}},
		},
	})
}

// acceptClaim accepts a sign-up, once: sent again it changes nothing.
func (v *visit) acceptClaim() error {
	x, touch, err := v.claimed(v.input("click"))
	if err == nil {
		_, err = v.eng.AcceptClaim(v.ctx, x.Conversion.ID, touch.Click)
	}
	switch {
	case errors.Is(err, affiliate.ErrNotFound) && x.Conversion.ID != "":
		return v.done(conversionPath(x.Conversion.ID), "unchanged")
	case err != nil:
		return err
	}
	return v.done(conversionPath(x.Conversion.ID), "accepted")
}
