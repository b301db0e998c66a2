// Command nethttp is the main job: referral links, sign-up, checkout, refund, payouts
// and a portal, with the Engine in the process and in the host's own SQLite file.
//
//	go run ./examples/nethttp        serves http://127.0.0.1:8080
//	go run ./examples/nethttp -demo  walks through all of it and checks the figures
//
// Sign-in, API keys, mails, a console and sample data are in ../tour.
package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"database/sql"
	"flag"
	"log"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/goaffiliate/affiliate"
	"github.com/goaffiliate/affiliate/affiliatehttp"
	"github.com/goaffiliate/affiliate/affiliatehttp/portal"
	"github.com/goaffiliate/affiliate/commission"
	"github.com/goaffiliate/affiliate/program"
	"github.com/goaffiliate/affiliate/storage/sqlite"
	_ "modernc.org/sqlite" // the driver is the host's choice
)

func main() {
	addr, file := flag.String("addr", "127.0.0.1:8080", "address to listen on"), flag.String("db", "affiliate-nethttp.db", "database file")
	play := flag.Bool("demo", false, "walk through all of it, check the figures, and exit")
	flag.Parse()
	if *play {
		os.Exit(demo())
	}
	s := newShop("http://"+*addr, *file, time.Now)
	go func() {
		for range time.Tick(time.Minute) { // neither does anything twice
			log.Println(s.eng.Settle(context.Background(), 0))
			log.Println(s.eng.RunPayouts(context.Background(), affiliate.PayoutRun{}))
		}
	}()
	log.Printf("http://%s/r/ada leads to the shop; /portal is for ada, with the password %s", *addr, s.password)
	server := &http.Server{Addr: *addr, Handler: s.routes(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, WriteTimeout: time.Minute, IdleTimeout: time.Minute}
	log.Fatal(server.ListenAndServe())
}

// shop is the host: it sells one subscription for 49.00 a month. Keys and the
// partners' password are new at each start; a real shop keeps its own.
type shop struct {
	eng      *affiliate.Engine
	aff      *affiliatehttp.Handler
	portal   http.Handler
	password string
}

// newShop opens the database and wires everything up.
func newShop(base, file string, now func() time.Time) *shop {
	ctx, home, key := context.Background(), base+"/", []byte(rand.Text()+rand.Text())
	db := must(sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"))
	store := must(sqlite.New(db, sqlite.Config{}))
	must(0, store.Migrate(ctx))
	s := &shop{eng: must(affiliate.New(store, affiliate.Config{Now: now})), password: rand.Text()}
	// The offer. Said again at the next start, it changes nothing.
	rules := []commission.Rule{{ID: "share", Trigger: commission.Every, Type: commission.Percent, Value: "20", Recurring: true, Months: 12}}
	must(s.eng.CreateProgram(ctx, "main", program.SettingsChange{DestinationURL: &home, Rules: rules}, affiliate.Always()))
	must(s.eng.CreatePartner(ctx, "ada", program.Profile{Name: new("Ada")}, affiliate.Always()))
	must(s.eng.ApprovePartnership(ctx, "ada", "main", affiliate.Always()))
	must(s.eng.AddLink(ctx, affiliate.Link{Key: "ada", Partner: "ada", Program: "main", EffectiveAt: affiliate.Always()}))

	s.aff = must(affiliatehttp.New(s.eng, affiliatehttp.Config{Keys: [][]byte{key}, Insecure: true})) // behind https: not Insecure
	s.portal = must(portal.New(s.eng, portal.Config{Key: key, BaseURL: base, Insecure: true, Authenticate: func(r *http.Request) (string, error) {
		if name, password, _ := r.BasicAuth(); subtle.ConstantTimeCompare([]byte(password), []byte(s.password)) == 1 {
			return name, nil
		}
		return "", affiliatehttp.ErrForbidden
	}}))
	return s
}

func (s *shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /r/{link}", s.aff.Redirect)
	mux.Handle("/portal/", s.portal)
	mux.Handle("/portal", s.portal)
	mux.Handle("POST /signup", action(func(r *http.Request) (any, error) { // the visitor becomes a customer
		return s.eng.Identify(r.Context(), affiliate.Identify{Customer: r.FormValue("customer"), Visitor: s.aff.Visit(r).Visitor})
	}))
	mux.Handle("POST /checkout", action(func(r *http.Request) (any, error) { // told twice, an order counts once
		return s.eng.RecordConversion(r.Context(), affiliate.Conversion{ID: r.FormValue("order"), Customer: r.FormValue("customer"), Amount: 4900})
	}))
	mux.Handle("POST /refund", action(func(r *http.Request) (any, error) {
		return s.eng.RecordRefund(r.Context(), affiliate.Refund{ID: "re_" + r.FormValue("order"), Conversion: r.FormValue("order"), All: true})
	}))
	return http.NewCrossOriginProtection().Handler(mux)
}

// action is a form's. A customer learns no more than whether it worked.
type action func(*http.Request) (any, error)

func (do action) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := do(r); err != nil {
		log.Print(err)
		http.Error(w, "Something went wrong.", http.StatusInternalServerError)
	}
}

// demo walks through the job as visitor, customer and partner.
func demo() (code int) {
	folder, now := must(os.MkdirTemp("", "shop")), time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	defer os.RemoveAll(folder) //nolint:errcheck // it is a temporary one
	s := newShop("http://shop.example", filepath.Join(folder, "shop.db"), func() time.Time { return now })
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	server, client := httptest.NewServer(s.routes()), http.Client{Jar: must(cookiejar.New(nil)), CheckRedirect: stay}
	expect := func(what string, got, want int64) {
		if log.Printf("%-26s %4d of %4d", what, got, want); got != want {
			code = 1
		}
	}
	post := func(path string, form url.Values) { must(client.PostForm(server.URL+path, form)) } //nolint:noctx // a demo
	balance := func() affiliate.Balance { return must(s.eng.Balances(context.Background(), "ada", now))[0] }
	expect("GET /r/ada", int64(must(client.Get(server.URL+"/r/ada")).StatusCode), http.StatusFound) //nolint:noctx // a demo
	post("/signup", url.Values{"customer": {"cus_1"}})
	for _, order := range []string{"in_1", "in_2", "in_2"} { // the second one is told twice
		post("/checkout", url.Values{"customer": {"cus_1"}, "order": {order}})
	}
	expect("pending of ada, in cents", balance().Pending, 2*980) // 20 % of 49.00, twice
	post("/refund", url.Values{"order": {"in_2"}})
	expect("pending after the refund", balance().Pending, 980)
	now = now.AddDate(0, 2, 0) // the holdback of 30 days is over
	must(s.eng.RunPayouts(context.Background(), affiliate.PayoutRun{}))
	expect("in a payout", balance().InPayout, 980)
	page := must(http.NewRequest(http.MethodGet, server.URL+"/portal", nil)) //nolint:noctx // a demo
	page.SetBasicAuth("ada", s.password)
	expect("GET /portal", int64(must(client.Do(page)).StatusCode), http.StatusOK)
	return code
}

// must returns a result that there is, or ends the program.
func must[T any](result T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return result
}
