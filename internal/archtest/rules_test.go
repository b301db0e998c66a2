package archtest

const modulePath = "github.com/goaffiliate/affiliate"

// flow is the order in which data flows; a package of the flow imports only the
// ones before it.
var flow = []string{
	"money/...", "attribution/...", "promo/...", "commission/...", "payout/...", "program/...", "decision/...", "storage",
}

// pureRows are the packages that decide about money. They see no context, no
// database, no log, no network, no clock and make no ids.
var pureRows = flow[:len(flow)-1]

// leaves may be imported from anywhere and import nothing of the module but a leaf
// that their rows name.
var leaves = []string{"internal/calendar/...", "internal/edit/...", "internal/layered/...", "internal/problem/...", "internal/quickjson/...", "internal/sorted/..."}

// row says what a package, or with a trailing "/..." a folder, may import.
// Packages of one row may import each other.
type row struct {
	pattern string
	may     []string
}

// layout is the layout table of the documentation as data. The row of a
// package is its own or that of the nearest folder above it; a package without
// a row is a violation.
var layout = []row{
	{"money/...", nil},
	{"attribution/...", flow[:1]},
	{"promo/...", flow[:2]},
	{"commission/...", flow[:3]},
	{"payout/...", flow[:4]},
	{"program/...", flow[:5]},
	{"decision/...", flow[:6]},
	{"storage", flow[:7]},

	{"storage/...", join(flow, "internal/...")},
	{"storage/memory/...", join(flow, "internal/...")},
	{"storage/storagetest/...", join(flow, "internal/...", "storage/memory/...")},

	{".", join(flow, "internal/...")}, // the Engine imports no store
	{"stripeadapter/...", join(flow, "internal/...", ".")},
	{"affiliatehttp/...", join(flow, "internal/...", ".")},
	{"affiliatetest/...", join(flow, "internal/...", ".", "storage/memory/...")},

	{"internal/calendar/...", nil},
	{"internal/edit/...", []string{"internal/problem/..."}},
	{"internal/layered/...", nil},
	{"internal/problem/...", nil},
	{"internal/quickjson/...", []string{"internal/sorted/..."}},
	{"internal/sorted/...", nil},
	{"internal/reference/...", nil}, // a second opinion shares no code, and only tests ask for it
	{"internal/simulation/...", join(flow, "internal/...", ".", "storage/memory/...", "affiliatetest/...")},
	{"internal/stripetest/...", join(flow, "internal/...", ".", "storage/memory/...", "affiliatetest/...", "stripeadapter/...")},
	{"internal/archtest", nil},
	{"internal/...", flow},
}

// impure is what no package of pureRows may import. A trailing "/..." covers
// the folder, too.
var impure = []string{
	"context", "database/...", "log/...", "os/...", "net", "net/http/...", "net/rpc/...", "net/smtp",
	"math/rand/...", "crypto/rand", "github.com/google/uuid",
}

// drivers are libraries that a host chooses; neither the library nor its tests
// import them in the root module.
var drivers = []string{
	"modernc.org/...", "github.com/mattn/...", "github.com/ncruces/...", "github.com/jackc/...", "github.com/lib/pq/...",
	"github.com/go-sql-driver/...", "github.com/go-chi/...", "github.com/gin-gonic/...", "github.com/labstack/...",
	"github.com/gofiber/...", "github.com/gorilla/...", "github.com/alexedwards/...", "github.com/wneessen/...",
}

// testLibraries may be imported by tests only; linked into a package they would
// end up in the binaries of hosts.
var testLibraries = []string{"github.com/stretchr/testify/...", "pgregory.net/rapid/...", "github.com/google/go-cmp/..."}

// testSuites are packages that only tests import, so that test libraries in
// them reach no binary.
var testSuites = []string{"storage/storagetest/...", "internal/simulation/...", "internal/stripetest/..."}

// clockFiles and clockFolders may read the clock: everything else takes the
// time as an argument, so that a decision can be repeated.
var (
	clockFiles   = []string{"config.go"}
	clockFolders = []string{"affiliatetest/", "cmd/", "examples/"}
)

// exactFolders are free of floating point.
var exactFolders = []string{
	"money/", "attribution/", "promo/", "commission/", "payout/", "program/", "decision/", "storage/", "internal/sql",
}

// floatNames are identifiers that give floating point away.
var floatNames = []string{
	"float32", "float64", "complex64", "complex128", "Float", "Float32", "Float64", "InexactFloat64", "NewFromFloat",
	"NewFromFloat32", "ParseFloat", "FormatFloat",
}

const (
	maxFileLines     = 400
	maxTestFileLines = 600
	maxFuncLines     = 60
)

func join(rows []string, more ...string) []string {
	return append(append([]string(nil), rows...), more...)
}
