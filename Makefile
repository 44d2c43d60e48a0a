# `make` prints what there is.

BENCH ?= .
COUNT ?= 3
SEEDS ?= 5000
KILLS ?= 20
PLAYS ?= bot/bottest/testdata/plays/*.play

.DEFAULT_GOAL := help
.PHONY: help tools test race vet fmt lint house example check plays demo bench soak build

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the sandbox page: play every part, move time
	go run ./cmd/butler demo

test: ## go vet and every test; finds or installs redis-server and chromium
	@.ci/tools || true
	@go vet ./...; vet=$$?; go test -timeout 8m ./... && exit $$vet

check: fmt vet lint house example race ## all that a change must pass: gofmt, vet, house rules, the example config, race

race: ## every test under the race detector (needs a C compiler)
	@.ci/tools || true
	CGO_ENABLED=1 go test -race -timeout 20m ./...

plays: ## run the plays against a virtual clock
	go run ./cmd/butler play $(PLAYS)

bench: ## the benchmarks of the bot and the stores, as medians (COUNT=3, BENCH=.)
	@go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) -timeout 60m ./bot/... ./cmd/wire ./integrations/... | awk -f .ci/median.awk

soak: ## hostility for long: simulated worlds (SEEDS=5000), stores and the binary under kill -9 (KILLS=20)
	@.ci/tools || true
	go test ./bot/bottest -run TestSim -seeds $(SEEDS) -timeout 60m
	go test ./integrations/sqlite ./integrations/redis ./cmd/butler -run 'Kill' -count $(KILLS) -p 1 -timeout 60m

build: ## the binary, in dist/
	CGO_ENABLED=0 go build -trimpath -o dist/butler ./cmd/butler

tools: ## find or install redis-server and chromium
	@.ci/tools

vet:
	go vet ./...

fmt:
	@bad=$$(gofmt -l $$(git ls-files '*.go' 2>/dev/null || find . -name '*.go')); \
	if [ -n "$$bad" ]; then echo "not formatted; run gofmt -w on:"; echo "$$bad"; exit 1; fi

# staticcheck is used where it is installed; nothing depends on it.
lint:
	@if command -v staticcheck >/dev/null; then staticcheck ./...; fi

house:
	go test ./house/...

# The example names secrets, so it is checked beside files and in an environment
# that hold some.
example:
	@dir=$$(mktemp -d) && trap 'rm -rf "$$dir"' EXIT && mkdir $$dir/secrets && cp config/butler.example.yaml $$dir/ && \
	for f in dingtalk openai scanner; do echo an-example-that-is-long-enough >$$dir/secrets/$$f; done && \
	env SLACK_APP_TOKEN=xapp-example SLACK_BOT_TOKEN=xoxb-example DINGTALK_CLIENT_ID=example \
		WAF_TOKEN=another-example-that-is-long SANDBOX_TOKEN=an-example-that-is-long-enough \
		go run ./cmd/butler check -c $$dir/butler.example.yaml
