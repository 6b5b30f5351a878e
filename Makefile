# EcoCloud 生态云. `make help` lists what can be done. Needs Python >= 3.11 and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
PORT ?= 8000
STAMP := $(VENV)/.installed
TEST_STAMP := $(VENV)/.installed-test
ECOCLOUD_HOME ?= $(CURDIR)/var
# Some machines forbid Python to keep what it compiled; every command would then compile the whole package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-long lint assets clean-demo bench scores docs

help:  ## what can be done here
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

# Debian keeps the part of venv that brings pip in a package of its own.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; } || \
	  { echo "this Python cannot make virtual environments; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(BIN)/python pyproject.toml
	@$(PIP) --only-binary rasterio,pyogrio,numba,llvmlite --editable '.[raster]' || { \
	  echo "no packages of rasterio or numba for this Python: accounts from rasters are left out"; $(PIP) --editable .; }
	$(BIN)/python -m ecocloud.base.i18n compile
	@touch $(STAMP)

$(TEST_STAMP): $(STAMP)
	$(PIP) --editable '.[test]'
	@touch $(TEST_STAMP)

assets: $(STAMP)  ## front-end files (charts, maps, icons) from npm by lock file, packed into the package
	$(BIN)/python -m ecocloud.web.assets_build

demo: $(STAMP) assets  ## install, load the sample site, serve it on 127.0.0.1:8000
	ECOCLOUD_HOME=$(ECOCLOUD_HOME) $(BIN)/ecocloud demo --port $(PORT)

test: $(TEST_STAMP) assets  ## all tests at small size (at most 15 minutes on two cores)
	env -u ECOCLOUD_HOME $(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0 -q

test-long: $(TEST_STAMP) assets  ## the same tests at full size
	env -u ECOCLOUD_HOME ECOCLOUD_FULL_SIZE=1 $(BIN)/python -m pytest -q

lint: $(TEST_STAMP)  ## style, floors, missing migrations
	$(BIN)/ruff check ecocloud tests benchmarks docs
	$(BIN)/ruff format --check ecocloud tests benchmarks docs
	$(BIN)/lint-imports
	$(BIN)/python -m django makemigrations --check --dry-run --settings ecocloud.web.settings

bench: $(TEST_STAMP) assets  ## benchmarks: ratios against a named alternative
	for file in benchmarks/*.py; do $(BIN)/python $$file; done

CORPUS := tests/intake/documents/corpus
scores: $(STAMP)  ## how well documents are read: own corpus, the published gold set when it lies beside
	$(BIN)/ecocloud scores $(CORPUS)/open --check $(CORPUS)/frozen --gold ../shared/gold/gold \
	  --texts ../shared/seeds --texts tests/intake/documents/samples

docs: $(STAMP)  ## the generated pages of the documentation: sources, rights
	$(BIN)/python docs/generate.py

clean-demo:  ## forget the sample site in ./var
	rm -rf $(ECOCLOUD_HOME)
