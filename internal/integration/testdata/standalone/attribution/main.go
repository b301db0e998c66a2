package main

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/attribution"
)

func main() {
	sold := time.Now()
	credits, err := attribution.Attribute([]attribution.Click{
		{ID: "c1", Partner: "ada", Program: "main", At: sold.Add(-72 * time.Hour)},
		{ID: "c2", Partner: "bob", Program: "main", At: sold.Add(-48 * time.Hour)},
		{ID: "c3", Partner: "cleo", Program: "main", At: sold.Add(-24 * time.Hour)},
	}, sold, attribution.Position, 60*24*time.Hour)
	for _, c := range credits {
		fmt.Println(c.Partner, c.Share, err)
	} // Output: ada 2/5 <nil>; bob 1/5 <nil>; cleo 2/5 <nil>
}
