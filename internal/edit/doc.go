// Package edit gives edits three states for every field: left out (it keeps its
// value), given (it takes the value), and removed (it has none from then on).
//
// In Go a field that is left out is nil, and the names of removed fields are
// listed in Remove. In JSON a removed field is an explicit null. Marshal and
// Unmarshal translate between the two, Check refuses what cannot be removed.
//
// What lives here: the three states. What may not: rules about any particular
// edit.
package edit
