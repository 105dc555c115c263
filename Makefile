# Everything that is done with this project, from a machine with Python 3.11 and make alone.

VENV     := .venv
BIN      := $(VENV)/bin
# Peers that the benchmarks compare with have an environment of their own.
PEERS    := .cache/bench-venv
# What the environment was made from is newer than this file when it must be made again.
INSTALLED := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help run test check docs test-real bench bench-peers lock clean

help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Start everything with the demonstration, in the foreground; Ctrl-C stops it
	@exec $(BIN)/oversight up --demo

test: $(INSTALLED) ## Run every test on the embedded stack
	$(BIN)/pytest

check: $(INSTALLED) ## Lint, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(INSTALLED) ## Write anew what docs/ has of the measures' declarations and the events' models
	$(BIN)/python -m shared.reference.document
	$(BIN)/python -m shared.events.document

test-real: $(INSTALLED) ## Run the integration and end-to-end tests on Apache Kafka, Redis and PostgreSQL
	OVERSIGHT_TEST_STACK=real $(BIN)/pytest tests/integration tests/e2e

bench: $(INSTALLED) bench-peers ## Run each benchmark; each prints its ratio to a limit measured in the same run
	@set -e; for script in bench/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

bench-peers: $(PEERS)/.installed ## Install what the benchmarks compare with

$(PEERS)/.installed: bench/requirements.lock | $(INSTALLED)
	test -x $(PEERS)/bin/python || $(BIN)/python -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r bench/requirements.lock
	@touch $@

LOCKING := -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-header

lock: $(INSTALLED) ## Resolve the dependencies of pyproject.toml and bench/requirements.in anew into the lock files
	$(BIN)/pip-compile $(LOCKING) --extra local --extra dev -o requirements.lock pyproject.toml
	$(BIN)/pip-compile $(LOCKING) -o bench/requirements.lock bench/requirements.in

clean: ## Remove what was made here, but for data (.oversight) and downloads (.cache)
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@set -e; \
	python=$$(command -v python3.11 || command -v python3 || true); \
	if [ -z "$$python" ] || [ "$$("$$python" -c 'import sys; print(*sys.version_info[:2], sep=".")')" != 3.11 ]; then \
	  echo "Python 3.11 is needed, and neither python3.11 nor python3 is that: install python3.11." >&2; exit 1; fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "$$python cannot make virtual environments: install python3.11-venv." >&2; exit 1; fi; \
	test -x $(BIN)/python || "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@# setuptools warns of editable installs, which this one is meant to be.
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
