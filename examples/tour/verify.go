package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/attribution"
	"github.com/goaffiliate/affiliate/examples/auth"
)

// A sign-up pays a bounty, and anybody can type addresses into a form all day. So
// the library learns of a sign-up once the holder of the address has said that it is
// theirs, by a button on a page that only a mail to that address leads to.

// proofLife is for how long a link to verify an address works, and proofsAt how many
// are sent to one address in that time, whoever asks.
const (
	proofLife = 24 * time.Hour
	proofsAt  = 3
)

var errNoProof = errors.New("the link is used, too old, or was never sent")

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// sendProofs sends the mails that new customers verify their addresses by. One that
// could not be sent is sent by a later call, with a new link.
func (a *app) sendProofs(ctx context.Context) (err error) {
	for range proofsAt {
		waiting, failed := a.unproven(ctx)
		err = errors.Join(err, failed)
		for _, c := range waiting {
			err = errors.Join(err, a.sendProof(ctx, c.id, c.email))
		}
	}
	return err
}

func (a *app) sendProof(ctx context.Context, customer, email string) error {
	token := rand.Text() + rand.Text()
	if _, err := a.db.ExecContext(ctx, `UPDATE shop_proofs SET hash = ? WHERE customer = ?`, hashOf(token), customer); err != nil {
		return err
	}
	err := a.mailer.Send(ctx, auth.Message{
		To: email, Subject: "Is this your address?",
		Text: fmt.Sprintf("Open this page and press the button to finish your sign-up to Margin Notes:\n\n%s/verify?token=%s\n\n"+
			"If you did not sign up, ignore this mail.\n", a.base, token),
	})
	if err != nil {
		return fmt.Errorf("verify the address of %s: %w", customer, err)
	}
	_, err = a.db.ExecContext(ctx, `UPDATE shop_proofs SET mailed = ? WHERE customer = ?`, a.clock.now().UnixMicro(), customer)
	return err
}

// verifyPage shows a button, and changes nothing: programs that look at mail follow
// links.
func (a *app) verifyPage(w http.ResponseWriter, r *http.Request) {
	token := r.URL.Query().Get("token")
	_, email, err := a.proven(r.Context(), token)
	if err != nil {
		a.proofFailed(w, r, err)
		return
	}
	w.Header().Set("Referrer-Policy", "same-origin")
	a.show(w, r, "verify", map[string]any{"Email": email, "Token": token})
}

// verify believes the address, and tells the library of the sign-up. Pressed twice,
// or after a crash in between, it tells the same again.
func (a *app) verify(w http.ResponseWriter, r *http.Request) {
	customer, _, err := a.proven(r.Context(), r.FormValue("token"))
	if err == nil {
		err = a.signedUp(r.Context(), customer)
	}
	if err == nil {
		_, err = a.db.ExecContext(r.Context(), `UPDATE shop_proofs SET verified = ? WHERE customer = ? AND verified IS NULL`, a.clock.now().UnixMicro(), customer)
	}
	if err != nil {
		a.proofFailed(w, r, err)
		return
	}
	a.show(w, r, "verified", nil)
}

// signedUp tells the library of a sign-up, as of when it was, and whose address the
// customer has.
func (a *app) signedUp(ctx context.Context, customer string) error {
	var since int64
	var email string
	err := a.db.QueryRowContext(ctx, `SELECT since, email FROM shop_customers WHERE id = ?`, customer).Scan(&since, &email)
	if err != nil {
		return err
	}
	if _, err := a.eng.Identify(ctx, affiliate.Identify{Customer: customer, Email: email}); err != nil {
		return err
	}
	_, err = a.eng.RecordConversion(ctx, affiliate.Conversion{
		ID: "signup:" + customer, Type: attribution.Signup, Customer: customer, Program: programID, At: time.UnixMicro(since).UTC(),
	})
	return err
}

func (a *app) proofFailed(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, errNoProof) {
		a.fail(w, r, err)
		return
	}
	http.Error(w, "This link is too old, or a later mail took its place.", http.StatusGone)
}

type unprovenCustomer struct{ id, email string }

// unproven returns customers who wait for a mail, one of each address. Where an
// address got several lately, the others wait: a stranger who signs up in somebody's
// name all day long fills nobody's mailbox.
func (a *app) unproven(ctx context.Context) ([]unprovenCustomer, error) {
	rows, err := a.db.QueryContext(ctx, `SELECT min(p.customer), c.email FROM shop_proofs p JOIN shop_customers c ON c.id = p.customer
		WHERE p.mailed IS NULL AND p.verified IS NULL AND (
			SELECT count(*) FROM shop_proofs q JOIN shop_customers d ON d.id = q.customer WHERE lower(d.email) = lower(c.email) AND q.mailed > ?
		) < ? GROUP BY lower(c.email) LIMIT 100`, a.clock.now().Add(-proofLife).UnixMicro(), proofsAt)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []unprovenCustomer
	for rows.Next() {
		var c unprovenCustomer
		if err := rows.Scan(&c.id, &c.email); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// proven returns whose address a token verifies.
func (a *app) proven(ctx context.Context, token string) (customer, email string, err error) {
	err = a.db.QueryRowContext(ctx, `SELECT p.customer, c.email FROM shop_proofs p JOIN shop_customers c ON c.id = p.customer
		WHERE p.hash = ? AND p.mailed > ?`, hashOf(token), a.clock.now().Add(-proofLife).UnixMicro()).Scan(&customer, &email)
	if errors.Is(err, sql.ErrNoRows) {
		err = errNoProof
	}
	return customer, email, err
}
