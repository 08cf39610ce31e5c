# `make demo` shows the guard at work, `make test` proves it, `make check` keeps the code in shape.
# All of them run on a fresh Debian with Rust: `setup` installs what is missing and is silent otherwise, and for the demo only
# what the build needs.

CARGO ?= cargo

.PHONY: help setup setup-build demo test fuzz check fmt bench accuracy k8s deps
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install missing packages for the build and the tests (Debian, Ubuntu; PyPI)
	@scripts/setup.sh

setup-build:
	@scripts/setup.sh build

demo: setup-build ## a guided tour of the guard before an embedded ClinikAPI; ends by itself
	$(CARGO) run --release --locked -- dev --tour

test: setup ## every test: unit, integration, documentation, scripts, Kubernetes manifests
	$(CARGO) test --locked
	python3 scripts/check_deps.py --self-test
	scripts/check_k8s.sh

TARGET ?= all
SECONDS ?= 60
fuzz: setup ## fuzz every target for a minute, or TARGET=scan SECONDS=600
	scripts/fuzz.sh $(TARGET) $(SECONDS)

check: setup deps ## format, lints, documentation and dependency policy; all without warnings
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items

fmt: ## format the code
	$(CARGO) fmt

bench: setup ## micro-benchmarks, and the guard against a bare pass-through proxy
	$(CARGO) bench --locked

accuracy: setup ## precision and recall of the PHI engine over tests/data/phi
	$(CARGO) build --locked --release
	python3 scripts/accuracy.py --bin target/release/clinik-guard --write docs/accuracy.md

k8s: setup ## the manifests alone
	scripts/check_k8s.sh

# cargo-deny reads the same policy, but building it takes minutes; where it is installed, it has to agree.
deps: setup ## the dependency policy of deny.toml, offline
	python3 scripts/check_deps.py
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --offline check bans licenses sources; fi
