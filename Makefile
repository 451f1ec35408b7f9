# Python 3.11 or newer and make are all that is needed: everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help install demo test audit lint types lock screenshots clean

help: ## Shows this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP) ## Installs the pinned, hashed requirements and this package into .venv

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name it with make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned requirements into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(STAMP) ## The whole thing on your machine; ONCE=1 ends after the table, DATA=DIR takes your own data
	@$(BIN)/ns-hs-orders demo $(if $(ONCE),--once) $(if $(DATA),--data "$(DATA)")

test: $(STAMP) lint types ## Lint, types, and the whole test suite
	@$(BIN)/python -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder

audit: $(STAMP) ## The pinned requirements against known vulnerabilities (pip-audit)
	@$(BIN)/python -m ns_hs_orders_tests.audit

lint: $(STAMP) ## ruff: rules and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

screenshots: $(STAMP) ## Takes the README's pictures anew
	@$(BIN)/python -m ns_hs_orders_tests.browser.screenshots

lock: ## Pins the requirements anew (needs uv)
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --no-strip-extras --upgrade --quiet -o requirements.lock

clean: ## Removes what was built; homes such as .ns_hs_orders stay
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
