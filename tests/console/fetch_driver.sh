#!/usr/bin/env bash
# Lays playwright-core and axe-core into a folder, from npm, unless they are there: fetch_driver.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
to=$1
die() { echo "fetch_driver: $*" >&2; exit 1; }

for tool in node npm chromium; do
  command -v "$tool" >/dev/null || die "$tool is missing: run ./dev deps"
done
mkdir -p "$to"
if cmp -s "$here/package-lock.json" "$to/installed-lock.json"; then exit 0; fi
rm -rf "$to/node_modules" "$to/installed-lock.json"
cp "$here/package.json" "$here/package-lock.json" "$to/"
(cd "$to" && npm ci --silent --no-audit --no-fund) || die "npm could not fetch playwright-core and axe-core"
cp "$here/package-lock.json" "$to/installed-lock.json"
