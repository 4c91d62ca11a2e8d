#!/bin/sh
# Twenty rounds of each fault on a lab of its own: time to the next acknowledged write, nothing lost, never two writable.
# Apache's cluster at defaults on two cores: active killed 2.1 s (1.8-3.0), ZKFC killed 10 s, host lost 10.5 s.
cd "$(dirname "$0")/../.." || exit 1
dir=$(mktemp -d)
trap 'lab/bin/halab down --dir "$dir/lab" --wipe >/dev/null; rm -rf "$dir"' EXIT
lab/bin/halab up --dir "$dir/lab" || exit 1
failed=0
for target in ${TARGETS:-active zkfc zk-leader jn host}; do
  echo "== $target"
  lab/bin/halab kill-active --dir "$dir/lab" --target "$target" --rounds "${1:-20}" 2>/dev/null || failed=$((failed + 1))
done
exit $failed
