# make run: the app on the sample people. make test: everything CI checks. Both set up what they need, once.
PYTHON ?= python3
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
VENV ?= .venv-$(VERSION)
BIN := $(VENV)/bin

.PHONY: run test lint bench pictures clean

run: $(VENV)/run.stamp
	$(BIN)/streamlit run app.py

test: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/python -m tests.docs.modules
	$(BIN)/mypy

bench: $(VENV)/bench.stamp
	$(BIN)/python -W ignore -m tests.benchmarks

pictures: $(VENV)/test.stamp
	$(BIN)/python -m tests.browser.pictures

$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Weighbridge needs Python 3.11 or newer; this is $(VERSION). Say: make run PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m analytics warm
	touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp tests/requirements.txt
	$(BIN)/python -m pip install --quiet -r tests/requirements.txt
	$(BIN)/python -m tests.browser.chromium
	$(BIN)/python -m tests.data.postgres
	touch $@

$(VENV)/bench.stamp: $(VENV)/test.stamp tests/benchmarks/requirements.txt
	$(BIN)/python -m pip install --quiet -r tests/benchmarks/requirements.txt
	touch $@

clean:
	rm -rf .venv-* .weighbridge .pytest_cache .hypothesis .mypy_cache .ruff_cache
