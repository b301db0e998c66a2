package auth

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/netip"
	"strings"
	"time"

	"github.com/goaffiliate/affiliate/affiliatehttp"
)

// How long a link lives, and how many may be asked for in that time.
const (
	linkLife   = 15 * time.Minute
	perAddress = 5
	perNetwork = 20
)

// Errors of asking for a link and of using one.
var (
	ErrAddress = errors.New("auth: not an e-mail address")
	ErrTooMany = errors.New("auth: too many links asked for")
	ErrNoLink  = errors.New("auth: the link is used, expired or was never sent")
)

// Ask notes that somebody wants a link for an address. It does not find out whose
// address that is, so its answer cannot tell. The error is ErrAddress, ErrTooMany
// or the database's.
func (a *Auth) Ask(ctx context.Context, address, next string, from netip.Addr) error {
	address, err := clean(address)
	if err != nil {
		return err
	}
	tx, err := a.DB.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	now := a.Now()
	if _, err := tx.ExecContext(ctx, `DELETE FROM auth_attempts WHERE at <= ?`, now.Add(-linkLife).UnixMicro()); err != nil {
		return err
	}
	for _, limit := range []struct {
		source string
		most   int
	}{{"address " + address, perAddress}, {"network " + network(from), perNetwork}} {
		if err := attempt(ctx, tx, hashOf(limit.source), limit.most, now); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO auth_links (email, next, asked) VALUES (?, ?, ?)`, address, local(next), now.UnixMicro()); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	select {
	case a.wake <- struct{}{}:
	default: // it is awake
	}
	return nil
}

// attempt counts an attempt, unless there were too many.
func attempt(ctx context.Context, tx *sql.Tx, source string, most int, now time.Time) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM auth_attempts WHERE source = ?`, source).Scan(&n); err != nil {
		return err
	}
	if n >= most {
		return ErrTooMany
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO auth_attempts (source, at) VALUES (?, ?)`, source, now.UnixMicro())
	return err
}

// Asked is readable once somebody has asked for a link: time for SendLinks.
func (a *Auth) Asked() <-chan struct{} { return a.wake }

type asked struct {
	id      int64
	address string
}

// SendLinks sends the links that were asked for and not sent yet, and forgets those
// that nobody can use any more. One that could not be sent is tried again by a
// later call. It may run in several processes.
func (a *Auth) SendLinks(ctx context.Context) error {
	old := a.Now().Add(-linkLife).UnixMicro()
	if _, err := a.DB.ExecContext(ctx, `DELETE FROM auth_links WHERE coalesce(sent, asked) <= ?`, old); err != nil {
		return err
	}
	waiting, err := a.waiting(ctx)
	for _, l := range waiting {
		err = errors.Join(err, a.send(ctx, l))
	}
	return err
}

func (a *Auth) waiting(ctx context.Context) ([]asked, error) {
	rows, err := a.DB.QueryContext(ctx, `SELECT id, email FROM auth_links WHERE sent IS NULL AND retry <= ? ORDER BY id LIMIT 100`, a.Now().UnixMicro())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []asked
	for rows.Next() {
		var l asked
		if err := rows.Scan(&l.id, &l.address); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

func (a *Auth) send(ctx context.Context, l asked) error {
	who, found, err := a.Accounts(ctx, l.address)
	if err != nil {
		return err
	}
	if !found {
		_, err := a.DB.ExecContext(ctx, `DELETE FROM auth_links WHERE id = ?`, l.id)
		return err
	}
	token, now := rand.Text()+rand.Text(), a.Now()
	claim, err := a.DB.ExecContext(ctx, `UPDATE auth_links SET hash = ?, account = ?, retry = ? WHERE id = ? AND sent IS NULL AND retry <= ?`,
		hashOf(token), accountKey(who), now.Add(time.Minute).UnixMicro(), l.id, now.UnixMicro())
	if err != nil {
		return err
	}
	if n, err := claim.RowsAffected(); err != nil || n == 0 {
		return err // another process is at it
	}
	if err := a.Mailer.Send(ctx, a.message(l.address, token)); err != nil {
		return fmt.Errorf("auth: link %d not sent: %w", l.id, err)
	}
	_, err = a.DB.ExecContext(ctx, `UPDATE auth_links SET sent = ? WHERE id = ?`, now.UnixMicro(), l.id)
	return err
}

func (a *Auth) message(address, token string) Message {
	return Message{
		To:      address,
		Subject: "Your link to sign in to " + a.Name,
		Text: fmt.Sprintf("Open this page and press the button to sign in to %s:\n\n%s%s/signin/confirm?token=%s\n\n"+
			"The link works once, within %d minutes. If you did not ask for it, ignore this mail: nobody gets in without it.\n",
			a.Name, a.BaseURL, a.Prefix, token, int(linkLife.Minutes())),
	}
}

// peek returns whom a link is for, and does not use it.
func (a *Auth) peek(ctx context.Context, token string) (address string, err error) {
	err = a.DB.QueryRowContext(ctx, `SELECT email FROM auth_links WHERE hash = ? AND sent > ? AND used IS NULL`,
		hashOf(token), a.Now().Add(-linkLife).UnixMicro()).Scan(&address)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoLink
	}
	return address, err
}

// use uses a link: of several at once, one wins.
func (a *Auth) use(ctx context.Context, token string) (address, next string, who affiliatehttp.Principal, err error) {
	now := a.Now()
	var account string
	err = a.DB.QueryRowContext(ctx, `UPDATE auth_links SET used = ? WHERE hash = ? AND sent > ? AND used IS NULL RETURNING email, account, next`,
		now.UnixMicro(), hashOf(token), now.Add(-linkLife).UnixMicro()).Scan(&address, &account, &next)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoLink
	}
	if err != nil {
		return "", "", who, err
	}
	who, found, err := a.Accounts(ctx, address)
	if err == nil && (!found || accountKey(who) != account) {
		err = ErrNoLink
	}
	if err == nil { // what is in older mails opens nothing any more
		_, err = a.DB.ExecContext(ctx, `DELETE FROM auth_links WHERE email = ? AND used IS NULL`, address)
	}
	return address, next, who, err
}

// clean returns an address as it is compared.
func clean(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	address, err := mail.ParseAddress(text)
	if err != nil || address.Address != text || len(text) > 254 {
		return "", ErrAddress
	}
	return text, nil
}

// local returns a path on the same host, or nothing.
func local(next string) string {
	bad := strings.ContainsFunc(next, func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f })
	if bad || len(next) > 500 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return ""
	}
	return next
}

// network is the part of an address that attempts are counted by.
func network(addr netip.Addr) string {
	bits := 64
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return "unknown"
	}
	return prefix.String()
}

func (a *Auth) ask(r *http.Request) error {
	return a.Ask(r.Context(), r.PostFormValue("email"), r.PostFormValue("next"), a.ClientIP(r))
}
