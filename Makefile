# `make run` serves the platform with demo tenants, `make test` proves it, `make check` reads it. Nothing to install first.

PORT ?= 8000
PYTEST_WORKERS ?= 2
# Development, unless the environment says otherwise.
DEBUG ?= true
export DEBUG PORT

python := .venv/bin/python
installed := .venv/.installed
installed_dev := .venv/.installed-dev
installed_bench := .venv/.installed-bench
node_modules := frontend/node_modules/.package-lock.json
client := static/chatkit/client.js
package := frontend/dist/client.js
examples := examples/react/dist/index.html examples/nextjs/.next/BUILD_ID
sources := chatplatform tenants accounts chat
frontend_sources := $(shell find frontend \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)

.PHONY: help run test faults test-python test-frontend check check-python check-frontend docs package examples bench bench-client bench-knowledge fmt requirements sbom audit clean
.DEFAULT_GOAL := help

help:
	@echo "make run [PORT=8000]   serve the platform with demo tenants"
	@echo "make test              run every test, those in a browser included"
	@echo "make faults            break a whole installation at random: FAULTS_MINUTES=60 FAULTS_SEED= FAULTS_ROUND= FAULTS_ONLY="
	@echo "make check             run every static check"
	@echo "make docs              build the site of the documentation into var/docs"
	@echo "make package           build the client by itself, for npm, into frontend/dist"
	@echo "make examples          build the examples for React and Next.js"
	@echo "make bench             measure the platform beside a plain FastAPI server"
	@echo "make bench-client      measure the open client in Chromium"
	@echo "make bench-knowledge   measure how well and how fast documents are found, beside bm25s"
	@echo "make fmt               format the code"
	@echo "make requirements      write the pinned requirements from requirements*.in"
	@echo "make sbom              list what an installation is made of, as CycloneDX, into var/sbom"
	@echo "make audit             look for known vulnerabilities in it"
	@echo "make clean             stop the embedded database and remove all that can be made again; data stay"

run: $(installed) $(client)
	@scripts/run

test: test-python test-frontend

test-python: $(installed_dev) $(client) $(package) $(examples)
	@scripts/find-redis >/dev/null; scripts/find-systemd-analyze >/dev/null
	@CHROMIUM="$$(scripts/find-chromium)" && export CHROMIUM && $(python) -m pytest -n $(PYTEST_WORKERS) --dist worksteal $(PYTEST_ARGS)

# A seed and a round of a report repeat what it saw.
FAULTS_MINUTES ?= 60
faults: $(installed_dev)
	@scripts/find-redis >/dev/null
	@FAULTS_MINUTES=$(FAULTS_MINUTES) FAULTS_SEED=$(FAULTS_SEED) $(if $(FAULTS_ROUND),FAULTS_ROUND=$(FAULTS_ROUND)) FAULTS_ONLY=$(FAULTS_ONLY) $(python) -m pytest tests/faults -q -s

test-frontend: $(node_modules)
	@cd frontend && ../scripts/with-node npm test --silent

check: check-python check-frontend

check-python: $(installed_dev)
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy $(sources) tests manage.py
	.venv/bin/lint-imports --no-logo
	git ls-files '*.html' | xargs --no-run-if-empty .venv/bin/djade --check --target-version 5.2
	$(python) manage.py makemigrations --check --dry-run
	$(python) manage.py check --database default

check-frontend: $(node_modules)
	cd frontend && ../scripts/with-node npm run --silent typecheck
	cd frontend && ../scripts/with-node npm run --silent lint

docs: $(installed_dev)
	NO_MKDOCS_2_WARNING=1 $(python) -m mkdocs build --quiet

package: $(package)

examples: $(examples)

bench: $(installed_bench) $(client)
	$(python) -m benchmarks $(BENCH_ARGS)

bench-knowledge: $(installed_bench)
	$(python) -m benchmarks.knowledge $(BENCH_ARGS)

bench-client: $(installed_dev) $(client)
	@CHROMIUM="$$(scripts/find-chromium)" && export CHROMIUM && $(python) -m benchmarks.client

fmt: $(installed_dev)
	$(python) -m ruff check --fix-only
	$(python) -m ruff format
	git ls-files '*.html' | xargs --no-run-if-empty .venv/bin/djade --target-version 5.2

requirements: $(installed_dev)
	scripts/compile-requirements

sbom: $(installed_dev)
	@mkdir -p var/sbom
	@.venv/bin/cyclonedx-py requirements --output-reproducible --output-format JSON --output-file var/sbom/server.cdx.json requirements.txt
	@cd frontend && ../scripts/with-node npm sbom --package-lock-only --omit=dev --sbom-format=cyclonedx >../var/sbom/client.cdx.json
	@echo "var/sbom has server.cdx.json and client.cdx.json."

audit: $(installed_dev)
	.venv/bin/pip-audit --strict --require-hashes --disable-pip --requirement requirements.txt
	cd frontend && ../scripts/with-node npm audit --omit=dev

clean:
	-$(python) -m chatplatform.lib.embedded_postgres stop
	rm -rf .venv frontend/node_modules frontend/dist examples/*/node_modules examples/react/dist examples/nextjs/.next static/chatkit var/node var/static .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(installed): requirements.txt
	@echo "Installing the Python packages …"
	@scripts/make-venv requirements.txt
	@touch $@

$(installed_dev): requirements.txt requirements-dev.txt
	@echo "Installing the Python packages of development …"
	@scripts/make-venv requirements.txt requirements-dev.txt
	@touch $@ $(installed)

$(installed_bench): requirements-bench.txt $(installed_dev)
	@scripts/make-venv requirements-bench.txt
	@touch $@

$(node_modules): frontend/package.json frontend/package-lock.json | $(installed)
	@echo "Installing the packages of the browser client …"
	@cd frontend && ../scripts/with-node npm ci --silent
	@touch $@

$(client): $(frontend_sources) $(node_modules)
	@echo "Building the browser client …"
	@cd frontend && ../scripts/with-node npm run --silent build
	@touch $@

$(package): $(client)
	@echo "Building the client's package …"
	@cd frontend && ../scripts/with-node npm run --silent package
	@touch $@

# An application of examples/ is built when one of its files has changed.
define example
examples/$(1)/node_modules/.package-lock.json: examples/$(1)/package.json examples/$(1)/package-lock.json | $$(installed)
	@echo "Installing the packages of examples/$(1) …"
	@cd examples/$(1) && ../../scripts/with-node npm ci --silent
	@touch $$@

$(2): examples/$(1)/node_modules/.package-lock.json $(shell find examples/$(1) \( -name node_modules -o -name .next -o -name dist -o -name build.log -o -name next-env.d.ts \) -prune -o -type f -print 2>/dev/null)
	@echo "Building examples/$(1) …"
	@cd examples/$(1) && NEXT_TELEMETRY_DISABLED=1 ../../scripts/with-node npm run --silent build >build.log 2>&1 || { cat build.log; exit 1; }
	@touch $$@
endef

$(eval $(call example,react,examples/react/dist/index.html))
$(eval $(call example,nextjs,examples/nextjs/.next/BUILD_ID))
