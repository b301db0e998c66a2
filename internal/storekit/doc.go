// Package storekit holds what all stores do in the same way: the canonical copy
// of a row, in which two stores agree.
//
// Queries, tables and decisions do not belong here.
package storekit
