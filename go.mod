module github.com/goaffiliate/affiliate

go 1.25.0

require (
	github.com/google/uuid v1.6.0
	github.com/netresearch/go-cron v0.9.1
	github.com/shopspring/decimal v1.6.0
	github.com/stretchr/testify v1.12.1
	pgregory.net/rapid v1.3.0
)

require (
	github.com/stripe/stripe-go/v76 v76.25.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/time v0.15.0 // indirect
)
