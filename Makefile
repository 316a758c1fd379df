# make study   set everything up and open the app          make test    set everything up and run the tests
# make check   format, lint, imports, types, tests          make bench   measure against peers (own environment)
# make faults  attack the learner's record: kills, damaged files, clocks
# make floor   run the labs against the oldest torch and transformers that pyproject.toml admits (own environment)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One stamp an extra: an environment is made once and again when what it is made from changes.
STAMP := $(VENV)/.installed

.PHONY: study test check types suite format bench faults floor build clean
.DEFAULT_GOAL := study

study: $(STAMP)-labs
	$(BIN)/studytui

test: $(STAMP)-test
	$(BIN)/pytest -n auto --dist worksteal

# Types are checked beside the tests, which leave part of a core idle whenever they wait.
check: $(STAMP)-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/deptry studytui labs
	$(BIN)/deptry studytui labs tests --exclude tests/benchmarks/peer --ignore DEP004
	$(MAKE) --no-print-directory --jobs=2 types suite

types: $(STAMP)-test
	$(BIN)/mypy

suite: $(STAMP)-test
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

format: $(STAMP)-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)-test
	$(BIN)/python -m tests.benchmarks $(ARGS)

faults: $(STAMP)-test
	$(BIN)/python -m tests.faults $(ARGS)

floor: $(STAMP)-test
	$(BIN)/python -m tests.floor $(ARGS)

build: $(STAMP)-test
	$(BIN)/python -m build

clean:
	rm -rf $(VENV) .bench build dist

$(STAMP)-labs: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[labs]'
	touch $@

$(STAMP)-test: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[labs,test]'
	touch $@ $(STAMP)-labs

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "studytui needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 2; }
	$(PYTHON) -m venv $(VENV)
