package integration_test

import (
	"fmt"
	"strings"
)

// hostileTo is an address that wants to lead visitors of shop.example elsewhere,
// or to make somebody read it in another way than we do.
type hostileTo struct{ name, to string }

// families are hostile addresses by the trick that they try. $good is an allowed
// host, $evil is not, and $any stands for each of the texts after it.
var families = []struct {
	name  string
	texts []string
	any   []string
}{
	{"relative", []string{"$any$evil", "$any$evil/%2e%2e", "$any$good@$evil"}, []string{
		"//", "///", "////", `\\`, `/\`, `\/`, `\/\/`, "/\t/", "/\n/", "/\r\n/", "\t//", " //", "\x00//", "/%2f/", "/%5c", "./", "../", "..//", `.\\`, "?", "#", ";//", "@", ":", ":@",
	}},
	{"slashes", []string{"https:$any$evil", "https:$any$good@$evil", "HTTPS:$any$evil/$good"}, []string{
		"", "/", `\`, `\/`, `/\`, `\\`, "///", `/\/`, `//\`, "////", "/\t/", "/\n/", "\t//", "//\t", "%2f%2f", ":// ",
	}},
	{"user", []string{"https://$any@$evil", "https://$any@$evil/$good", "https://$any@$good"}, []string{
		"$good", "$good:443", "$good:x", "$good%2f", "$good%00", "$good%09", "$good%5c", "$good/", "$good?", "$good#", "$good&", "user", "user:pw", "", ":", ":@", "@", "%40", "$good%40",
	}},
	{"backslash", []string{`https://$evil$any$good`, `https://$good$any$evil`}, []string{
		`\`, `\\`, `\@`, `/\`, `\/`, `\.`, `.\`, `\:80@`, `:443\@`, `%5c`, `%5c@`, `\t`, `\\\`, `#\@`, `?\@`,
	}},
	{"control", []string{"$anyhttps://$good", "ht$anytps://$good", "https:$any//$good", "https://$any$evil", "https://$good$any.$evil", "https://$good$any@$evil", "https://$good/$any//$evil"}, controls()},
	{"header", []string{"https://$good/$anyLocation: https://$evil", "https://$good$anySet-Cookie: x=1", "https://$evil$any$good"}, []string{
		"\r\n", "\n", "\r", "%0d%0a", "%0a", "%0d", "%0D%0A%0D%0A", "\u560d\u560a", "\u2028", "\u2029", "\u0085", "\x0b", "\x0c",
	}},
	{"between", []string{"https://$good$any$evil", "https://$evil$any$good", "https://$good.$any$evil", "https://$any$good"}, strings.Split("! \" $ % & ' ( ) * + , - . : ; < = > @ [ ] ^ _ ` { | } ~ .. -- :@ @: // /@ ?@ #@", " ")},
	{"escape", []string{"https://$good$any.$evil", "https://$evil$any$good", "https://$any$good", "https://$good$any"}, []string{
		"%00", "%09", "%0a", "%0d%0a", "%20", "%23", "%2e", "%2f", "%2F", "%3a", "%3a443", "%3f", "%40", "%5c", "%5C", "%61", "%e3%80%82", "%ef%bc%8e", "%ef%bc%8f", "%c0%af", "%252f", "%", "%zz",
	}},
	{"letters", []string{"https://$any"}, []string{
		"\u0455hop.example", "sh\u043ep.example", "shop.ex\u0430mple", "\uff53hop.example", "ⓢhop.example", "shop\u3002example", "shop\uff0eexample", "shop\uff61example", "shop\u2024example", "shop.exampl\u212f",
		"shop.example\u200b", "shop\u00ad.example", "shop.example\ufeff", "shop.example\u202e", "shop.example\uff0f$evil", "shop.example\u2215$evil", "shop.example\uff20$evil", "shop.example\uff1f$evil", "shop.example\uff03$evil", "shop.example\uff3c$evil",
		"xn--hop-fgd.example", "xn--shp-0cd.example", "xn--shop.example", "xn--shop-.example", "shop.xn--example", "xn--n3h.$good", "xn--80ak6aa92e.com", "SHOP.example\u0131", "shop.e\u017fample", "\u1e9ehop.example", "shop.example\xff", "\xffshop.example", "shop.example\xc0\xae",
	}},
	{"case", []string{"HTTPS://$any", "hTtPs://$any", "HTTP://$any", "JaVaScRiPt://$any"}, []string{"EVIL.EXAMPLE", "Evil.Example/SHOP.EXAMPLE", "SHOP.EXAMPLE.EVIL.EXAMPLE", "EVIL.EXAMPLE@SHOP.EXAMPLE", "SHOP.EXAMPLE@EVIL.EXAMPLE"}},
	{"port", []string{"https://$good:$any", "https://$good:$any/", "https://$evil:$any@$good", "https://$good:$any@$evil"}, []string{"443", "80", "8443", "", "0", "0443", "65536", "-1", "x", "443:443", "443%20", "443\t", "443.", "٤٤٣"}},
	{"dot", []string{"https://$any", "https://$any/", "https://$any:443"}, []string{"$good.", "$good..", ".$good", "..$good", "shop..example", "$evil.", "$good.$evil.", "example", "shop", ".", ".."}},
	{"name", []string{"https://$any", "https://$any/https://$good", "https://$any?$good", "https://$any#$good"}, []string{"$evil", "$good.$evil", "evil$good", "www.$good", "$good.com", "shop.exampl", "hop.example", "xshop.example", "-$good", "$good-", "localhost", "metadata.google.internal", "*.$good", "$good.localhost"}},
	{"address", []string{"https://$any", "https://$good@$any", "https://$any/$good"}, []string{"127.0.0.1", "127.1", "0", "0x7f000001", "0x7f.1", "2130706433", "017700000001", "1.2.3", "999.1.1.1", "1.1.1.1.", "[::1]", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]", "[$good]", "[$good", "$good]", "169.254.169.254"}},
	{"scheme", []string{"$any$good", "$any$evil", "$any//$good/%0aalert(1)"}, []string{"http:", "http://", "ftp://", "ws://", "wss://", "file://", "javascript:", "java\tscript:", "java\nscript:", "vbscript:", "data:text/html,", "blob:https://", "view-source:https://", "about:", "mailto:a@", "intent://", "jar:https://", "httpss://", "http:https://", "https;//", "https%3a//", "https:https://", "https://https://", " https://evil.example/", "x:"}},
}

func controls() (list []string) {
	for c := range rune(' ' + 1) {
		list = append(list, string(c))
	}
	return append(list, "\x7f", "\u0080", "\u00a0", "\u1680", "\u2000", "\u3000", "\ufeff")
}

// hostile returns them all, each once.
func hostile() (list []hostileTo) {
	seen := map[string]bool{}
	for _, f := range families {
		for _, text := range f.texts {
			for _, one := range f.any {
				to := strings.NewReplacer("$good", "shop.example", "$evil", "evil.example").Replace(strings.ReplaceAll(text, "$any", one))
				if !seen[to] {
					seen[to] = true
					list = append(list, hostileTo{fmt.Sprintf("%s %q", f.name, to), to})
				}
			}
		}
	}
	return append(list, hostileTo{"long", "https://shop.example/" + strings.Repeat("a", 2048)}, hostileTo{"empty", ""})
}
