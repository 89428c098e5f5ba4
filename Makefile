# make compare: the example school, from nothing to a report.   make test: everything that is checked.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SCHOOL := examples/school
OUT := out/compare

.PHONY: compare test check-fast docs evidence clean

compare: $(VENV)/.ready
	$(BIN)/wardmates compare --roster $(SCHOOL)/roster.csv --timetable $(SCHOOL)/timetable.csv \
		--friendships $(SCHOOL)/friendships.csv --sites $(SCHOOL)/sites.csv --out $(OUT)
	@echo "The report: $(OUT)/report.html"

test: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2

# axe-core, which looks for barriers in the report (tests/browser); Chromium is the system's.
.PHONY: browser-tools
browser-tools:
	npm install --prefix tests/browser --no-package-lock --no-audit --no-fund --silent

# How fast it is, and where the time goes: ten minutes on a machine that does nothing else; into benchmarks/results and docs/performance.md.
.PHONY: bench
bench: $(VENV)/.ready
	$(BIN)/python -m benchmarks
	PYTHONPATH=. $(BIN)/python docs/make_performance.py

# What takes seconds: no simulation at scale.
check-fast: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q -x tests/unit

docs: $(VENV)/.ready
	$(BIN)/wardmates parameters --markdown > docs/parameters.md.new
	mv docs/parameters.md.new docs/parameters.md
	$(BIN)/python docs/make_faulty_files.py

# Every claim of the study put to the model: some minutes.
evidence: $(VENV)/.ready
	$(BIN)/python docs/make_evidence.py

# Default cohorts beside what they are fitted to, and a first fit by rejection: some ten minutes.
.PHONY: plausibility
plausibility: $(VENV)/.ready
	$(BIN)/python docs/make_plausibility.py

# The trial study of docs/study.md: which assumptions decide. Some 40 minutes on two cores; what was interrupted goes on.
.PHONY: study
study: $(VENV)/.ready
	PYTHONPATH=. $(BIN)/python docs/make_study.py

# The notebooks, executed, with their pictures: open them in JupyterLab or an editor that shows notebooks.
.PHONY: notebooks
notebooks: $(VENV)/.ready-dev
	mkdir -p out/notebooks
	for name in first_look small_study; do \
		$(BIN)/jupytext --quiet --to ipynb --output out/notebooks/.$$name.ipynb notebooks/$$name.py && \
		PYTHONPATH=$(CURDIR)/notebooks $(BIN)/jupyter-execute --inplace out/notebooks/.$$name.ipynb && \
		mv out/notebooks/.$$name.ipynb out/notebooks/$$name.ipynb || exit 1; \
	done
	@echo "The notebooks: out/notebooks/first_look.ipynb, out/notebooks/small_study.ipynb"

clean:
	rm -rf $(VENV) build out *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find simulation experiments calibration wardmates tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is made last, so an installation that was cut short is not taken for whole; `.unfinished` makes the next one start afresh. Where all
# is installed already, pip asks the network for nothing.
$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "wardmates needs Python 3.11 or later: make PYTHON=python3.11 ...")'
	@echo "Installing into $(VENV), about a minute ..."
	@rm -f $(VENV)/.ready $(VENV)/.ready-dev
	@if [ -e $(VENV)/.unfinished ] || ! $(PIP) --version >/dev/null 2>&1; then $(PYTHON) -m venv --clear $(VENV); fi
	@touch $(VENV)/.unfinished
	$(PIP) install --quiet --constraint constraints.txt setuptools
	$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable .
	@rm -f $(VENV)/.unfinished && touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	@touch $(VENV)/.unfinished
	@echo "Installing what the tests need ..."
	$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@rm -f $(VENV)/.unfinished && touch $@
