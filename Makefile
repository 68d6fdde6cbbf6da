# Commands of this repository; `make help` lists them from the comments behind two hashes.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
REPORTS ?= reports
REFERENCE ?= ../shared/data

.DEFAULT_GOAL := help
.PHONY: help demo test lab lint lock schema bench clean

help:  ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; found %s. Name one: make demo PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/installed-test: requirements-test.lock $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

data/demo/truth.parquet: seglib/simulate/industries/demo.yaml | $(VENV)/installed
	$(BIN)/seglib simulate data/demo

demo: $(VENV)/installed data/demo/truth.parquet  ## Install, generate the demo shop, run it for three months, and say where the decision page is
	@# Two months before, so that page 07 has something to compare with; the last run ends with 3 where there are alerts.
	for day in 2025-07-01 2025-08-01; do \
		$(BIN)/seglib run params/demo.yaml --as-of $$day --to target --set segment.resamples=10 --reports $(REPORTS) || exit; \
	done
	$(BIN)/seglib run params/demo.yaml --reports $(REPORTS) \
		$(if $(wildcard $(REPORTS)/demo/2025-09-01/run.json),,--refit) || test $$? -eq 3

test: $(VENV)/installed-test  ## Install what tests need and run all tests, on two cores
	$(BIN)/lint-imports --no-cache
	@# Two tests at a time, each on one core.
	OMP_NUM_THREADS=1 LOKY_MAX_CPU_COUNT=1 SEGLIB_REFERENCE_DATA="$${SEGLIB_REFERENCE_DATA:-$(REFERENCE)}" \
		$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

lab: $(VENV)/installed  ## Open JupyterLab on the notebooks
	$(BIN)/jupyter lab --notebook-dir=. notebooks/03_segment.ipynb

lint: $(VENV)/installed-test  ## Check style, layers, and that notebooks carry no outputs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/nbstripout --verify notebooks/*.ipynb

bench: $(VENV)/installed-test  ## Print how fast and how right this is beside its peers (some 40 minutes)
	SEGLIB_REFERENCE_DATA="$${SEGLIB_REFERENCE_DATA:-$(REFERENCE)}" $(BIN)/python benchmarks/run.py

lock:  ## Resolve the locks again (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra test -c requirements.lock pyproject.toml -o requirements-test.lock

schema: $(VENV)/installed  ## Write params/schema.json and docs/tables.md from the code
	$(BIN)/seglib schema > params/schema.json
	$(BIN)/seglib tables > docs/tables.md

clean:  ## Take away the environment, generated data and reports
	rm -rf $(VENV) data/demo reports/*/
