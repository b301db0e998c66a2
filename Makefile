# The modules of the workspace: go.work is their list.
MODULES := $(shell go list -m -f '{{.Dir}}')

GOLANGCI ?= golangci-lint
TIMEOUT ?= 15m

# Scenario runs: which stores, which delivery orders, which files.
STORES ?= memory sqlite
DSN ?= $(AFFILIATE_TEST_POSTGRES_URL)
SEEDS ?= 1 2 3 4 5
FILES ?= $(sort $(wildcard testdata/scenarios/*.json))
ARGS ?=

BENCH ?= .
BENCHTIME ?= 1s
HISTORY ?= 10000000
BENCHPKGS ?= ./money/... ./attribution/... ./commission/... ./payout/... ./program/... ./decision/... ./internal/integration/...

FUZZTIME ?= 60s

# Where tests in a browser leave their screenshots.
ARTIFACTS ?= $(CURDIR)/artifacts

# Tests in which facts that belong together arrive at the same time.
SOAK_RUN ?= Meet
SOAK_COUNT ?= 20

# SQLite as translated to Go, and its libc, are left out of the race detector: they
# are not ours, and under it they take three times as long.
# Vetting is left to make lint.
RACE := -race -vet=off -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: test
test: ## Run all tests of all modules with the race detector
	AFFILIATE_CHROMIUM=off go test $(RACE) -timeout $(TIMEOUT) ./internal/integration work # the longest first
	@echo '!!! Left out: make check runs what takes long, make browser the tests in a browser.'

.PHONY: check
check: ## Run the tests that take long: every order of delivery, a thousand meetings of each kind, all drivers
	AFFILIATE_CHECK=1 go test $(RACE) -timeout $(TIMEOUT) -run 'MeetOnPostgres|StripeOn' ./internal/integration
	AFFILIATE_CHECK=1 go test -timeout $(TIMEOUT) -run 'AnswersBeside|Bystanders' ./internal/integration # answers while others write
	go test -timeout $(TIMEOUT) -run '$(SOAK_RUN)' ./internal/simulation # a thousand pairs of each kind, too many for the race detector
	AFFILIATE_SOAK=1 go test -timeout $(TIMEOUT) -run Cases ./stripeadapter # in every order of delivery
	REFERENCE_SEEDS=1000 go test -timeout $(TIMEOUT) -run AgainstReference ./affiliatetest # histories that a second implementation computed

.PHONY: browser
browser: ## Run the tests in a real Chromium; screenshots go to the folder ARTIFACTS
	cd internal/browser && CI=true AFFILIATE_ARTIFACTS="$(ARTIFACTS)" go test -count=1 -timeout $(TIMEOUT) ./...

.PHONY: bench
bench: ## Run the benchmarks, one of them after HISTORY conversions; each line ends in its ratio to the first of its group
	@set -e; out=$$(mktemp); trap 'rm -f "$$out"' EXIT; \
	AFFILIATE_BENCH_HISTORY=$(HISTORY) go test -timeout 0 -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem $(BENCHPKGS) >"$$out" 2>&1 || { cat "$$out"; exit 1; }; \
	awk '/^Benchmark.* ns\/op/ { split($$1, name, "/"); if (name[1] != group) { group = name[1]; first = $$3 } \
	  printf "%s\tx%.2f\n", $$0, first ? $$3 / first : 1; next } !/no test files|^PASS|^ok/' "$$out"

.PHONY: fuzz
fuzz: ## Fuzz every target of the tree for FUZZTIME each (default 60s)
	@set -e; targets=$$(grep -rnoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's/^(.*)\/[^\/]+:[0-9]+:func (.*)$$/\1 \2/' | sort); \
	[ -n "$$targets" ] || { echo 'no fuzz targets found' >&2; exit 1; }; \
	echo "$$targets" | while read -r dir name; do \
	  echo "== $$dir $$name"; \
	  go test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$dir" </dev/null; \
	done

.PHONY: soak
soak: ## Repeat the tests of facts that arrive together, at length (SOAK_COUNT times)
	@go test -list '$(SOAK_RUN)' ./internal/integration/... | grep -q '^Test' || { echo 'no test matches $(SOAK_RUN)' >&2; exit 1; }
	AFFILIATE_SOAK=1 go test $(RACE) -timeout 0 -run '$(SOAK_RUN)' -count $(SOAK_COUNT) ./internal/integration/...

.PHONY: lint
lint: ## Run golangci-lint in every module
	@set -e; for m in $(MODULES); do echo "== $$m"; (cd $$m && $(GOLANGCI) run --allow-parallel-runners ./...); done

.PHONY: tidy
tidy: ## Tidy every module on its own
	@set -e; for m in $(MODULES); do (cd $$m && GOWORK=off go mod tidy); done

.PHONY: scenarios
scenarios: ## Run FILES on STORES, in written order and shuffled by each of SEEDS
	@set -e; bin=$$(mktemp -d); trap 'rm -rf "$$bin"' EXIT; \
	[ -n "$(FILES)" ] || { echo 'no scenario files' >&2; exit 1; }; \
	go build -o "$$bin/affiliate" ./cmd/affiliate; \
	for store in $(STORES); do \
	  server=; [ $$store != postgres ] || [ -z "$(DSN)" ] || server="--dsn $(DSN)"; \
	  echo "== $$store"; "$$bin/affiliate" simulate --store $$store $$server $(FILES); \
	  for seed in $(SEEDS); do \
	    echo "== $$store, shuffle $$seed"; "$$bin/affiliate" simulate --store $$store $$server --shuffle $$seed $(FILES) >"$$bin/out" || { cat "$$bin/out"; exit 1; }; \
	    tail -n 1 "$$bin/out"; \
	  done; \
	done

.PHONY: simulate
simulate: ## Run the simulator: make simulate FILES=offer.json ARGS='--explain'
	go run ./cmd/affiliate simulate $(ARGS) $(FILES)

.PHONY: demo
demo: ## Run the main job on an embedded SQLite database
	go run ./examples/nethttp -demo
