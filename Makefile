.DEFAULT_GOAL := help
PYTHON ?= python3
AUDIT_SECONDS ?= 20
BIN := .venv/bin
STAMP := .venv/.installed
DEV_STAMP := .venv/.installed-dev

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

install: $(STAMP) ## create .venv and install the program by the constraints

dev: $(DEV_STAMP) ## install what development and the tests need as well

demo: $(STAMP) ## run the whole line on the bundled press, with no network
	$(BIN)/langnghe demo --dir demo-out

lint: $(DEV_STAMP) ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# In the order of their names: else the files with few, long tests come last, on one process.
check: $(DEV_STAMP) ## the tests alone, with coverage
	$(BIN)/coverage erase
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term

docs: $(DEV_STAMP) ## build the documentation into site/; a dead link or a page outside the navigation fails
	$(BIN)/mkdocs build --strict --quiet

test: lint docs check ## everything that CI runs

sbom: $(DEV_STAMP) ## write what runs as CycloneDX (sbom.json); check versions and licences
	$(BIN)/python ops/sbom.py sbom.json

audit: $(DEV_STAMP) ## ask for known vulnerabilities of the pinned versions, for AUDIT_SECONDS (20)
	$(BIN)/python ops/audit.py constraints.txt --seconds $(AUDIT_SECONDS)

screens: $(DEV_STAMP) ## make the pictures of the documents anew, in Chromium
	LANGNGHE_SCREENS=docs/screens $(BIN)/python -m pytest tests/langnghe/test_answer_browser.py tests/langnghe/test_console_axe.py

constraints: ## pin every version anew, from what is installed
	$(BIN)/python -m pip freeze --exclude-editable | grep -v ' @ ' > constraints.txt

clean: ## remove what the targets made
	rm -rf .venv demo-out site sbom.json .coverage* htmlcov .pytest_cache .mypy_cache .ruff_cache

.PHONY: help install dev demo lint check docs test sbom audit screens constraints clean
