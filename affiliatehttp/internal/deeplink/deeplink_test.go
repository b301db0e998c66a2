package deeplink

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	hosts := []string{"acme.example", "Docs.acme.example"}
	for _, good := range []string{
		"https://acme.example", "HTTPS://ACME.example/a?b=c#d", "https://docs.acme.example/?to=https://evil.example", "https://acme.example/%2F/x",
	} {
		u, ok := Check(good, hosts)
		require.True(t, ok, good)
		require.Equal(t, "https", u.Scheme)
		require.Contains(t, []string{"acme.example", "docs.acme.example"}, u.Host)
	}
	for _, bad := range []string{
		"", "//acme.example", "http://acme.example", "https:/acme.example", "https://evil.example", "https://acme.example.evil.example",
		"https://evil.acme.example", "https://acme.example:443/", "https://u@acme.example/", "https://acme.example@evil.example",
		"https://evil.example\\@acme.example", "https://acme.example\t/", "https://acme.example./", "https://аcme.example/", "javascript:alert(1)",
		"https://acme.example/\r\nX: y", "https://[::1]/", "https://acme.example%2eevil.example",
	} {
		_, ok := Check(bad, hosts)
		require.False(t, ok, bad)
	}
	_, ok := Check("https://acme.example/", nil)
	require.False(t, ok, "no hosts, no deep links")
}
