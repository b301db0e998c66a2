// Package ui is the look and the safety of the pages that partners and owners
// see: layout, style sheet, icons, charts, the words for states, forms that
// other sites cannot send, headers that keep foreign content out, and opaque ids.
//
// A Kit belongs to one set of pages. It renders html/template pages in a shared
// layout; the style is one embedded sheet and a small one made from the Brand.
// Nothing is loaded from elsewhere, no style or script stands in a page, and
// every page works without script.
//
// What may not live here: what is on a page, and anything about partners,
// programs or money beyond writing an amount down.
package ui
