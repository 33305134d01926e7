# What people type. `make` alone lists it; `make test` and `make demo` set everything up first.

SWIFT ?= swift
# Warnings of our own targets are errors in everything that make builds, here and in CI.
export LOADFLEET_STRICT = 1

.DEFAULT_GOAL := help
.PHONY: help setup build demo demo-aws test check campaign bench lint format docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: Debian packages, Java, JMeter
	@utility/setup

# One program for this machine and for nodes, which have no Swift.
build: setup ## Build the program for use: .build/release/loadfleet
	$(SWIFT) build -c release --static-swift-stdlib -Xlinker -s \
		--product loadfleet
	utility/check-program .build/release/loadfleet

demo: build ## See the main job done on this machine, in both modes
	@utility/demo

demo-aws: build ## The same on EC2, simulated: no account, but root
	@utility/demo-aws

# One test of the whole product after another: they wait for processes, servers or deadlines, and two
# at once on two cores would wait for each other.
test: setup lint ## Set up, build, and run every check and test
	$(SWIFT) build --build-tests
	utility/check-imports
	utility/check-docc
	"$$(utility/aws-test-tools)" utility/check-pipelines
	utility/report-test-tools >/dev/null
	utility/run-tests

check: test ## What CI runs before the demo

campaign: setup ## Run the tests in their long form; docs/campaigns.md has the figures
	utility/aws-test-tools >/dev/null
	utility/report-test-tools >/dev/null
	LOADFLEET_CAMPAIGN=1 $(SWIFT) test -c release -Xswiftc -enable-testing \
		--scratch-path .build/campaign --disable-xctest --no-parallel --skip EndToEndTests
	utility/fuzz .build/fuzz fuzzer,address -runs=500000

bench: build ## Measure report against wc, zstd and others: the table of docs/performance.md
	Benchmarks/bench

lint: ## Check the format of all Swift files
	$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests Benchmarks Examples utility

format: ## Put all Swift files into the house's format
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests Benchmarks Examples utility

docs: ## Write docs/commands.md and docs/environment.md from the program
	$(SWIFT) build --product loadfleet
	.build/debug/loadfleet reference > docs/commands.md
	.build/debug/loadfleet config reference > docs/environment.md

clean: ## Remove what was built; downloads and results stay
	$(SWIFT) package clean
