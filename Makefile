# Caudal: everything lands in .venv/. Needs only Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
export JAX_PLATFORMS ?= cpu
.DEFAULT_GOAL := help
.PHONY: help run test check soak fmt docs bench calibrate requirements clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/.runtime: requirements/runtime.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Caudal needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: .venv/.runtime ## set up, run the main job, print the table, write the report
	$(BIN)/caudal run

test: .venv/.dev ## set up, then lint, types, layers and every test
	$(BIN)/ruff check src tests
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 2 --dist worksteal

check: .venv/.dev ## lint, types, layers and the fast tests
	$(BIN)/ruff check src tests
	$(BIN)/ruff format --check src tests
	$(BIN)/ty check src
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not soak" -q --hypothesis-profile=quick

soak: .venv/.dev ## recovery and simulation-based calibration at length (hours)
	$(BIN)/pytest -m soak -q -s

fmt: .venv/.dev ## format the code
	$(BIN)/ruff check --fix src tests
	$(BIN)/ruff format src tests

docs: .venv/.dev ## write the generated parts of README and docs again
	$(BIN)/python docs/refresh.py

bench: .venv/.dev ## measure speed, as ratios within one run
	$(BIN)/python -m benchmarks

calibrate: .venv/.runtime ## draw the posterior again
	$(BIN)/caudal calibrate

requirements: ## pin the dependencies again (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml --group runtime -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml --group dev -o requirements/dev.txt

clean:
	rm -rf .venv build dist out
