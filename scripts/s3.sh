#!/usr/bin/env bash
# An S3-compatible server for the tests: moto, from PyPI, in a venv under target. `scripts/s3.sh PORT` runs it on
# 127.0.0.1 until it is killed and keeps everything in memory; without a port it is only installed.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly venv=target/venv-s3 requirements=scripts/requirements-s3.txt

mkdir -p target
# Two tests may ask for it at once.
exec 9>"$venv.lock"
flock 9
if ! "$venv/bin/python" --version >/dev/null 2>&1 || ! cmp -s "$requirements" "$venv/requirements.installed"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements"
    cp "$requirements" "$venv/requirements.installed"
fi
exec 9>&-

if [ $# -gt 0 ]; then
    exec "$venv/bin/moto_server" -H 127.0.0.1 -p "$1"
fi
