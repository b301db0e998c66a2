package storagetest

import (
	"fmt"

	"github.com/goaffiliate/affiliate/storage"
)

func gateCases() []check {
	return []check{
		{"an anchor is created at version 1 and counts on", gateCounts},
		{"a gate replaces root and data", gateReplaces},
		{"a gate at another version is stale", gateStale},
		{"one stale gate of several", oneStaleGate},
		{"kinds keep their anchors apart", kindsApart},
		{"Load returns what exists, once", loadOnce},
		{"Load returns the root of a customer", loadRoot},
		{"Load of nothing", loadNothing},
	}
}

func ref(kind storage.AnchorKind, key string) storage.Ref { return storage.Ref{Kind: kind, Key: key} }

func gate(kind storage.AnchorKind, key string, version int64) storage.Gate {
	return storage.Gate{Ref: ref(kind, key), Version: version}
}

func gates(list ...storage.Gate) storage.Change { return storage.Change{Gates: list} }

// loads checks what Load returns, as "kind key version root data".
func loads(t T, s storage.Store, refs []storage.Ref, want ...string) {
	t.Helper()
	found := ok[[]storage.Anchor](t)(s.Load(t.Context(), org, refs))
	same(t, "Load", anchorTexts(found), want)
}

func anchorTexts(anchors []storage.Anchor) []string {
	list := make([]string, len(anchors))
	for i, a := range anchors {
		list[i] = fmt.Sprintf("%s %s %d %s %s", a.Kind, a.Key, a.Version, a.Root, a.Data)
	}
	return list
}

// same compares texts in any order.
func same(t T, what string, got, want []string) {
	t.Helper()
	if g, w := fmt.Sprintf("%q", sorted(got)), fmt.Sprintf("%q", sorted(want)); g != w {
		t.Errorf("%s: got  %s\n%s: want %s", what, g, what, w)
	}
}

// inOrder compares texts in their order.
func inOrder(t T, what string, got, want []string) {
	t.Helper()
	if g, w := fmt.Sprintf("%q", got), fmt.Sprintf("%q", want); g != w {
		t.Errorf("%s: got  %s\n%s: want %s", what, g, what, w)
	}
}

func gateCounts(t T, s storage.Store) {
	refs := []storage.Ref{ref("customer", "c")}
	for version := range int64(4) {
		write(t, s, gates(gate("customer", "c", version)))
		loads(t, s, refs, fmt.Sprintf("customer c %d  ", version+1))
	}
}

func gateReplaces(t T, s storage.Store) {
	refs := []storage.Ref{ref("visitor", "v")}
	g := gate("visitor", "v", 0)
	g.Root, g.Data = "root", []byte("data")
	write(t, s, gates(g))
	loads(t, s, refs, "visitor v 1 root data")
	g.Version, g.Root, g.Data = 1, "r", []byte("d")
	write(t, s, gates(g))
	loads(t, s, refs, "visitor v 2 r d")
	write(t, s, gates(gate("visitor", "v", 2)))
	loads(t, s, refs, "visitor v 3  ")
}

func gateStale(t T, s storage.Store) {
	for _, version := range []int64{1, 2, -1} {
		refuse(t, s, fmt.Sprintf("version %d of nothing", version), gates(gate("click", "c", version)))
	}
	write(t, s, gates(gate("click", "c", 0)))
	write(t, s, gates(gate("click", "c", 1)))
	for _, version := range []int64{0, 1, 3, -1} {
		refuse(t, s, fmt.Sprintf("version %d of 2", version), gates(gate("click", "c", version)))
	}
}

func oneStaleGate(t T, s storage.Store) {
	write(t, s, gates(gate("click", "a", 0), gate("click", "b", 0)))
	refuse(t, s, "the first", gates(gate("click", "a", 0), gate("click", "b", 1), gate("click", "c", 0)))
	refuse(t, s, "the second", gates(gate("click", "a", 1), gate("click", "b", 7), gate("click", "c", 0)))
	refuse(t, s, "the last", gates(gate("click", "a", 1), gate("click", "b", 1), gate("click", "c", 1)))
	write(t, s, gates(gate("click", "a", 1), gate("click", "b", 1), gate("click", "c", 0)))
}

func kindsApart(t T, s storage.Store) {
	write(t, s, gates(gate("click", "x", 0), gate("visitor", "x", 0), gate("customer", "x", 0)))
	write(t, s, gates(gate("visitor", "x", 1)))
	loads(t, s, []storage.Ref{ref("click", "x"), ref("visitor", "x"), ref("conversion", "x")}, "click x 1  ", "visitor x 2  ")
}

func loadOnce(t T, s storage.Store) {
	write(t, s, gates(gate("click", "x", 0), gate("click", "y", 0), gate("click", "z", 0)))
	loads(t, s, []storage.Ref{ref("click", "y"), ref("click", "none"), ref("click", "x"), ref("click", "y")}, "click x 1  ", "click y 1  ")
}

func loadRoot(t T, s storage.Store) {
	alias, lost, visitor := gate("customer", "alias", 0), gate("customer", "lost", 0), gate("visitor", "v", 0)
	alias.Root, lost.Root, visitor.Root = "root", "nobody", "root"
	write(t, s, gates(alias, lost, visitor, gate("customer", "root", 0), gate("click", "root", 0)))
	loads(t, s, []storage.Ref{alias.Ref}, "customer alias 1 root ", "customer root 1  ")
	loads(t, s, []storage.Ref{alias.Ref, ref("customer", "root")}, "customer alias 1 root ", "customer root 1  ")
	loads(t, s, []storage.Ref{lost.Ref}, "customer lost 1 nobody ")
	loads(t, s, []storage.Ref{visitor.Ref}, "visitor v 1 root ") // only customers are aliases
}

func loadNothing(t T, s storage.Store) {
	loads(t, s, nil)
	loads(t, s, []storage.Ref{ref("click", "x")})
}
