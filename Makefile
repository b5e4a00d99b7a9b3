# The commands of the project. Each makes the environment it needs; `make help` lists them.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
PARALLEL := -n auto --maxprocesses 4 --dist worksteal
# What depends on the versions of libraries and of Python: all that asks, decodes, computes and stores, and a day of it.
MATTERS := -m "not slow" $(PARALLEL) -k "not lake and not processes" $(addprefix genesys_assets_tests/,checkpoint component data_model genesys marts \
	sources tables warehouse windows test_organisation.py privacy/test_scrubber.py assets/test_chain.py \
	assets/test_nasty_documents.py)
RESOLVE := pyproject.toml --extra dev --extra lake --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet

# An environment of its own beside $(VENV): $(call environment,FOLDER,LOCK)
define environment
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(1)
	$(BIN)/uv pip sync --quiet --python $(1)/bin/python --require-hashes $(2)
	$(BIN)/uv pip install --quiet --python $(1)/bin/python --no-deps --no-build-isolation --editable .
endef

.DEFAULT_GOAL := help
.PHONY: help demo dev doctor test lint types suite slow fuzz kills soak duckdb2 lowest pythons audit release docs bench lock clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo dev: export DAGSTER_HOME := $(CURDIR)/.dagster

demo: $(BIN)/.installed .dagster/dagster.yaml  ## Materialise the last closed day (or DAY=YYYY-MM-DD) and print its figures
	@$(BIN)/genesys-assets demo $(if $(DAY),--day $(DAY))

dev: $(BIN)/.installed .dagster/dagster.yaml  ## Start the Dagster UI and daemon on http://127.0.0.1:3000
	$(BIN)/dagster dev

doctor: $(BIN)/.installed  ## Try every setting: credentials, permissions, database
	@$(BIN)/genesys-assets doctor

test: $(BIN)/.installed  ## Lint, format check, import rules, types and tests; types beside the tests
	@$(MAKE) --no-print-directory --jobs 2 lint types suite

lint: $(BIN)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(BIN)/.installed
	$(BIN)/mypy

suite: $(BIN)/.installed
	$(BIN)/pytest -m "not slow" $(PARALLEL)
	@(command -v chromium || command -v chromium-browser || command -v google-chrome) >/dev/null || echo "No Chromium here: make slow would skip its tests in a browser."

slow: $(BIN)/.installed  ## The real-world tests, which CI adds: browser, daemon, fleet, full size
	$(BIN)/pytest -m slow $(PARALLEL) --durations 12

fuzz: $(BIN)/.installed  ## Try each reader of outside data on mutated input, SECONDS=30 each
	$(BIN)/python -m genesys_assets_tests.fuzzing --seconds $(or $(SECONDS),30) $(if $(SEED),--seed $(SEED))

kills: $(BIN)/.installed  ## Kill KILLS=100 runs of the whole pipeline; count partitions lost, doubled, halved
	$(BIN)/python -m genesys_assets_tests.kills --kills $(or $(KILLS),100) $(if $(SEED),--seed $(SEED))

soak: $(BIN)/.installed  ## Simulate DAYS=90 days in one process and see what grows; writes its table in docs/operations.md
	$(BIN)/python -m genesys_assets_tests.soak --days $(or $(DAYS),90)

duckdb2: $(BIN)/.installed  ## The warehouse's contract on DuckDB 2.0, and a file that both versions store in
	$(call environment,$(VENV)-duckdb2,requirements.lock)
	$(BIN)/uv pip install --quiet --python $(VENV)-duckdb2/bin/python duckdb==2.0.0
	GENESYS_ASSETS_OTHER_PYTHON=$(abspath $(BIN)/python) $(VENV)-duckdb2/bin/python -m pytest -m "not slow" $(PARALLEL) --confcutdir=genesys_assets_tests/warehouse genesys_assets_tests/warehouse

lowest: $(BIN)/.installed  ## What computes, stores and asks, on the lowest versions that pyproject.toml allows
	$(call environment,$(VENV)-lowest,requirements-lowest.lock)
	$(VENV)-lowest/bin/python -m pytest $(MATTERS)

pythons: $(BIN)/.installed  ## Types for each Python that the classifiers claim; what depends on it on each that is here, with coverage
	.ci/pythons $(abspath $(BIN)) $(MATTERS)

audit: $(BIN)/.installed $(VENV)-audit/.installed  ## Recipes, images, manifests and locks by the linters and scanners made for them
	$(MAKE) --no-print-directory -C deploy audit TOOLS=$(abspath $(VENV)-audit/bin)

release: $(BIN)/.installed $(VENV)-bill/.installed  ## Build the wheel, with its bill of materials (CycloneDX) and docs/licences.md
	rm -rf dist && $(BIN)/uv build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)-release
	$(BIN)/uv pip sync --quiet --python $(VENV)-release/bin/python --require-hashes deploy/requirements.lock
	$(BIN)/uv pip install --quiet --python $(VENV)-release/bin/python --no-deps dist/*.whl
	$(MAKE) --no-print-directory -C deploy sbom TOOLS=$(abspath $(VENV)-bill/bin) RELEASED=$(abspath $(VENV)-release)

bench: $(BIN)/.installed $(VENV)-bench/.installed  ## Measure ourselves, others and the floor; writes docs/benchmarks.md (QUICK=1: minutes, no page)
	$(BIN)/python -m genesys_assets_tests.benchmarks --peers $(VENV)-bench/bin/python $(if $(QUICK),--quick)

docs: $(BIN)/.installed  ## Update the generated pages of docs/
	$(BIN)/python -m genesys_assets.documentation

lock: $(BIN)/.installed  ## Resolve the dependencies again: the newest that are allowed, and the lowest
	$(BIN)/uv pip compile $(RESOLVE) --universal --upgrade -o requirements.lock
	$(BIN)/uv pip compile $(RESOLVE) --resolution lowest-direct --upgrade -o requirements-lowest.lock

clean:  ## Remove what the commands above have made (not the database)
	rm -rf $(VENV) $(VENV)-* .dagster .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis *.egg-info

# The stamp is newer than everything that decides what is installed.
$(BIN)/.installed: requirements.lock pyproject.toml setup.cfg
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --quiet --require-hashes --no-deps -r requirements.lock
	$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

# The tools of `audit` and `release` live in environments of their own: some ask for older packages than the project.
$(VENV)-audit/.installed $(VENV)-bill/.installed: $(VENV)-%/.installed: deploy/%.lock $(BIN)/.installed
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python $(VENV)-$*
	$(BIN)/uv pip sync --quiet --python $(VENV)-$*/bin/python --require-hashes $<
	@touch $@

# What the benchmarks measure us against lives in an environment of its own.
$(VENV)-bench/.installed: genesys_assets_tests/benchmarks/requirements.txt
	test -x $(VENV)-bench/bin/python || $(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/pip install --disable-pip-version-check --quiet -r $<
	@touch $@

# Dagster reads its instance settings from DAGSTER_HOME; the project's stand at the top level.
.dagster/dagster.yaml: dagster.yaml
	@mkdir -p .dagster
	@cp dagster.yaml $@
