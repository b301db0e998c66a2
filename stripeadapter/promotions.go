package stripeadapter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/goaffiliate/affiliate/stripeadapter/internal/book"
)

// promotion is what is known of a promotion code, and who waits to know it. Any
// number of payments may: those that do not fit here are in documents of their own,
// so that a payment that comes writes little, and the answer is given to a few at a
// time.
type promotion struct {
	Code    string   `json:"code,omitempty"`
	Waiting []string `json:"waiting,omitempty"` // payments
	Lists   int      `json:"lists,omitempty"`   // of maxWaiting more each
}

// maxWaiting is how many payments are in one document, and told in one commit.
const maxWaiting = 200

// waitingKey is where a list of payments is kept that wait for a promotion code.
func waitingKey(promotionCode string, list int) string {
	return documentKey(promotionKey(promotionCode) + "/waiting/" + strconv.Itoa(list))
}

// code returns the promo code that a sale carries: the first that is one of the
// organization's, or else the first. What is not known makes the payment wait for
// it, while it counts without.
func (t promotionReader) code(p *book.Payment, sale book.Sale) (string, error) {
	codes := slices.Clone(sale.Codes)
	promotions := slices.Clone(sale.Promotions)
	if sale.Untold {
		told, err := t.lookUp(question{what: promotionsOfObject, object: sale.ID})
		if err != nil {
			return "", err
		}
		promotions = append(promotions, told...)
		if len(told) == 0 && t.a.cfg.Lookup == nil {
			t.addMissing(MissingPromotion)
		} else { // kept with the payment, so that nobody asks again
			p.Sources[sale.Kind].Tell(told, nil, false)
		}
	}
	for _, id := range promotions {
		code, err := t.codeOf(id, p)
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
func (t promotionReader) codeOf(id string, p *book.Payment) (string, error) {
	var doc promotion
	key := documentKey(promotionKey(id))
	if _, err := readDocument(t.b, key, &doc); err != nil {
		return "", err
	}
	if doc.Code != "" {
		if doc.waits() && t.behind == "" {
			t.behind = id
		}
		return doc.Code, nil
	}
	told, err := t.lookUp(question{what: codeOf, object: id})
	if err != nil {
		return "", err
	}
	if len(told) > 0 {
		doc.Code = told[0]
		return doc.Code, writeDocument(t.b, key, doc)
	}
	t.addMissing(MissingPromotion)
	if slices.Contains(p.Waits, id) {
		return "", nil
	}
	p.Waits = append(p.Waits, id)
	slices.Sort(p.Waits)
	if len(doc.Waiting) >= maxWaiting {
		doc.Lists++
		if err := writeDocument(t.b, waitingKey(id, doc.Lists), doc.Waiting); err != nil {
			return "", err
		}
		doc.Waiting = nil
	}
	doc.Waiting = append(doc.Waiting, p.ID())
	return "", writeDocument(t.b, key, doc)
}

func (p promotion) waits() bool { return len(p.Waiting)+p.Lists > 0 }

func (t promotionReader) addMissing(what Missing) {
	if !slices.Contains(t.result.Missing, what) {
		t.result.Missing = append(t.result.Missing, what)
	}
}

// savePromotion keeps what a promotion code reads, and applies payments that waited
// for it: as many as one commit takes. If more wait, the same news are told again;
// should that fail, whatever names the promotion code next goes on.
func (t promotionReader) savePromotion() error {
	id, code := t.behind, ""
	if p := t.n.promotion; p != nil {
		id, code = p.ID, p.Code
	}
	if id == "" {
		return nil
	}
	var doc promotion
	key := documentKey(promotionKey(id))
	if _, err := readDocument(t.b, key, &doc); err != nil {
		return err
	}
	known := doc.Code != ""
	doc.Code = cmp.Or(doc.Code, code)
	if doc.Code == "" || known && !doc.waits() {
		return nil
	}
	waiting := doc.Waiting
	doc.Waiting = nil
	if len(waiting) == 0 && doc.Lists > 0 {
		list := waitingKey(id, doc.Lists)
		if _, err := readDocument(t.b, list, &waiting); err != nil {
			return err
		}
		if err := writeDocument(t.b, list, []string{}); err != nil {
			return err
		}
		doc.Lists--
	}
	if err := writeDocument(t.b, key, doc); err != nil {
		return err
	}
	t.more = t.n.promotion != nil && doc.waits()
	for _, payment := range waiting {
		if err := t.applyAgain(payment); err != nil {
			return err
		}
	}
	return nil
}
