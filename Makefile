# `make demo` and `make test` set up everything they need; the second run starts at once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test lint format check bench lock clean

help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.installed ## the invented company, end to end: extract, build, look (no credentials)
	@$(BIN)/agent-spend demo

test: check ## everything that CI runs
	@$(BIN)/python -m pytest -n 2 --dist loadfile

check: lint

lint: $(VENV)/.installed-dev ## ruff, mypy, sqlfluff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models tests

format: $(VENV)/.installed-dev ## put the code into the house style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix --disable-progress-bar models tests

bench: $(VENV)/.installed-dev ## measure extraction; prints ratios
	@$(BIN)/python -m benchmarks.extract
	@$(BIN)/python -m benchmarks.cursor
	@$(BIN)/python -m benchmarks.traces --spans 500000

lock: ## write the locks anew from pyproject.toml (needs uv)
	uv lock
	uv export --quiet --no-header --no-emit-project --no-dev --all-extras -o requirements.lock
	uv export --quiet --no-header --no-emit-project --all-groups --all-extras -o requirements-dev.lock
	uv pip compile --quiet --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--python-version 3.12 focus-validator.in -o requirements-focus.lock

clean: ## remove what was built, but no warehouse and no environment
	@rm -rf target logs .pytest_cache .hypothesis .mypy_cache .ruff_cache

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "agent-spend needs Python 3.11 to 3.13: make PYTHON=python3.12")'
	@echo "Setting up $(VENV) (once, about half a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --no-deps -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Adding the tools for tests (once) ..."
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@touch $@
