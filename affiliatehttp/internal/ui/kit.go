package ui

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/goaffiliate/affiliate/internal/problem"
)

// Options say what a Kit serves.
type Options struct {
	Brand    Brand
	Pages    fs.FS  // one template file per page
	Override fs.FS  // templates of the host, used in place of those of the same name
	Key      []byte // secret of at least MinKey bytes: form tokens and opaque ids are made with it
	Prefix   string // what the host strips from paths, like "/aff"
	Root     string // below which the pages are, like "/portal"
	Insecure bool   // leaves out the cookie's Secure attribute, for http://localhost
}

// MinKey is how many bytes the secret of a Kit has at least.
const MinKey = 32

// Kit is what a set of pages shares. It is safe for concurrent use.
type Kit struct {
	opt    Options
	pages  *pages
	assets map[string]asset
	cross  *http.CrossOriginProtection
	token  []byte
	Seal   Sealer
}

// New returns a Kit. The error unwraps to base and names every option that
// cannot be used, or tells of a template that cannot be read.
func New(opt Options, base error) (*Kit, error) {
	var list problem.List
	if len(opt.Key) < MinKey {
		list.Add("key", "must have at least %d bytes", MinKey)
	}
	if opt.Prefix != "" && !localPath(opt.Prefix) || strings.HasSuffix(opt.Prefix, "/") {
		list.Add("prefix", "must be a path like /aff")
	}
	opt.Brand.check(&list)
	if err := list.Err(base); err != nil {
		return nil, err
	}
	k := &Kit{opt: opt, cross: http.NewCrossOriginProtection()}
	var err error
	if k.token, err = derive(opt.Key, opt.Root+" form token"); err != nil {
		return nil, err
	}
	if k.Seal, err = newSealer(opt.Key, opt.Root); err != nil {
		return nil, err
	}
	if k.assets, err = loadAssets(opt.Brand); err != nil {
		return nil, err
	}
	k.pages, err = parsePages(opt.Pages, opt.Override)
	return k, err
}

// To returns the address of a page for browsers: with the prefix that the host
// strips.
func (k *Kit) To(path string) string { return k.opt.Prefix + path }

// localPath reports whether text is a path on the same host that every browser
// reads as one.
func localPath(text string) bool {
	return strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//") &&
		!strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == '\\' || r >= 0x7f })
}
