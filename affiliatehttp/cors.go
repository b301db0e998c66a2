package affiliatehttp

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// browser serves a route of the script: by pages of the host's sites only, and
// not more often than a person would.
func (h *Handler) browser(w http.ResponseWriter, r *http.Request, limit *limiter[netip.Prefix], do func(context.Context, *tenant, *object) (int, any, *failure)) {
	if !h.cors(w, r) || !allow(w, r, http.MethodPost) {
		return
	}
	t, f := h.tenant(r)
	if f == nil {
		f = h.throttle(r, t, limit)
	}
	serve(w, r, t, f, do)
}

// throttle counts a call by its network, if that is known.
func (h *Handler) throttle(r *http.Request, t *tenant, limits ...*limiter[netip.Prefix]) *failure {
	network := h.network(r)
	if !network.IsValid() {
		return nil
	}
	for _, limit := range limits {
		if ok, wait := limit.allow(network, t.eng.Now()); !ok {
			return tooMany(wait)
		}
	}
	return nil
}

// cors tells a browser whether a page of another site may call, and reports
// whether the request is to be served: a preflight is not, nor is a call by a
// page that may not.
func (h *Handler) cors(w http.ResponseWriter, r *http.Request) bool {
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin != "" && !h.sameSite(origin, r) {
		if !slices.Contains(h.cfg.Origins, origin) {
			fail(http.StatusForbidden, CodeForbidden, "pages of this origin may not call this route").write(w)
			return false
		}
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
	}
	if r.Method != http.MethodOptions {
		return true
	}
	w.Header().Set("Access-Control-Allow-Methods", "POST, DELETE")
	w.Header().Set("Access-Control-Allow-Headers", "Content-Type")
	w.Header().Set("Access-Control-Max-Age", "7200")
	w.WriteHeader(http.StatusNoContent)
	return false
}

// sameSite reports whether the origin is the host that was called.
func (h *Handler) sameSite(origin string, r *http.Request) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}
