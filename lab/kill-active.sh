#!/bin/sh
# Kills the active NameNode under load and says how long the takeover took, phase by phase, and whether anything was
# lost. The lab is brought up first if it is not; options are those of `halab kill-active` (--rounds N,
# --target active|zkfc|zk-leader|jn|host, --json, --name NAME, --dir DIR). Exit code 0 only if somebody took over, no
# acknowledged write is missing, and never two NameNodes were writable.
here=$(dirname -- "$(readlink -f -- "$0" 2>/dev/null || echo "$0")")

# `halab up` with those of the options that say which lab, blanks and all: each is moved behind the others, the rest
# dropped.
bring_up() {
  left=$#
  while [ "$left" -gt 0 ]; do
    case $1 in
      --name|--dir)
        if [ "$left" -gt 1 ]; then
          set -- "$@" "$1" "$2"
          shift; left=$((left - 1))
        else
          set -- "$@" "$1"
        fi ;;
      --name=*|--dir=*) set -- "$@" "$1" ;;
    esac
    shift; left=$((left - 1))
  done
  "$here/bin/halab" up "$@"
}

for argument; do
  case $argument in
    --help|-h) exec "$here/bin/halab" kill-active --help ;;
  esac
done
bring_up "$@" >&2 || exit 1
exec "$here/bin/halab" kill-active "$@"
