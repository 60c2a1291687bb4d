# `make help` lists the targets.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PRESET ?= demo
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := proto services/common services/client services/inference services/pair-generator \
	services/trainer services/evaluator services/reporter services/http-gateway
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run test test-all test-security test-gpu test-k8s lint format proto bench \
	test-datasets test-properties test-protections trust bench-executor bench-scaling bench-tuning bench-evaluator bench-http bench-findings bench-trainer bench-rewards soak-executor \
	soak-score fuzz images up down clean

help: ## Say what there is
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.executor $(VENV)/.environments .venv-proto/.complete ## Install everything below this folder

$(VENV)/.complete: requirements.lock $(PACKAGES:%=%/pyproject.toml)
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "installing the environment, about two minutes ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --no-deps --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --disable-pip-version-check \
		$(PACKAGES:%=-e ./%)
	@touch $@

# The executor has a part in C, which an installation builds.
$(VENV)/.executor: $(VENV)/.complete $(wildcard $(addprefix services/executor/,setup.py pyproject.toml rlvf_executor/native/*.[ch]))
	@command -v cc >/dev/null || { echo "a C compiler is needed; on Debian: apt-get install gcc libc6-dev python3-dev"; exit 1; }
	@$(BIN)/python -m pip install -qq --no-deps --disable-pip-version-check -e ./services/executor
	@touch $@

# Packages that graded programs can import. Those of the services are another matter.
SCIENTIFIC := $(VENV)/environments/python-scientific
$(VENV)/.environments: $(VENV)/.complete services/executor/environments/python-scientific.lock
	@rm -rf $(SCIENTIFIC)
	@services/executor/environments/install $(BIN)/python services/executor/environments/python-scientific.lock $(SCIENTIFIC)
	@touch $@

.venv-proto/.complete: proto/requirements.txt
	@$(PYTHON) -m venv .venv-proto
	@.venv-proto/bin/python -m pip install -qq --disable-pip-version-check -r proto/requirements.txt
	@touch $@

run: setup ## Run or resume an experiment: make run PRESET=demo
	@rlvf run $(PRESET)

# Files of tests run side by side, each on a core: those of whole stacks on two.
QUICK := --dist loadfile -m "not slow"

test: setup lint ## Tests with real components (about 15 minutes on two cores)
	@pytest -n logical --maxprocesses 4 $(QUICK) tests/unit tests/contract
	@pytest -n logical --maxprocesses 4 $(QUICK) tests/integration/executor tests/security
	@pytest -n 3 $(QUICK) tests/integration --ignore=tests/integration/executor

test-all: test ## Those, the slow ones, whole experiments and containers (about an hour)
	@pytest -n 2 --dist loadfile -m slow tests/integration tests/security
	@pytest tests/e2e tests/containers

test-security: setup ## Attacks on the executor
	@pytest tests/security

test-protections: setup ## Attacks on the executor without one of its protections at a time (root)
	@python -m tests.security.protections

trust: setup ## Known attacks on graders, tried on those in use and on ours: docs/trust.md (ten minutes)
	@python -m tests.trust

test-properties: setup ## Properties of the code, each with 5,000 random examples (five minutes)
	@pytest -n logical --maxprocesses 4 -m hypothesis --hypothesis-profile=explore tests/unit

test-datasets: setup ## Every task of four benchmarks, right, empty and forged (five minutes)
	@RLVF_TEST_DATASETS=all pytest tests/integration/executor/test_datasets.py

test-gpu: setup ## Training on a GPU; skips with its reason without one
	@pytest tests/gpu -s

test-k8s: setup ## Kubernetes manifests
	@pytest tests/containers --ignore=tests/containers/test_images.py

images: setup ## Build the executor's and evaluator's images on a local Docker engine, and try them
	@deploy/build-images.sh
	@pytest tests/containers/test_images.py -s

lint: setup ## ruff, mypy, buf
	@ruff check .
	@ruff format --check .
	@mypy services proto/rlvf_api tests
	@.venv-proto/bin/python proto/generate.py image $(VENV)/image.binpb
	@buf lint $(VENV)/image.binpb --config proto/buf.yaml

format: setup ## Format the code
	@ruff check --fix-only .
	@ruff format .

proto: setup ## Generate the code of the protos, and the OpenAPI document
	@PATH="$(CURDIR)/.venv-proto/bin:$$PATH" python proto/generate.py python proto
	@.venv-proto/bin/python proto/generate.py image $(VENV)/image.binpb
	@python -m rlvf_http_gateway.openapi $(VENV)/image.binpb > $(VENV)/openapi.json
	@cp $(VENV)/openapi.json services/http-gateway/rlvf_http_gateway/openapi.json

bench: setup ## All benchmarks, and one table of ours beside others (half an hour)
	@python -m tests.bench

bench-executor: setup ## Speed of the executor beside other graders
	@python -m tests.bench.executor

bench-tuning: setup ## What each piece of the executor's tuning gives
	@python -m tests.bench.tuning

bench-scaling: setup ## Verdicts per second of one operation on 1, 2 and 4 executors
	@python -m tests.bench.scaling

bench-evaluator: setup ## Tokens per second of the evaluator, verdicts included, beside plain vLLM
	@python -m tests.bench.evaluator

bench-http: setup ## Verdicts per second over HTTP, beside gRPC
	@python -m tests.bench.http_gateway

bench-findings: setup ## How often the report's findings are right, on simulated experiments (an hour)
	@python -m tests.bench.findings

bench-trainer: setup ## Speed of the trainer beside TRL's own
	@python -m tests.bench.trainer

bench-rewards: setup ## What one call of Score of a batch costs, as a trainer makes it
	@python -m tests.bench.rewards

soak-executor: setup ## 100,000 executions, one in ten hostile: memory stays flat, nothing is left
	@python -m tests.soak.executor
	@python -m tests.soak.killed_executor
	@python -m tests.soak.busy_machine

fuzz: setup ## 20,000 random requests to all services, at most five minutes
	@python -m tests.soak.fuzz

soak-score: setup ## 100,000 completions through an evaluator that is killed in the middle; HOSTILE=1 beside a hostile team
	@python -m tests.soak.score $(if $(HOSTILE),--hostile)

up: setup ## Start the local stack in the background
	@rlvf up

down: setup ## Stop it
	@rlvf down

clean: ## Remove what was installed and computed
	rm -rf $(VENV) .venv-proto .rlvf runs .mypy_cache .ruff_cache .pytest_cache
