package stripeadapter

import (
	"cmp"
	"slices"
	"strings"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// promotion is what is known of a promotion code, and who waits to know it.
type promotion struct {
	Code    string   `json:"code,omitempty"`
	Waiting []string `json:"waiting,omitempty"` // payments
}

// code returns the promo code that a sale carries: the first that is one of the
// organization's, or else the first. What is not known makes the payment wait for
// it, while it counts without.
func (t *telling) code(p *book.Payment, sale book.Sale) (string, error) {
	codes := slices.Clone(sale.Codes)
	promotions := slices.Clone(sale.Promotions)
	if sale.Untold {
		told, err := t.know(question{what: promotionsOfObject, object: sale.ID})
		if err != nil {
			return "", err
		}
		promotions = append(promotions, told...)
		if len(told) == 0 && t.a.cfg.Lookup == nil {
			t.miss(MissingPromotion)
		} else { // kept with the payment, so that nobody asks again
			p.Sources[sale.Kind].Tell(told, nil, false)
		}
	}
	for _, id := range promotions {
		code, err := t.codeOf(id, p.ID())
		if err != nil {
			return "", err
		}
		if code != "" {
			codes = append(codes, code)
		}
	}
	for _, code := range codes {
		if _, ours := t.setup.Code(code); ours {
			return strings.TrimSpace(code), nil
		}
	}
	if len(codes) > 0 {
		return strings.TrimSpace(codes[0]), nil
	}
	return "", nil
}

// codeOf returns what customers type for a promotion code.
func (t *telling) codeOf(id, payment string) (string, error) {
	var doc promotion
	key := documentKey(promotionKey(id))
	if _, err := readDocument(t.b, key, &doc); err != nil || doc.Code != "" {
		return doc.Code, err
	}
	told, err := t.know(question{what: codeOf, object: id})
	if err != nil {
		return "", err
	}
	if len(told) > 0 {
		doc.Code = told[0]
		return doc.Code, writeDocument(t.b, key, doc)
	}
	t.miss(MissingPromotion)
	if slices.Contains(doc.Waiting, payment) || len(doc.Waiting) >= maxWaiting {
		return "", nil
	}
	doc.Waiting = append(doc.Waiting, payment)
	return "", writeDocument(t.b, key, doc)
}

// maxWaiting bounds how many payments wait for one promotion code to be told.
const maxWaiting = 200

func (t *telling) miss(what Missing) {
	if !slices.Contains(t.result.Missing, what) {
		t.result.Missing = append(t.result.Missing, what)
	}
}

// learnPromotion keeps what a promotion code reads, and tells the payments that
// waited for it.
func (t *telling) learnPromotion() error {
	p := t.n.promotion
	if p == nil || p.Code == "" {
		return nil
	}
	var doc promotion
	key := documentKey(promotionKey(p.ID))
	if _, err := readDocument(t.b, key, &doc); err != nil {
		return err
	}
	if doc.Code != "" && len(doc.Waiting) == 0 {
		return nil
	}
	waiting := doc.Waiting
	doc.Waiting = nil
	doc.Code = cmp.Or(doc.Code, p.Code)
	if err := writeDocument(t.b, key, doc); err != nil {
		return err
	}
	for _, id := range waiting {
		if err := t.tellAgain(id); err != nil {
			return err
		}
	}
	return nil
}
