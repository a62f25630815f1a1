#!/bin/sh
# python.sh DIRECTORY REQUIREMENTS ARGUMENTS..: runs Python with packages of PyPI (one word, separated by commas), which it installs into a
# virtual environment in DIRECTORY at the first run.
set -eu
place=$1 wanted=$2
shift 2
mkdir -p "$(dirname "$place")"
exec 9>"$place.lock"
flock 9
if [ "$(cat "$place/complete" 2>/dev/null || true)" != "$wanted" ]; then
  rm -rf "$place"
  # shellcheck disable=SC2046
  { python3 -m venv "$place" && "$place/bin/pip" install -q --disable-pip-version-check $(echo "$wanted" | tr , ' '); } >&2 || {
    echo "python3 and python3-venv must be installed, and pip must reach its registry ($wanted)" >&2
    exit 1
  }
  echo "$wanted" >"$place/complete"
fi
exec 9>&-
exec "$place/bin/python" "$@"
