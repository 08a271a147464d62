# Needs python3 (3.11 or later) and make. Everything else goes into .venv, once for each change of pyproject.toml, and one program that
# the tests ask, built from Go modules in about five minutes, into the user's cache.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check bench samples docs clean

## demo: convert the sample shop into out/ and print the summary
demo: $(VENV)/.installed
	@$(BIN)/nginx2istio convert samples/shop/nginx.conf -o out --fail-on never
	@echo
	@echo "The manifests are in out/, the report for people is out/report.md."

## test: all checks and tests; the first time it builds istiod's configuration code, and says so
test: $(VENV)/.tested check
	$(BIN)/python -m converter.verify.istiod
	$(BIN)/pytest -q

## check: what needs no test to be run
check: $(VENV)/.tested
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

## bench: times, memory and start-up, held against their limits
bench: $(VENV)/.tested
	$(BIN)/python bench/run.py

## samples: refresh the expected output beside the samples; read the difference before you commit it
samples: $(VENV)/.installed
	$(BIN)/python -m samples.refresh

## docs: refresh the pages that are made from the program
docs: $(VENV)/.installed
	$(BIN)/python docs/refresh.py

clean:
	rm -rf $(VENV) out

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	$(BIN)/python -m pip install -q --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install -q --editable '.[verify,logs]' --group test
	@touch $@
