#!/bin/sh
# Kills the active NameNode under load and says how long the takeover took, phase by phase, and whether anything was lost.
# The lab is brought up first if it is not; options are those of `halab kill-active` (--rounds N, --target active|zkfc|zk-leader|jn|host,
# --json, --name NAME, --dir DIR). Exit code 0 only if somebody took over, no acknowledged write is missing, and never two NameNodes
# were writable.
here=$(dirname -- "$(readlink -f -- "$0" 2>/dev/null || echo "$0")")
place=
want=
for argument; do
  if [ -n "$want" ]; then place="$place $want $argument"; want=; continue; fi
  case $argument in
    --name|--dir) want=$argument ;;
    --name=*|--dir=*) place="$place $argument" ;;
    --help|-h) exec "$here/bin/halab" kill-active --help ;;
  esac
done
# shellcheck disable=SC2086 # several words on purpose
"$here/bin/halab" up $place >&2 || exit 1
exec "$here/bin/halab" kill-active "$@"
