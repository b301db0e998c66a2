package affiliatehttp

import "net/http"

// Customer serves DELETE /v1/customers/{customerId}, which erases a customer: the
// person is forgotten, what the partners earned stays (semantics 8.7). Errors: 401,
// 403, 404, 422, 503.
func (h *Handler) Customer(w http.ResponseWriter, r *http.Request) {
	h.owner(w, r, actions{http.MethodDelete: func(c *call) (int, any, *failure) {
		erased, err := c.eng.EraseCustomer(c.ctx, c.id("customerId"))
		if err != nil {
			return 0, nil, c.failed(err, wireNames{"customer": "customerId"})
		}
		return http.StatusOK, erased, nil
	}})
}
