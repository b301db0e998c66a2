package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// Scope is what an API key may do.
type Scope string

// The scopes. A key with Manage may do what an owner may; facts about customers are
// still told and read with a key for that.
const (
	Record   Scope = "record"   // tell of conversions, sales, leads, identifies and refunds
	Read     Scope = "read"     // ask what became of a conversion
	Postback Scope = "postback" // GET /v1/postback: for the trackers of others
	Manage   Scope = "manage"   // the owner's API
)

// AllScopes lists them.
func AllScopes() []Scope { return []Scope{Record, Read, Postback, Manage} }

// scopeOf is the scope that a route of package affiliatehttp asks for. What is not
// listed is the owner's.
func scopeOf(method, path string) Scope {
	post := method == http.MethodPost
	switch path {
	case "/v1/postback":
		return Postback
	case "/v1/conversions", "/v1/identify", "/v1/refunds", "/v1/track/sale", "/v1/track/lead":
		if post {
			return Record
		}
	}
	if id, ok := strings.CutPrefix(path, "/v1/conversions/"); ok && !strings.Contains(id, "/") && (method == http.MethodGet || method == http.MethodHead) {
		return Read
	}
	return Manage
}

// Keys are the API keys of one organization.
type Keys struct {
	DB  *sql.DB
	Now func() time.Time
}

// Key is what is known of an API key. Its secret is not.
type Key struct {
	ID       string // how the secret begins: tells keys apart, opens nothing
	Name     string
	Scopes   []Scope
	Created  time.Time
	Expires  time.Time // zero: never
	Revoked  time.Time // zero: not
	LastUsed time.Time // zero: never; to the minute
}

// ErrNoKey is the error of a key that is unknown, expired or revoked, and does not
// say which.
var ErrNoKey = errors.New("auth: no such API key")

// Issue makes a key. Its secret is returned this once.
func (k *Keys) Issue(ctx context.Context, name string, scopes []Scope, expires time.Time) (secret string, err error) {
	id := "aff_" + strings.ToLower(rand.Text()[:10])
	secret = id + "_" + strings.ToLower(rand.Text()+rand.Text())
	return secret, k.insert(ctx, id, name, secret, scopes, expires)
}

// adopted is how the ids of keys begin that were not made here.
const adopted = "adopted_"

// Adopt takes a secret that the host brings along, say from its environment, in
// place of the one that it brought before under the same name. The same secret again
// changes nothing: a key that the owner has revoked stays revoked. Nothing is adopted
// with "".
func (k *Keys) Adopt(ctx context.Context, name, secret string, scopes ...Scope) error {
	hash := ""
	if secret != "" {
		hash = hashOf(secret)
	}
	_, err := k.DB.ExecContext(ctx, `DELETE FROM auth_keys WHERE substr(id, 1, ?) = ? AND name = ? AND hash <> ?`, len(adopted), adopted, name, hash)
	if err != nil || secret == "" {
		return err
	}
	var n int
	err = k.DB.QueryRowContext(ctx, `SELECT count(*) FROM auth_keys WHERE id = ?`, idOf(secret)).Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	return k.insert(ctx, idOf(secret), name, secret, scopes, time.Time{})
}

func (k *Keys) insert(ctx context.Context, id, name, secret string, scopes []Scope, expires time.Time) error {
	var list []string
	for _, s := range scopes {
		if !slices.Contains(AllScopes(), s) {
			return fmt.Errorf("auth: no scope %q", s)
		}
		list = append(list, string(s))
	}
	if len(list) == 0 {
		return errors.New("auth: a key needs a scope")
	}
	_, err := k.DB.ExecContext(ctx, `INSERT INTO auth_keys (id, name, hash, scopes, created, expires) VALUES (?, ?, ?, ?, ?, ?)`,
		id, name, hashOf(secret), strings.Join(list, " "), k.Now().UnixMicro(), micros(expires))
	return err
}

// Revoke ends a key at once.
func (k *Keys) Revoke(ctx context.Context, id string) error {
	_, err := k.DB.ExecContext(ctx, `UPDATE auth_keys SET revoked = ? WHERE id = ? AND revoked = 0`, k.Now().UnixMicro(), id)
	return err
}

// List returns all keys, the latest first.
func (k *Keys) List(ctx context.Context) ([]Key, error) {
	rows, err := k.DB.QueryContext(ctx, `SELECT id, name, scopes, created, expires, revoked, used FROM auth_keys ORDER BY created DESC, id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Key
	for rows.Next() {
		var key Key
		var scopes string
		var created, expires, revoked, used int64
		if err := rows.Scan(&key.ID, &key.Name, &scopes, &created, &expires, &revoked, &used); err != nil {
			return nil, err
		}
		key.Scopes = scopesOf(scopes)
		key.Created, key.Expires, key.Revoked, key.LastUsed = fromMicros(created), fromMicros(expires), fromMicros(revoked), fromMicros(used)
		list = append(list, key)
	}
	return list, rows.Err()
}

// Check returns the scope by which the key of a request may make it. The error is
// ErrNoKey, affiliatehttp.ErrForbidden for a key without the scope, or the
// database's.
func (k *Keys) Check(r *http.Request) (Scope, error) {
	secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	id, now := idOf(secret), k.Now()
	var hash, scopes string
	var expires, revoked, used int64
	err := k.DB.QueryRowContext(r.Context(), `SELECT hash, scopes, expires, revoked, used FROM auth_keys WHERE id = ?`, id).
		Scan(&hash, &scopes, &expires, &revoked, &used)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", err
	}
	same := subtle.ConstantTimeCompare([]byte(hashOf(secret)), []byte(hash)) == 1 // also of nothing, for a key that is not there
	if !same || revoked != 0 || expires != 0 && now.UnixMicro() >= expires {
		return "", ErrNoKey
	}
	if now.Sub(fromMicros(used)) >= time.Minute { // not with every request: reading is cheaper
		if _, err := k.DB.ExecContext(r.Context(), `UPDATE auth_keys SET used = ? WHERE id = ?`, now.UnixMicro(), id); err != nil {
			return "", err
		}
	}
	need := scopeOf(r.Method, r.URL.Path)
	if !slices.Contains(scopesOf(scopes), need) {
		return "", fmt.Errorf("the key has no scope %s: %w", need, affiliatehttp.ErrForbidden)
	}
	return need, nil
}

// idOf returns the id in a secret or, where the host brought it, that of the key.
func idOf(secret string) string {
	i := strings.LastIndexByte(secret, '_')
	if !strings.HasPrefix(secret, "aff_") || i <= len("aff_") {
		return adopted + hashOf(secret)[:12]
	}
	return secret[:i]
}

func scopesOf(text string) []Scope {
	var list []Scope
	for s := range strings.FieldsSeq(text) {
		list = append(list, Scope(s))
	}
	return list
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}
