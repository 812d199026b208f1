# Two commands set everything up: `make demo` shows the product on the sample calls, `make test` proves it.
PYTHON ?= python3
VENV ?= .venv
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check

.PHONY: demo test lint samples clean

demo: $(VENV)/installed
	$(VENV)/bin/speechcoach analyze samples/*.wav --out out
	@echo "The reports are in $(CURDIR)/out: open one of the .html files in a browser."

test: $(VENV)/installed-test
	$(VENV)/bin/python -m pytest

lint: $(VENV)/installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

samples: $(VENV)/installed
	$(PIP) install --quiet -c constraints.txt -e ".[samples]"
	$(VENV)/bin/python samples/make_samples.py

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "speechcoach needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet -c constraints.txt -e ".[fast]"
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) install --quiet -c constraints.txt -e ".[fast,test,cluster,formats,pandas,parquet,plot,postgres,web]"
	touch $@

clean:
	rm -rf $(VENV) out dist build
