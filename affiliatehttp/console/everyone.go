package console

import (
	"github.com/goaffiliate/affiliate/affiliatehttp/internal/words"
	"github.com/goaffiliate/affiliate/program"
)

// outside counts the partners who were never on a program.
func (v *visit) outside(p *program.Program) int64 {
	var n int64
	for _, who := range v.setup.Partners() {
		if _, known := v.setup.Partnership(who.ID, p.ID); !known {
			n++
		}
	}
	return n
}

// everyonePage asks before all existing partners are added to a program.
func (v *visit) everyonePage() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	n := v.outside(p)
	if n == 0 {
		return v.done(programPath(p.ID), "unchanged")
	}
	return v.confirm("Add all existing partners?", "Add "+words.Count(n, "partner"), false, v.crumb(v.programName(p.ID), programPath(p.ID)),
		words.Count(n, "partner")+" who are not on "+v.programName(p.ID)+" yet are added. They keep the program’s current terms, even if the program changes its offer later.",
		"They get a code and a link right away. Partners who join later are not added by this.")
}

func (v *visit) addEveryone() error {
	p, err := v.program()
	if err != nil {
		return err
	}
	if _, err := v.eng.GrantProgram(v.ctx, p.ID); err != nil {
		return err
	}
	return v.done(programPath(p.ID), "everyone")
}
