#!/bin/sh
# Twenty cycles of up and down in a row, each from format: one active and one standby each time, no process left, none fails.
cd "$(dirname "$0")/../.." || exit 1
HALAB_CYCLES=${1:-20} exec npx vitest run --config test/vitest.config.ts test/cluster/cycles.test.ts -t 'cycles from format'
