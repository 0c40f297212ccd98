#!/usr/bin/env bash
# Measures fresh processes: a plain build, a published one, and a program compiled to native code. ./run.sh [rounds]
set -euo pipefail
cd "$(dirname "$0")/../.."
published=$(mktemp -d)
trap 'rm -rf "$published"' EXIT
dotnet build -c Release -v quiet --nologo bench/load/loadgen
for program in src/Weft.Host tests/Weft.ConformanceHost; do
  dotnet build "$program" -c Release -v quiet --nologo
  dotnet publish "$program" -c Release -v quiet --nologo -o "$published/$(basename "$program")"
done
dotnet publish tests/Weft.AotSmoke -c Release -v quiet --nologo -o "$published/Weft.AotSmoke"
taskset -c 1 node bench/cold/cold.mjs "${1:-3}" \
  "host, built=-src/Weft.Host/bin/Release/net10.0/Weft.Host.dll" \
  "host, published=-$published/Weft.Host/Weft.Host.dll" \
  "bench, built=tests/Weft.ConformanceHost/bin/Release/net10.0/Weft.ConformanceHost.dll" \
  "bench, published=$published/Weft.ConformanceHost/Weft.ConformanceHost.dll" \
  "bench, native=$published/Weft.AotSmoke/Weft.AotSmoke"
du -sh "$published"/*
