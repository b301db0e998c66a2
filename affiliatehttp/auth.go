package affiliatehttp

import (
	"errors"
	"net/http"
	"slices"
)

// ErrForbidden may be returned by Config.Authenticate for a caller that is known
// but may not do this: the answer is 403 in place of 401.
var ErrForbidden = errors.New("affiliatehttp: forbidden")

// Role is what a caller may do.
type Role string

// The roles.
const (
	RoleOwner   Role = "owner"   // runs the organization
	RoleServer  Role = "server"  // an API key of the host's backend
	RolePartner Role = "partner" // sees what is theirs
)

// Principal is an authenticated caller.
type Principal struct {
	Organization string // must be the Engine's
	Role         Role
	Partner      string // id, for RolePartner

	// ID is the host's id of who calls, if it tells people or keys apart. It is
	// kept with reviews and shown to owners as whose they are; see
	// affiliate.WithActor. It need not be a name or an address.
	ID string
}

// authorize returns nil if the caller has one of the roles in the Engine's
// organization. An owner may come with the cookie of a session, which a browser
// sends along whoever asks it to: from other sites owners change nothing.
func (h *Handler) authorize(r *http.Request, t *tenant, roles ...Role) *failure {
	_, f := h.principal(r, t, roles...)
	return f
}

// principal is who calls, if they have one of the roles.
func (h *Handler) principal(r *http.Request, t *tenant, roles ...Role) (who Principal, f *failure) {
	if h.cfg.Authenticate == nil {
		return who, unauthenticated()
	}
	who, err := h.cfg.Authenticate(r)
	switch {
	case errors.Is(err, ErrForbidden):
		return who, forbidden()
	case err != nil:
		return who, unauthenticated()
	case who.Organization != t.eng.Organization() || !slices.Contains(roles, who.Role):
		return who, forbidden()
	case who.Role == RoleOwner && crossOrigin(r):
		return who, forbidden()
	}
	return who, nil
}

// crossOrigin reports whether a page of another site sends a request that changes
// something.
func crossOrigin(r *http.Request) bool {
	var protection http.CrossOriginProtection
	return protection.Check(r) != nil
}
