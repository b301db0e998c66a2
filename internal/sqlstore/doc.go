// Package sqlstore is the SQL that stores of package storage share: tables
// described once, each query written once, statements prepared once, and the
// runner of migrations.
//
// What differs between databases is a Dialect. How a commit gets its locks, and
// the migrations themselves, are the stores' own. No driver is known here: no
// error of one is looked into.
package sqlstore
