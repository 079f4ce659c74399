PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --constraint requirements.lock

.PHONY: demo serve test check train bench notebooks data-check

$(VENV)/.base: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.all: $(VENV)/.base
	$(PIP) --editable ".[training,dev]"
	touch $@

demo: $(VENV)/.base  ## the main job on data/samples
	$(BIN)/python -m serving demo

serve: $(VENV)/.base  ## the service on 127.0.0.1:3000
	$(BIN)/python -m serving serve

test: $(VENV)/.all data-check
	$(BIN)/python -m pytest

check: $(VENV)/.all
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

data-check: $(VENV)/.base  ## the knowledge base: codes, counts, contradictions
	$(BIN)/python -m data

train: $(VENV)/.all  ## rebuild the default bundle from the knowledge base
	$(BIN)/python -m training train --out models/default

bench: $(VENV)/.all  ## ratios against peers measured in the same run
	$(PIP) --editable ".[bench]"
	$(BIN)/python -m training.bench

notebooks: $(VENV)/.all
	$(BIN)/python -m pytest tests/notebooks
