// Package site is what the examples of routers share: a small host with a
// database, one program and two partners, log-in, script, portal and Stripe's
// webhook. The routers differ in how they mount it, and in nothing else.
//
// Open wires it up, Routes is all that there is to mount, Main is the command
// line, and the story is what -demo plays.
package site
