package program_test

import (
	"fmt"
	"testing"

	"github.com/goaffiliate/affiliate/program"
)

// many are the changes of an organization with so many partners, each on one program
// with a code and a link.
func many(partners int) []program.Change {
	changes := []program.Change{{
		Kind: program.CreateProgram, At: ever(), Program: "main", Settings: &program.SettingsChange{DestinationURL: home(), Rules: percent("20")},
	}}
	for i := range partners {
		id := fmt.Sprint("p", i)
		changes = append(changes,
			program.Change{Kind: program.CreatePartner, At: day(1), Partner: id, Profile: &program.Profile{Name: &id}},
			program.Change{Kind: program.Approve, At: day(1), Partner: id, Program: "main"},
			program.Change{Kind: program.AddCode, At: day(1), Partner: id, Program: "main", Key: fmt.Sprint("CODE", i), Generated: true},
			program.Change{Kind: program.AddLink, At: day(1), Partner: id, Program: "main", Key: fmt.Sprint("link", i), Generated: true},
		)
	}
	for i := range changes {
		changes[i].Seq = int64(i + 1)
	}
	return changes
}

// BenchmarkConfiguration reads 50,000 partners, adds one to 500 and to 50,000, and
// lists the links and codes of one.
func BenchmarkConfiguration(b *testing.B) {
	all := many(50_000)
	b.Run("read 50000", func(b *testing.B) {
		for b.Loop() {
			if _, err := program.Empty().With(all...); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, n := range []int{500, 50_000} {
		s, err := program.Empty().With(all[:4*n+1]...)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint("add one to ", n), func(b *testing.B) {
			name := "new"
			for i := 0; b.Loop(); i++ {
				c := program.Change{Kind: program.CreatePartner, At: day(2), Partner: fmt.Sprint("new", i), Profile: &program.Profile{Name: &name}, Seq: s.Seq + 1}
				if s, err = s.With(c); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprint("links and codes of one of ", n), func(b *testing.B) {
			for b.Loop() {
				if len(s.LinksOf("p7"))+len(s.CodesOf("p7")) != 2 {
					b.Fatal("not one of each")
				}
			}
		})
	}
}
