# `make help` lists what there is. `.ci/run` calls these targets and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Node comes from here where the system's own is too old (deploy/setup).
export PATH := $(CURDIR)/.local/node/node_modules/.bin:$(HOME)/.cargo/bin:$(PATH)

ASSETS := services/web/assets
# The mail server of the local stack and of the tests.
SINK := deploy/mail-sink
# What the stories look at pages with.
STORIES := tests/e2e
# What they try the API with.
PYTHON := .local/python
# What the bundle is made from: everything there but what npm and the bundler write, and the
# templates, whose classes and icons decide what goes in.
ASSET_INPUTS := $(shell find $(ASSETS) services/web/templates \( -name node_modules -o -name dist \) -prune -o -type f -print)
# Tests get one place to work in; a second run at the same time gets another (with-servers).
DEBUG := target/debug/batchtrack

.PHONY: help run test setup setup-test build assets mail-sink fmt lint e2e chaos bench-dispatch bench-doors db/migrate schema clean-local

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9\/-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup build ## Install what is missing, build, and serve at http://localhost:8080 until Ctrl-C
	@exec target/release/batchtrack up

test: setup-test assets mail-sink $(STORIES)/node_modules/.package-lock.json $(PYTHON)/installed ## The same set-up, then every test
	cargo build --locked --workspace --bins
	$(DEBUG) with-servers -- cargo test --locked --workspace

setup: ## Install what is missing on this machine
	@deploy/setup

setup-test:
	@deploy/setup --test

build: assets mail-sink ## Build the release binaries
	cargo build --locked --release --workspace --bins

assets: $(ASSETS)/dist/manifest.json ## Bundle styles, scripts and icons

$(ASSETS)/dist/manifest.json: $(ASSETS)/node_modules/.package-lock.json $(ASSET_INPUTS)
	cd $(ASSETS) && npm run --silent build
	@touch $@

$(ASSETS)/node_modules/.package-lock.json: $(ASSETS)/package.json $(ASSETS)/package-lock.json
	cd $(ASSETS) && npm ci --silent --no-audit --no-fund
	@touch $@

mail-sink: $(SINK)/node_modules/.package-lock.json ## Install the local stack's mail server

$(SINK)/node_modules/.package-lock.json: $(SINK)/package.json $(SINK)/package-lock.json
	cd $(SINK) && npm ci --silent --no-audit --no-fund
	@touch $@

$(STORIES)/node_modules/.package-lock.json: $(STORIES)/package.json $(STORIES)/package-lock.json
	cd $(STORIES) && npm ci --silent --no-audit --no-fund
	@touch $@

$(PYTHON)/installed: $(STORIES)/requirements.txt
	python3 -m venv $(PYTHON)
	$(PYTHON)/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

fmt: ## Format the Rust code
	cargo fmt --all

lint: setup-test assets ## Formatting and clippy, without a warning
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

e2e: setup-test assets mail-sink $(STORIES)/node_modules/.package-lock.json $(PYTHON)/installed ## Only the stories against real binaries, nginx and a browser
	cargo build --locked --workspace --bins
	$(DEBUG) with-servers -- cargo test --locked -p batchtrack-e2e

chaos: setup-test assets ## Break everything for CHAOS_SECONDS (600) under load; nothing committed may get lost
	cargo build --locked --workspace --bins
	CHAOS_SECONDS=$${CHAOS_SECONDS:-600} cargo test --locked -p batchtrack-e2e --test everything_committed_arrives -- --nocapture

# `make bench-dispatch ARGS='jobs latency --rounds 1'` measures only that; ARGS=--help says what there is.
PEER := loadtests/dispatch/peer
bench-dispatch: setup $(PEER)/node_modules/.package-lock.json ## Measure events, jobs and webhooks, graphile-worker beside them
	cargo build --locked -p batchtrack-cli
	cargo build --locked --release -p batchtrack-dispatcher --bins --example dispatch_bench
	@$(DEBUG) with-servers --durable -- target/release/examples/dispatch_bench $(ARGS)

bench-doors: setup assets mail-sink ## Measure permissions, and pages while too many people sign in
	cargo build --locked --release --workspace --bins
	cargo build --locked --release -p batchtrack-e2e --example doors_bench
	@target/release/batchtrack with-servers -- target/release/examples/doors_bench $(ARGS)

$(PEER)/node_modules/.package-lock.json: $(PEER)/package.json $(PEER)/package-lock.json
	cd $(PEER) && npm ci --silent
	@touch $@

db/migrate: ## Bring the running stack's database up to date
	cargo run --quiet --locked -p batchtrack-cli -- migrate

schema: setup-test assets ## Write schema.rs anew from the migrations
	cargo build --locked -p batchtrack-cli
	@rm -f target/tmp/schema.rs
	@$(DEBUG) with-servers -- cargo test --quiet --locked -p batchtrack-core --test it schema_rs_is > /dev/null 2>&1 || true
	@if [[ -f target/tmp/schema.rs ]]; then mv target/tmp/schema.rs crates/core/src/schema.rs; echo 'schema.rs is new.'; else echo 'schema.rs is up to date.'; fi

clean-local: ## Stop the local stack and delete all its data
	@for command in target/release/batchtrack $(DEBUG); do \
	    if [[ -x $$command ]]; then $$command down; break; fi; \
	done
	@if [[ -f .local/data-folder ]]; then \
	    folder=$$(cat .local/data-folder); \
	    [[ $$folder == /var/lib/batchtrack-* ]] && rm -rf "$$folder"; \
	fi
	rm -rf .local
