# Python 3.11 or newer and make are all that is needed: everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

# Bytecode is kept, even where the environment says otherwise: the tests start some hundred processes.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install demo test audit lint types bytecode lock screenshots clean

help: ## Shows this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMP) ## Installs the pinned, hashed requirements and this package into .venv

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name it with make PYTHON=…" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned requirements into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
	@# pip compiles on one core, and what nobody imports, too; what is left out here is compiled when it is imported
	@$(BIN)/python -m compileall -qq -j 0 -x 'site-packages/(.*/tests|hubspot)/' $(VENV)/lib || true
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(STAMP) ## The whole thing on your machine; ONCE=1 ends after the table, DATA=DIR takes your own data
	@$(BIN)/ns-hs-orders demo $(if $(ONCE),--once) $(if $(DATA),--data "$(DATA)")

test: $(STAMP) ## Lint, types, and the whole test suite
	@$(MAKE) --no-print-directory -j 2 lint types bytecode
	@$(BIN)/python -m pytest -q -n 4 --dist loadfile --no-loadscope-reorder

audit: $(STAMP) ## The pinned requirements against known vulnerabilities (pip-audit)
	@$(BIN)/python -m ns_hs_orders_tests.audit

lint: $(STAMP) ## ruff: rules and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

# Each of pytest's workers would rewrite and compile all tests by itself; beside mypy, which has one core, it costs no time.
bytecode: $(STAMP)
	@$(BIN)/python -m pytest -q --collect-only -p no:cacheprovider >/dev/null || true

screenshots: $(STAMP) ## Takes the README's pictures anew
	@$(BIN)/python -m ns_hs_orders_tests.browser.screenshots

lock: ## Pins the requirements anew (needs uv)
	@uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --no-strip-extras --upgrade --quiet -o requirements.lock

clean: ## Removes what was built; homes such as .ns_hs_orders stay
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
