# Everything a newcomer needs is `make demo` and `make test`; both set up what is missing first.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test test-all lint format bench fuzz clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## Virtual environment, native node, wasm target; resumes where it stopped
	@$(PYTHON) tools/setup.py

setup-dev:
	@$(PYTHON) tools/setup.py --dev

demo: setup ## The main job on real data: train, build, deploy and predict on the embedded chain
	@$(BIN)/stylus-ai demo credit-score demo --force

test: setup-dev ## Lint and all tests but the long ones
	@$(BIN)/python tools/run_tests.py

test-all: setup-dev ## Everything, the long tests too; writes docs/test-results.md
	@$(BIN)/python tools/run_tests.py --all

lint: setup-dev ## ruff, mypy, rustfmt, clippy
	@$(BIN)/python tools/run_tests.py --lint

format: setup-dev ## Format Python and Rust
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && cargo fmt --all

bench: setup-dev ## Benchmarks; writes docs/performance.md
	@$(BIN)/python -m bench

fuzz: ## An hour of fuzzing of each target (needs clang and cargo-fuzz), see docs/fuzzing.md
	@sh tools/fuzz.sh

clean: ## Remove what setup and the tests made
	rm -rf .venv target demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
