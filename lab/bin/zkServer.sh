#!/bin/sh
# As ZooKeeper's. The program is src/cli/zk-server.ts.
here=$(dirname -- "$(readlink -f -- "$0" 2>/dev/null || echo "$0")")
exec node "$here/../run.mjs" zk-server "$@"
