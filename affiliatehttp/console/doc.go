// Package console is what an owner sees: pages below /admin.
//
//	pages, err := console.New(eng, console.Config{
//		Authenticate: sessions.Owner, Key: secret, BaseURL: "https://example.com",
//	})
//	mux.Handle("/admin/", pages)
//
// An owner sets up programs and partners here, sees why every cent was paid, and
// pays. Nobody gets in but a principal with the role owner of the Engine's
// organization. A host with many organizations gives Config.Resolve, and one
// console serves them all.
//
// The pages need no script, change nothing by GET, and believe no form that
// comes from elsewhere. A form says what it was filled in for: if that has
// changed meanwhile, nothing is written and the form is shown again. What moves
// money may be sent twice and happens once.
//
// What may not live here: rules and money arithmetic. A page reads from the
// Engine and says it in words; a form becomes one operation of the Engine.
package console
