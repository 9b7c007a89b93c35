# The targets people and CI use; `make help` prints them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Where tools/setup puts a newer Node than the system has; absent otherwise.
export PATH := $(CURDIR)/build/node/bin:$(PATH)
.PHONY: help setup setup-run run build test unit integration fuzz lint format check bench clean

help:  ## print this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## install what is missing (apt, npm)
	@tools/setup

setup-run:
	@tools/setup run

build: setup-run  ## build/release/parley, optimised and hardened
	@cmake --preset release >/dev/null
	@cmake --build --preset release

run: build  ## start the demo: PostgreSQL, simulator and server, stopped with Ctrl-C
	@build/release/parley demo

dev-build: setup
	@cmake --preset dev >/dev/null
	@cmake --build --preset dev

test: dev-build  ## install, build with sanitizers, run every test
	@tools/test

unit: dev-build  ## the unit tests alone
	@ctest --preset dev -LE fuzz

integration: dev-build  ## the tests against the real binary and a real PostgreSQL
	@tools/test integration

fuzz: dev-build  ## each fuzz target for 60 s
	@ctest --preset dev -L fuzz

lint: setup  ## formatting, clang-tidy, include directions, OpenAPI, generated files
	@tools/lint

format: setup  ## rewrite the sources with clang-format
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

check: test lint  ## what CI runs

bench: setup build  ## the figures of docs/benchmarks.md
	@bench/run

clean:  ## remove what was built
	@rm -rf build
