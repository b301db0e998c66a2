// Package auth is a log-in for hosts that have none: magic links by e-mail,
// sessions, and API keys, over the host's own database. Copy it and change what
// does not fit; the library asks only for the functions that come out of it.
//
//	who, err := auth.New(ctx, auth.Config{DB: db, Accounts: auth.Of(eng, "owner@example.com"), ...})
//	affiliatehttp.Config{Authenticate: who.Authenticate}                        // keys and sessions
//	portal.Config{Authenticate: who.Partner, Session: who.Session, SignIn: who.SignInPath(),
//		SignOut: who.SignOutPath(), SignOutToken: who.SignOutToken}
//	console.Config{Authenticate: who.Owner, Session: who.Session, SignIn: who.SignInPath(),
//		SignOut: who.SignOutPath(), SignOutToken: who.SignOutToken}
//	mux.Handle("/signin", who)              // its own pages,
//	mux.Handle("/signin/", who)             // and
//	handler := who.Sessions(mux)            // all that asks who it is, behind its sessions
//
// Whoever asks for a link gets the same answer at the same speed, known or not:
// the request is only noted, and SendLinks, which the host calls from a job, looks
// up the address and sends. A link works once, for 15 minutes, for the account and
// address that it was made for, and only by a button: programs that look at mail
// press none. However many links somebody asks for, the holder of an address gets
// in: too many requests mean fewer mails, and those that were sent go on working.
//
// Every form carries a token. Forms has them for the host's own forms, too, and
// SignOutToken for the button to sign out on the pages of portal and console.
//
// At rest are hashes only: of links, of the sessions' tokens and of API keys. What
// a session may do is asked anew with every request, so an owner who is one no
// more, or a partner whose address has changed, is out at once.
package auth
