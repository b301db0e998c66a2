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

// How long a link lives; for how much of that time it stands in for another one;
// and how many are sent to an address in that time, where many are asked for.
const (
	linkLife   = 15 * time.Minute
	linkFresh  = 10 * time.Minute
	perAddress = 3
	perNetwork = 20
)

// Errors of asking for a link and of using one.
var (
	ErrAddress = errors.New("auth: not an e-mail address")
	ErrNoLink  = errors.New("auth: the link is used, expired or was never sent")
)

// Ask notes that somebody wants a link for an address. It does not find out whose
// address that is, nor how many were asked for already, so neither its answer nor
// the time that it takes can tell. The error is ErrAddress or the database's.
func (a *Auth) Ask(ctx context.Context, address, next string, from netip.Addr) error {
	address, err := clean(address)
	if err != nil {
		return err
	}
	_, err = a.DB.ExecContext(ctx, `INSERT INTO auth_requests (email, next, source, asked) VALUES (?, ?, ?, ?)`,
		address, local(next), network(from), a.Now().UnixMicro())
	if err != nil {
		return err
	}
	select {
	case a.wake <- struct{}{}:
	default: // it is awake
	}
	return nil
}

// Asked is readable once somebody has asked for a link: time for SendLinks.
func (a *Auth) Asked() <-chan struct{} { return a.wake }

type asked struct {
	id              int64
	address, source string
}

// SendLinks sends the links that were asked for and not sent yet, and forgets those
// that nobody can use any more. One that could not be sent is tried again by a
// later call. It may run in several processes.
//
// Anybody can ask for a link to anybody's address, so no number of requests keeps
// its holder from signing in. Where an address has got enough links, nothing more is
// sent to it as long as those it has can be used for a while; what is in the mailbox
// then is as good as another mail.
func (a *Auth) SendLinks(ctx context.Context) error {
	old := a.Now().Add(-linkLife).UnixMicro()
	if _, err := a.DB.ExecContext(ctx, `DELETE FROM auth_requests WHERE coalesce(done, asked) <= ?`, old); err != nil {
		return err
	}
	var failed error
	for after := int64(0); ; {
		batch, err := a.waiting(ctx, after)
		if err != nil || len(batch) == 0 {
			return errors.Join(failed, err)
		}
		for _, l := range batch {
			failed = errors.Join(failed, a.send(ctx, l))
		}
		after = batch[len(batch)-1].id
	}
}

// waiting returns what waits to be sent, in the order in which it was asked for.
func (a *Auth) waiting(ctx context.Context, after int64) ([]asked, error) {
	rows, err := a.DB.QueryContext(ctx, `SELECT id, email, source FROM auth_requests WHERE done IS NULL AND retry <= ? AND id > ? ORDER BY id LIMIT 100`,
		a.Now().UnixMicro(), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []asked
	for rows.Next() {
		var l asked
		if err := rows.Scan(&l.id, &l.address, &l.source); err != nil {
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
	now, account := a.Now(), accountKey(who)
	enough := !found
	if found {
		if enough, err = a.enough(ctx, l, account, now); err != nil {
			return err
		}
	}
	if enough { // the row stays for a while, and counts for its network
		_, err := a.DB.ExecContext(ctx, `UPDATE auth_requests SET done = ? WHERE id = ? AND done IS NULL`, now.UnixMicro(), l.id)
		return err
	}
	token := rand.Text() + rand.Text()
	claim, err := a.DB.ExecContext(ctx, `UPDATE auth_requests SET hash = ?, account = ?, retry = ? WHERE id = ? AND done IS NULL AND retry <= ?`,
		hashOf(token), account, now.Add(time.Minute).UnixMicro(), l.id, now.UnixMicro())
	if err != nil {
		return err
	}
	if n, err := claim.RowsAffected(); err != nil || n == 0 {
		return err // another process is at it
	}
	if err := a.Mailer.Send(ctx, a.message(l.address, token)); err != nil {
		return fmt.Errorf("auth: link %d not sent: %w", l.id, err)
	}
	_, err = a.DB.ExecContext(ctx, `UPDATE auth_requests SET done = ? WHERE id = ?`, now.UnixMicro(), l.id)
	return err
}

// enough reports whether an address has got enough links that its account can
// still use for a while: three of them, or one where a network asks for many.
func (a *Auth) enough(ctx context.Context, l asked, account string, now time.Time) (bool, error) {
	var asked, usable int
	err := a.DB.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM auth_requests WHERE source = ?1 AND source <> '' AND asked > ?2),
		(SELECT count(*) FROM auth_requests WHERE email = ?3 AND account = ?4 AND hash IS NOT NULL AND used IS NULL AND done > ?5)`,
		l.source, now.Add(-linkLife).UnixMicro(), l.address, account, now.Add(-linkFresh).UnixMicro()).Scan(&asked, &usable)
	if asked > perNetwork {
		return usable >= 1, err
	}
	return usable >= perAddress, err
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
	err = a.DB.QueryRowContext(ctx, `SELECT email FROM auth_requests WHERE hash = ? AND done > ? AND used IS NULL`,
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
	err = a.DB.QueryRowContext(ctx, `UPDATE auth_requests SET used = ? WHERE hash = ? AND done > ? AND used IS NULL RETURNING email, account, next`,
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
		_, err = a.DB.ExecContext(ctx, `DELETE FROM auth_requests WHERE email = ? AND used IS NULL`, address)
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

// network is the part of an address that requests are counted by; of one that is
// not known, nothing.
func network(addr netip.Addr) string {
	bits := 64
	if addr.Is4() {
		bits = 24
	}
	prefix, err := addr.Prefix(bits)
	if err != nil {
		return ""
	}
	return prefix.String()
}

func (a *Auth) ask(r *http.Request) error {
	return a.Ask(r.Context(), r.PostFormValue("email"), r.PostFormValue("next"), a.ClientIP(r))
}
