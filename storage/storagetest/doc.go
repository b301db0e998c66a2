// Package storagetest is the suite that every store must pass: what package
// storage demands, sentence by sentence, as cases.
//
//	func TestStore(t *testing.T) {
//		storagetest.Run(t, storagetest.Harness{Open: openFreshStore})
//	}
//
//	func TestLikeMemory(t *testing.T) {
//		storagetest.Differential(t, memory.New(), openFreshStore(t), 1)
//	}
//
// Harness.Host adds the cases of a store that can join the host's transaction.
//
// The cases know no store in particular and look at nothing but its interface.
// That they fail where they should is tested with stores that are broken on
// purpose.
package storagetest
