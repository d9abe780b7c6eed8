# Targets for people; `make` lists them. What the tools are and which versions, is in internal/tools/go.mod.

# Everything here is pure Go: the same bytes come out on every machine, and no C compiler is needed.
export CGO_ENABLED := 0

compile := go build -trimpath -buildvcs=false
tool    := go tool -modfile=internal/tools/go.mod
sqlc    := $(tool) sqlc
queries := internal/tools/sqlc.yaml
sources := $(wildcard cmd internal api migrations)
FOR     ?= 2h

.DEFAULT_GOAL := help
.PHONY: help run build site browsers screens test check vuln audit demo sandbox bench soak release generate clean postgresql sdk-ts

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

run: build ## Serve a practice vault on 127.0.0.1:8080, made in ./var if there is none
	@bin/testimonyd found --practice --if-missing
	@exec bin/testimonyd serve

build: site ## Build the programs into ./bin, reproducibly
	@$(compile) -tags release -o bin/ ./cmd/...

site: app ## Build the web app into internal/web/site
	@go run ./internal/web/build

screens: build browsers ## Take pictures of every page in Arabic and English at 360 px into var/screens
	@cd internal/web/app && npx tsc -p tsconfig.test.json && TESTIMONY_BIN=$(CURDIR)/bin node .built/test/screens/run.js $(CURDIR)/var/screens

test: site postgresql browsers ## Run all tests, on SQLite and on PostgreSQL, and every fuzz target for a second
	@$(compile) -o bin/pgtest ./internal/pgtest/cmd/pgtest
	@bin/pgtest run go test -p 2 -timeout 30m ./...
	@go run ./internal/fuzzrun -each 1s

check: site linter ## Check format, static analysis, generated code, the contract, modules and house rules
	@echo "format";          out=$$(gofmt -l $(sources)); test -z "$$out" || { echo "$$out: run gofmt -w"; exit 1; }
	@echo "vet";             go vet ./...
	@echo "staticcheck";     $(tool) staticcheck ./...
	@echo "generated code";  $(sqlc) diff -f $(queries)
	@echo "product modules"; go mod tidy -diff && go mod verify
	@echo "tool modules";    for m in internal/tools internal/tools/servers internal/tools/acme internal/tools/charts internal/tools/compose; do (cd $$m && go mod tidy -diff) || exit 1; done
	@echo "vulnerabilities"; VULNDB="$(VULNDB)" internal/tools/vuln
	@echo "web app";         cd internal/web/app && npm run -s types && npm run -s lint
	@echo "contract";        cd api/lint && npm run -s lint
	@echo "house rules";     go test -count=1 ./internal/housetest

vuln: ## Look up known vulnerabilities (needs the network, or VULNDB=file:///copy)
	@VULNDB="$(VULNDB)" internal/tools/vuln --strict

audit: ## Look up known vulnerabilities of npm packages (needs a registry that answers npm audit)
	@for m in internal/web/app api/lint; do (cd $$m && npm audit) || exit 1; done

demo: build ## Tell the story on a temporary vault: seal, grant, open, revoke
	@go run ./internal/demo

sandbox: build ## Serve a vault full of people who do not exist, and print everybody's credentials
	@go run ./internal/sandbox

bench: build ## Measure against the yardsticks and print the ratios (long)
	@go run ./internal/bench

soak: build ## Let everything go wrong for hours (FOR=2h), on both engines, then kill many times, and fuzz
	@go run ./internal/soak -for $(FOR)
	@go run ./internal/fuzzrun -for $(FOR) -corpus var/fuzz/corpus
	@go test -count=1 -timeout 2h ./internal/clustertest -run TestACluster -args -rounds 20

release: vuln site ## Make what is released into ./dist, the same bytes wherever it is done; RELEASE_KEY=FILE signs it
	@rm -rf dist && deploy/make-release dist
	@test -z "$(RELEASE_KEY)" || RELEASE_KEY="$(abspath $(RELEASE_KEY))" deploy/sign-release dist

generate: ## Write the Go code of the queries again
	@$(sqlc) generate -f $(queries)

sdk-ts: app ## Build the TypeScript package into ./sdk/ts, reproducibly
	@go run ./internal/sdk
	@ln -sfn ../../internal/web/app/node_modules sdk/ts/node_modules
	@node internal/web/app/node_modules/typescript/bin/tsc -p sdk/ts

clean: ## Remove what was built; ./var and its vault stay
	@rm -rf bin sdk

postgresql:
	@internal/tools/postgresql

browsers:
	@internal/tools/browsers

# The packages of the web app and of the contract's linter, as their locks name them.
app: internal/web/app/node_modules/.package-lock.json
linter: api/lint/node_modules/.package-lock.json
.PHONY: app linter

%/node_modules/.package-lock.json: %/package-lock.json
	@cd $* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
