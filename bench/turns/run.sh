#!/usr/bin/env bash
# Measures turns on SQLite and on a PostgreSQL server of its own, with fsync. Options are passed on, such as --callers 64.
set -euo pipefail
cd "$(dirname "$0")"
dotnet build -c Release -v quiet
program=$(find bin/Release -name turns.dll | head -1)
bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)}
folder=$(mktemp -d)
as=()
[ "$(id -u)" = 0 ] && as=(setpriv --reuid=postgres --regid=postgres --clear-groups) && chown postgres "$folder"
stop() { "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m fast stop >/dev/null 2>&1 || true; rm -rf "$folder"; }
trap stop EXIT
"${as[@]}" "$bin/initdb" -D "$folder/data" -U weft -A trust >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" -o "-k $folder -h '' -c shared_buffers=256MB -c max_wal_size=4GB" start >/dev/null
echo "load: $(cut -d' ' -f1-3 /proc/loadavg)"
echo "PostgreSQL"
dotnet "$program" --postgres "Host=$folder;Username=weft;Database=postgres" "$@"
echo "SQLite"
dotnet "$program" --sqlite "$folder/turns.db" "$@"
