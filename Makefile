# Caudal: everything lands in .venv/ and web/node_modules/. Needs only Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
PAGES := src/caudal/app/static/index.html
PYTHON_FILES := src tests web hatch_build.py
export JAX_PLATFORMS ?= cpu
.DEFAULT_GOAL := help
.PHONY: help run test check web browse screenshots .browser soak fmt docs bench calibrate requirements clean

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

.venv/.runtime: requirements/runtime.txt pyproject.toml hatch_build.py web/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Caudal needs Python 3.11 or newer; try: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 2; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@test -e $(PAGES) || echo "The pages of caudal serve were not built; make web tells why. The rest is installed."
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: .venv/.runtime ## set up, run the main job, print the table, write the report
	$(BIN)/caudal run

test: .venv/.dev ## set up, then lint, types, layers and every test
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 2 --dist worksteal
	$(BIN)/python hatch_build.py check test

check: .venv/.dev ## lint, types, layers and the fast tests
	$(BIN)/ruff check $(PYTHON_FILES)
	$(BIN)/ruff format --check $(PYTHON_FILES)
	$(BIN)/ty check src
	$(BIN)/lint-imports --no-cache
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow and not soak and not web" -q --hypothesis-profile=quick
	$(BIN)/python hatch_build.py check test

web: .venv/.dev ## write the client's types and build its pages
	$(BIN)/python web/openapi.py web/openapi.json
	$(BIN)/python hatch_build.py types build

browse: web .browser ## drive the built pages in a browser
	$(BIN)/pytest -m web -rs tests/web

screenshots: web .browser ## take pictures of every page into out/screenshots
	$(BIN)/python tests/web/screenshots.py out/screenshots

.browser:
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || \
	{ test "$$(id -u)" = 0 && command -v apt-get > /dev/null && apt-get update --quiet=2 && \
	  DEBIAN_FRONTEND=noninteractive apt-get install --quiet=2 --yes --no-install-recommends chromium fonts-liberation > /dev/null; } || \
	echo "Chromium is not here, and only root can install it with apt-get"

soak: .venv/.dev ## recovery and simulation-based calibration at length (hours)
	$(BIN)/pytest -m soak -q -s

fmt: .venv/.dev ## format the code
	$(BIN)/ruff check --fix $(PYTHON_FILES)
	$(BIN)/ruff format $(PYTHON_FILES)

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
	rm -rf .venv build dist out web/node_modules $(dir $(PAGES))
