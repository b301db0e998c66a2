package ui

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"strings"
)

//go:embed assets
var embedded embed.FS

// asset is a file that pages refer to.
type asset struct {
	hash, kind string
	data       []byte
}

// loadAssets returns the files by name: the style, the brand's style, and the
// script.
func loadAssets(b Brand) (map[string]asset, error) {
	assets := map[string]asset{}
	for name, kind := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8"} {
		data, err := embedded.ReadFile("assets/" + name)
		if err != nil {
			return nil, err
		}
		assets[name] = newAsset(kind, data)
	}
	sheet, err := b.sheet()
	if err != nil {
		return nil, err
	}
	assets["brand.css"] = newAsset("text/css; charset=utf-8", []byte(sheet))
	return assets, nil
}

func newAsset(kind string, data []byte) asset {
	sum := sha256.Sum256(data)
	return asset{hex.EncodeToString(sum[:6]), kind, data}
}

// Asset returns the address of a file. It changes with the content, so that
// browsers may keep the file.
func (k *Kit) Asset(name string) string {
	return k.To(k.opt.Root + "/assets/" + k.assets[name].hash + "-" + name)
}

// ServeAsset serves the file that the path value "file" names. Files hold
// nothing about anybody, so they need no session.
func (k *Kit) ServeAsset(w http.ResponseWriter, r *http.Request) {
	hash, name, _ := strings.Cut(r.PathValue("file"), "-")
	a, ok := k.assets[name]
	Secure(w.Header())
	if !ok || a.hash != hash {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.data)
}
