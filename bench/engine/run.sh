#!/usr/bin/env bash
# Measures the engine beside LangGraph for JavaScript, on the same core, one after the other.
set -euo pipefail
cd "$(dirname "$0")"
dotnet build -c Release -v quiet
[ -d ../../tests/oracle/node_modules ] || (cd ../../tests/oracle && npm ci --silent)
export NODE_PATH=../../tests/oracle/node_modules
cp engine.mjs ../../tests/oracle/.engine.mjs
trap 'rm -f ../../tests/oracle/.engine.mjs' EXIT
taskset -c 0 dotnet "$(find bin/Release -name engine.dll | head -1)"
(cd ../../tests/oracle && taskset -c 0 node .engine.mjs)
