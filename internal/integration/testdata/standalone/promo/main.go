package main

import (
	"fmt"
	"time"

	"github.com/goaffiliate/affiliate/promo"
)

func main() {
	var book promo.Book
	now := time.Now()
	fmt.Println(book.Apply(promo.Change{Code: "ADA10", Partner: "ada", Program: "main", At: now}))
	fmt.Println(book.Apply(promo.Change{Code: "ada10", Partner: "bob", Program: "main", At: now}))
	code, reason := book.Resolve(" Ada10 ", now, "main")
	fmt.Println(code.Partner, reason == "")
	_, reason = book.Resolve("ADA11", now, "main")
	fmt.Println(reason) // Output: <nil>; the code is taken; ada true; code_unknown
}
