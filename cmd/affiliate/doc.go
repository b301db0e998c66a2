// Command affiliate runs scenario files: simulations of an affiliate program,
// with what must come of them. Its format and rules are docs/scenarios.md.
//
//	affiliate simulate [--store memory|sqlite|postgres] [--dsn URL] [--shuffle SEED] [--explain] [--json] FILE...
//	affiliate version
//	affiliate help
//
// It is a module of its own, so that the database drivers it links stay out of
// the module graph of a host that imports the library. Rules do not live here:
// the command reads files, runs them by package affiliatetest, and prints.
package main
