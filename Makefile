# Two commands set everything up: `make demo` shows the product on the sample calls, `make test` proves it.
PYTHON ?= python3
VENV ?= .venv
# Of the accounts in the made team's store; nothing real is behind it.
DEMO_PASSWORD = made-calls-only
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check

.PHONY: demo demo-team test lint docs samples clean

demo: $(VENV)/installed
	$(VENV)/bin/speechcoach analyze samples/*.wav --out out
	@echo "The reports are in $(CURDIR)/out: open one of the .html files in a browser."

demo-team: $(VENV)/installed
	$(PIP) install --quiet -c constraints.txt -e ".[fast,web]"
	$(VENV)/bin/python samples/make_story.py --out out/team/calls
	$(VENV)/bin/speechcoach batch --manifest out/team/calls/manifest.csv --agent-side left \
	  --store out/team/calls.db --report out/team/team.html
	for agent in Mia Tom; do \
	  $(VENV)/bin/speechcoach coach $$agent --store out/team/calls.db --since 2026-10-19 \
	    --html out/team/$$agent.html > /dev/null || exit 1; done
	for of in "quinn --role qa" "mia --role agent --agent Mia" "tom --role agent --agent Tom"; do \
	  $(VENV)/bin/speechcoach user list --store out/team/calls.db | grep -q "^ *$${of%% *} " || \
	  echo "$(DEMO_PASSWORD)" | $(VENV)/bin/speechcoach user add $$of --store out/team/calls.db || exit 1; done
	@echo "The team's page is out/team/team.html, the agents' pages are out/team/Mia.html and out/team/Tom.html."
	@echo "To see what each of them sees:  $(VENV)/bin/speechcoach serve --store out/team/calls.db"
	@echo "and sign in as quinn, mia or tom with the password  $(DEMO_PASSWORD)"

test: $(VENV)/installed-test
	$(VENV)/bin/python -m pytest -n auto --dist loadfile

lint: $(VENV)/installed-test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

docs: $(VENV)/installed-docs
	$(VENV)/bin/python docs/generate.py --check
	$(VENV)/bin/sphinx-build --nitpicky --fail-on-warning --keep-going --quiet --fresh-env -b html docs build/docs
	$(VENV)/bin/python docs/links.py build/docs
	@echo "The documentation is in $(CURDIR)/build/docs: open index.html in a browser."

samples: $(VENV)/installed
	$(PIP) install --quiet -c constraints.txt -e ".[samples]"
	$(VENV)/bin/python samples/make_samples.py

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "speechcoach needs Python 3.11 or newer: make PYTHON=python3.11")'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet -c constraints.txt -e ".[fast]"
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(PIP) install --quiet -c constraints.txt -e ".[fast,test,cluster,codecs,formats,pandas,parquet,plot,postgres,web]"
	touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(PIP) install --quiet -c constraints.txt -e ".[fast,docs]"
	touch $@

clean:
	rm -rf $(VENV) out dist build
