# Everything a newcomer or a machine calls. All paths are relative to this folder, whose own path may be long
# or hold spaces; programs of the environment are run as modules for the same reason.
PYTHON := .venv/bin/python
PYTHONS := python3.12 python3.11 python3.13 python3
KNOWN := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
LOCK := --quiet --universal --generate-hashes --no-emit-index-url --no-header

.DEFAULT_GOAL := help
.PHONY: run test faults lint format types schema bench reset lock help environment-run environment-dev

run: environment-run  ## start the whole site here: http://127.0.0.1:8000 (PORT=… for another port)
	@exec $(PYTHON) manage.py up

test: environment-dev  ## the whole test suite, on a PostgreSQL and a Redis of its own
	@exec $(PYTHON) -m pytest -n auto --dist loadgroup

faults: environment-dev  ## the fault suites at length (FAULT_ROUNDS=50; FAULT_SEED=17 runs that one again)
	@$(if $(FAULT_SEED),,FAULT_ROUNDS=$(or $(FAULT_ROUNDS),50)) \
		LOAD_SECONDS=$(or $(LOAD_SECONDS),60) $(PYTHON) -m pytest -n auto --dist worksteal -v tests/faults
	@$(if $(FAULT_SEED),true,exec $(PYTHON) -m pytest -n auto -m slow -v)

lint: environment-dev  ## style, types, and who may import whom
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	@$(PYTHON) -m mypy
	@$(PYTHON) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-cache

types: environment-dev  ## types only
	@exec $(PYTHON) -m mypy

format: environment-dev  ## put the code into shape
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

schema: environment-dev  ## announce a change of the API: writes docs/api/openapi.json, which a test compares
	@SECRET_KEY=unused $(PYTHON) manage.py api_schema

bench: environment-dev  ## measure; each bench prints a table and writes tests/bench/results/
	@set -e; for file in tests/bench/*.py; do \
		if grep -q __main__ "$$file"; then \
			name=$$(basename "$$file" .py); echo "== $$name"; $(PYTHON) -m "tests.bench.$$name"; \
		fi; \
	done

reset: environment-run  ## remove all data of this instance, after asking (RESET=yes does not ask)
	@exec $(PYTHON) manage.py reset $(if $(filter yes,$(RESET)),--yes)

lock:  ## compile the locked, hashed requirements again after a change in pyproject.toml (needs uv)
	uv pip compile $(LOCK) --extra local --output-file requirements/run.txt pyproject.toml
	uv pip compile $(LOCK) --constraint requirements/run.txt --extra local --extra mail --extra sentry --extra telemetry --extra dev \
		--output-file requirements/dev.txt pyproject.toml
	uv pip compile $(LOCK) --constraint requirements/run.txt --extra mail --extra sentry --extra telemetry \
		--output-file requirements/production.txt pyproject.toml

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

# The environment is made once; its requirements are installed again when their list changed. pip keeps
# whatever index its own configuration names.
environment-run environment-dev: environment-%:
	@set -eu; \
	if ! $(PYTHON) -c '$(KNOWN)' 2>/dev/null; then \
		rm -rf .venv; \
		if command -v uv >/dev/null 2>&1 && uv venv --quiet --python '>=3.11,<3.14' .venv; then :; else \
			chosen=; \
			for candidate in $(PYTHONS); do \
				if $$candidate -c '$(KNOWN)' 2>/dev/null; then \
					chosen=$$candidate; \
					if $$candidate -c 'import ensurepip, venv' 2>/dev/null; then break; fi; \
				fi; \
			done; \
			if [ -z "$$chosen" ]; then \
				echo 'Python 3.11, 3.12 or 3.13 is needed, and none was found: install one, or uv.' >&2; exit 2; \
			fi; \
			if ! $$chosen -m venv .venv >/dev/null 2>&1; then \
				rm -rf .venv; \
				version=$$($$chosen -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
				echo "Python $$version cannot make environments here: install python$$version-venv, or uv." >&2; \
				exit 2; \
			fi; \
		fi; \
	fi; \
	if ! cmp -s requirements/$*.txt .venv/installed-$*.txt; then \
		echo 'Installing requirements/$*.txt (the first time takes a minute)'; \
		if command -v uv >/dev/null 2>&1; then \
			uv pip install --quiet --python $(PYTHON) --require-hashes -r requirements/$*.txt; \
		else \
			$(PYTHON) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m ensurepip >/dev/null; \
			$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes \
				-r requirements/$*.txt; \
		fi; \
		cp requirements/$*.txt .venv/installed-$*.txt; \
	fi
