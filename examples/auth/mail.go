package auth

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/wneessen/go-mail"
)

// Message is a mail of plain text.
type Message struct{ To, Subject, Text string }

// Mailer sends mails.
type Mailer interface {
	Send(ctx context.Context, m Message) error
}

// Outbox keeps the last mails in memory, and prints them where Print is set: for
// trying things out, and for tests. The zero value is ready to use.
type Outbox struct {
	Print io.Writer

	mu   sync.Mutex
	sent []Message
}

// Send keeps a mail.
func (o *Outbox) Send(_ context.Context, m Message) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.sent = append(o.sent, m); len(o.sent) > 100 {
		o.sent = o.sent[1:]
	}
	if o.Print == nil {
		return nil
	}
	_, err := fmt.Fprintf(o.Print, "\nMail to %s: %s\n%s\n", m.To, m.Subject, m.Text)
	return err
}

// Sent returns the last mails that were sent, in order.
func (o *Outbox) Sent() []Message {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]Message(nil), o.sent...)
}

// Forget empties the outbox.
func (o *Outbox) Forget() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.sent = nil
}

// SMTP sends mails through a server, over TLS or not at all.
type SMTP struct {
	client *mail.Client
	from   string
}

// NewSMTP returns the mailer of a server. Options of package mail change what is
// the default: port 587, STARTTLS required, the login that the server prefers.
func NewSMTP(host, user, password, from string, options ...mail.Option) (*SMTP, error) {
	defaults := []mail.Option{mail.WithTLSPortPolicy(mail.TLSMandatory)}
	if user != "" {
		defaults = append(defaults, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	client, err := mail.NewClient(host, append(defaults, options...)...)
	return &SMTP{client, from}, err
}

// Send sends a mail.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg := mail.NewMsg()
	if err := msg.From(s.from); err != nil {
		return err
	}
	if err := msg.To(m.To); err != nil {
		return err
	}
	msg.Subject(m.Subject)
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return s.client.DialAndSendWithContext(ctx, msg)
}
