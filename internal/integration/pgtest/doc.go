// Package pgtest gives tests a PostgreSQL server: the one that
// AFFILIATE_TEST_POSTGRES_URL names, one that runs on this machine, or a
// throw-away cluster from local binaries, in this order. Without any, tests are
// skipped with a sentence on stderr, and fail where CI is set.
//
// DSN and NewSchema share a server. Own starts one for a test that
// stops it, breaks its connections or fills its disk. A Proxy between a store and
// its server counts round trips and injects faults.
//
// What it returns are URLs for database/sql drivers and pgx alike.
package pgtest
