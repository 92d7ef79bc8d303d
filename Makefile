# Every target sets itself up: the only prerequisite is Python 3.11 or newer with its venv module.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
ARGS ?=
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# What .venv was made of, or why it can't be: a Python of another version, or locks that have
# changed, make it anew. The stamp is written last, so a set-up that was broken off is seen too.
MADE_OF := $(shell $(PYTHON) -c 'import sys; print(sys.version)' 2>/dev/null; \
  cksum < requirements-dev.lock)
USABLE := $(shell test "$$(cat $(STAMP) 2>/dev/null)" = "$(MADE_OF)" \
  && $(BIN)/python -c 'import bot' 2>/dev/null && echo yes)
ifneq ($(USABLE),yes)
.PHONY: $(STAMP)
endif

.PHONY: help demo test lint format torture bench screenshots lock clean
help: ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# The locks name every distribution, so nothing is resolved (--no-deps): whether an older pip
# agrees with a lock can't change with what is released after it. `pip check` proves it complete.
$(STAMP):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "The venv module is missing. On Debian: apt install python3-venv"; exit 1; }
	@echo "Setting up .venv (once) …"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(PIP) check
	@echo '$(MADE_OF)' > $@

demo: $(STAMP) ## the real bot in a simulated Discord, in your browser (ARGS=--once: one request through)
	@$(BIN)/python -m bot demo $(ARGS)

screenshots: $(STAMP) ## takes the documents' pictures from the demo (needs Chromium)
	@$(BIN)/python -m bot.demo.screenshots

# Empty, as some images forbid bytecode: then each worker, and each process that a test starts,
# would compile all that it imports anew.
test: export PYTHONDONTWRITEBYTECODE :=
test: $(STAMP) ## every test but the long ones
	@$(BIN)/python -m pytest -n 4 --dist worksteal $(ARGS)

torture: $(STAMP) ## kills, faults and soak, for hours (ARGS=--short: a few minutes, for CI)
	@MUTATED_ANSWERS=10000 MACHINE_EXAMPLES=300 $(BIN)/python -m pytest -n 4 --dist worksteal tests/worker
	@$(BIN)/python -m tests.crash $(ARGS)

bench: $(STAMP) ## the benchmarks, beside bare discord.py in the same run (ARGS=--quick)
	@$(BIN)/python -m tests.bench $(ARGS)

lint: $(STAMP) ## ruff, mypy --strict, import rules, Dockerfile and compose checks
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/compose-lint compose.yaml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/idea.yml
	@$(BIN)/zizmor --offline --quiet --persona=auditor .github/workflows

format: $(STAMP) ## put the code into its usual form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header \
  --no-emit-index-url --upgrade
lock: $(STAMP) ## renew the locks: the newest releases within pyproject.toml's ranges
	@$(LOCK) pyproject.toml -o requirements.lock
	@$(LOCK) --extra demo --extra dev pyproject.toml -o requirements-dev.lock
	@$(LOCK) --group build -o requirements-build.lock

clean: ## forget .venv and what demo and tests left
	@rm -rf $(VENV) demo-output .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
