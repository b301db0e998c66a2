package stripeadapter

// partSize is how many objects are compared in one batch, if they need not be more.
const partSize = 200

// parts splits what was listed so that what one object says matters to no object of
// another part: the objects of a payment are in one, and those of a customer. In
// each they are in the order in which they were listed.
func (r *reconciling) parts() [][]*listed {
	g := groups{}
	for i, o := range r.objects {
		for _, key := range o.keys() {
			g.join(i, key)
		}
	}
	sizes := map[int]int{}
	for i := range r.objects {
		sizes[g.of(i)]++
	}
	var parts [][]*listed
	places := map[int]int{} // of a group's part
	room := 0
	for i, o := range r.objects {
		group := g.of(i)
		at, known := places[group]
		if !known {
			if room < sizes[group] {
				parts, room = append(parts, nil), partSize
			}
			at, room = len(parts)-1, room-sizes[group]
			places[group] = at
		}
		parts[at] = append(parts[at], o)
	}
	return parts
}

// keys are what an object has in common with others that it matters to.
func (o *listed) keys() []string {
	n := o.news
	keys := []string{"customer " + n.customer, "customer " + n.reference.Customer, "subscription " + n.subscription}
	if n.payment != nil {
		for _, name := range namesOf(n.payment) {
			keys = append(keys, "payment "+name)
		}
	}
	if o.invoice != "" {
		keys = append(keys, "payment "+o.invoice)
	}
	return keys
}

// groups are objects, by index, that have keys in common.
type groups struct {
	parents map[int]int
	first   map[string]int // the first object of a key
}

func (g *groups) join(i int, key string) {
	if g.first == nil {
		g.parents, g.first = map[int]int{}, map[string]int{}
	}
	if key[len(key)-1] == ' ' { // nobody's
		return
	}
	other, known := g.first[key]
	if !known {
		g.first[key] = i
		return
	}
	if a, b := g.of(i), g.of(other); a != b {
		g.parents[max(a, b)] = min(a, b)
	}
}

// of returns the object that stands for the group of an object.
func (g *groups) of(i int) int {
	for {
		parent, ok := g.parents[i]
		if !ok {
			return i
		}
		if over, ok := g.parents[parent]; ok { // so that the next way is shorter
			g.parents[i] = over
		}
		i = parent
	}
}
