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
}

// authorize returns nil if the caller has one of the roles in the Engine's
// organization. An owner may come with the cookie of a session, which a browser
// sends along whoever asks it to: from other sites owners change nothing.
func (h *Handler) authorize(r *http.Request, t *tenant, roles ...Role) *failure {
	if h.cfg.Authenticate == nil {
		return unauthenticated()
	}
	who, err := h.cfg.Authenticate(r)
	switch {
	case errors.Is(err, ErrForbidden):
		return forbidden()
	case err != nil:
		return unauthenticated()
	case who.Organization != t.eng.Organization() || !slices.Contains(roles, who.Role):
		return forbidden()
	case who.Role == RoleOwner && crossOrigin(r):
		return forbidden()
	}
	return nil
}

// crossOrigin reports whether a page of another site sends a request that changes
// something.
func crossOrigin(r *http.Request) bool {
	var protection http.CrossOriginProtection
	return protection.Check(r) != nil
}
