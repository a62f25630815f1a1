#!/bin/sh
# check.sh [--write] [DIRECTORY]: holds docs/api/asyncapi.yaml against the official parser and the program; --write makes asyncapi.json anew.
# The parser is installed into DIRECTORY (build/async-api) at the first run.
set -eu
source=$(cd "$(dirname "$0")/../.." && pwd)
write=
if [ "${1:-}" = --write ]; then write=--write; shift; fi
place=${1:-$source/build/async-api}
mkdir -p "$place"
cd "$place"
wanted="@asyncapi/parser@3.6.3 yaml@2.8.1 ajv@8.20.0 ajv-formats@2.1.1"
if [ "$(cat complete 2>/dev/null || true)" != "$wanted" ]; then
  echo '{"private":true}' >package.json
  # shellcheck disable=SC2086
  npm install --no-audit --no-fund --loglevel=error $wanted || {
    echo "async-api: node and npm must be installed, and npm must reach its registry ($wanted)" >&2
    exit 1
  }
  echo "$wanted" >complete
fi
exec node "$source/tests/async-api/check.mjs" "$source" $write
