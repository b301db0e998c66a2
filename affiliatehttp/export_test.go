package affiliatehttp

// Patterns are the paths that Routes serves.
func (h *Handler) Patterns() (list []string) {
	for _, r := range h.routes() {
		list = append(list, r.pattern)
	}
	return list
}
