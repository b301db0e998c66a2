package site

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/goaffiliate/affiliate/examples/auth"
	"github.com/goaffiliate/affiliate/program"
)

// What the owner changed is as the owner left it after the next start.
func TestOwnersEditsSurviveRestart(t *testing.T) {
	t.Parallel()
	opts := Options{
		File: filepath.Join(t.TempDir(), "site.db"), Base: "http://127.0.0.1:1", APIKey: "key_1", Secret: "whsec_1",
		Mailer: &auth.Outbox{}, Logger: slog.New(slog.DiscardHandler),
	}
	first, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	destination := "https://shop.example/"
	err = errors.Join(
		errOf(first.Engine.EditProgram(t.Context(), "main", program.SettingsChange{DestinationURL: &destination}, time.Time{})),
		errOf(first.Engine.EditPartner(t.Context(), "ada", program.Profile{Name: new("Augusta")}, time.Time{})),
		first.Close())
	if err != nil {
		t.Fatal(err)
	}
	opts.Base = "http://127.0.0.1:2"
	second, err := Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	setup, err := second.Engine.Configuration(t.Context())
	if err := errors.Join(err, second.Close()); err != nil {
		t.Fatal(err)
	}
	offer, _ := setup.Program("main")
	ada, _ := setup.Partner("ada")
	if got := offer.Latest().DestinationURL; got != destination || ada.Name != "Augusta" {
		t.Errorf("%s %+v", got, ada)
	}
}

// errOf drops a result that the caller does not need.
func errOf[T any](_ T, err error) error { return err }
