#!/bin/sh
# As Hadoop's. The program is dist/cli/stop-dfs.js.
here=$(dirname -- "$(readlink -f -- "$0" 2>/dev/null || echo "$0")")
exec node "$here/../run.mjs" stop-dfs "$@"
