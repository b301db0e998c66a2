module github.com/goaffiliate/affiliate

go 1.25.0

require (
	github.com/google/uuid v1.6.0
	github.com/netresearch/go-cron v0.9.1
	github.com/shopspring/decimal v1.6.0
	github.com/stretchr/testify v1.12.1
	github.com/stripe/stripe-go/v76 v76.25.0
	golang.org/x/time v0.15.0
	pgregory.net/rapid v1.3.0
)

require go.yaml.in/yaml/v3 v3.0.5 // indirect
