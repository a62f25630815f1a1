#!/bin/sh
# fetch_tools.sh DIRECTORY: lays a virtual environment with schemathesis there, once; several may call at the same time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
to=$(cd "$1" && pwd)
exec 9>"$to/lock"
flock 9
wanted=$(cat "$here/fetch_tools.sh" "$here"/tools/* | sha256sum)
[ "$(cat "$to/complete" 2>/dev/null || true)" != "$wanted" ] || exit 0
die() { echo "api: $*" >&2; exit 1; }
rm -rf "$to/venv" "$to/complete"
# Python 3 of the system first: the one of its package python3-venv.
python=/usr/bin/python3
"$python" -c 'import venv, ensurepip' 2>/dev/null || python=python3
"$python" -m venv "$to/venv" || die "no virtual environment: is python3-venv installed (./dev deps)?"
"$to/venv/bin/pip" -q --disable-pip-version-check install -r "$here/tools/requirements.txt" || die "pip could not fetch schemathesis"
printf '%s\n' "$wanted" >"$to/complete"
