# Everything a fresh machine needs is set up by the target itself. Only Python 3.11+ and make are assumed.
PYTHON ?= python3
PORT ?= 8501
# Two more than there are processors: many tests wait for a server, a browser or an office program.
WORKERS ?= $(shell $(PYTHON) -c "import os; print((os.cpu_count() or 1) + 2)")
BIN := .venv/bin

.PHONY: run test nightly check bench docs i18n screenshots clean

run: .venv/run.done            ## set up and serve; the first start makes the sample workbook
	$(BIN)/streamlit run app.py --server.port $(PORT)

test: .venv/dev.done check     ## set up, lint, types, imports, then all tests
	$(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

nightly: .venv/dev.done        ## the fault harness at its nightly size, and 300 edits with a real LibreOffice
	FAULTS=nightly FAULTS_COLUMNS=3 LIBREOFFICE_EDITS=300 \
		$(BIN)/python -m pytest -n auto tests/faults tests/libreoffice tests/security/test_content.py $(PYTEST_ARGS)

check: .venv/dev.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: .venv/dev.done          ## a table of ratios, measured side by side
	$(BIN)/python -m tests.benchmarks

docs: .venv/dev.done           ## regenerate docs/rules.md and docs/sheets.md
	$(BIN)/python -m tests.make_docs

i18n: .venv/dev.done           ## collect new texts into the English catalogue
	$(BIN)/python -m tests.catalogue

screenshots: .venv/dev.done    ## retake the pictures in docs/screenshots
	$(BIN)/python -m tests.browser.screenshots

.venv/run.done: requirements.txt
	$(PYTHON) -c "import sys; sys.exit('Python 3.11 or newer is needed / 需要 Python 3.11 或更高版本' if sys.version_info < (3, 11) else 0)"
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev.done: requirements-dev.txt requirements-oidc.txt requirements-redis.txt requirements-rollup.txt .venv/run.done
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis
