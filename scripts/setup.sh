#!/usr/bin/env bash
# Installs what the build and the tests need beyond Rust, on Debian or Ubuntu; `setup.sh build` what the build alone needs, which
# is enough for the demo. Says nothing and changes nothing where it is all there. aws-lc-rs needs a C compiler only: no cmake,
# clang or bindgen on Linux.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly what=${1:-all}
case $what in
build | all) ;;
*)
    echo "setup: expected build or nothing" >&2
    exit 2
    ;;
esac

if ! command -v cargo >/dev/null; then
    echo "setup: cargo is missing; install Rust 1.95 or newer, see https://www.rust-lang.org/tools/install" >&2
    exit 1
fi

packages=()
need() { # need PACKAGES COMMAND...: adds the packages unless the command succeeds
    local wanted=$1
    shift
    if ! "$@" >/dev/null 2>&1; then
        read -ra wanted <<<"$wanted"
        packages+=("${wanted[@]}")
    fi
}
need "gcc" cc --version
need "libc6-dev" test -e /usr/include/stdlib.h
need "make" make --version
need "ca-certificates" test -e /etc/ssl/certs/ca-certificates.crt # cargo fetches with them
if [ "$what" = all ]; then
    need "g++" c++ --version # libFuzzer
    need "python3" python3 --version
    need "python3-venv" python3 -c 'import ensurepip, venv'
    need "curl" curl --version
    need "jq" jq --version
    need "chromium" chromium --version # shows the evidence report in a test
fi

if [ ${#packages[@]} -gt 0 ]; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo -n)
    fi
    if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
        echo "setup: please install: ${packages[*]}" >&2
        exit 1
    fi
    echo "setup: installing ${packages[*]}" >&2
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
fi

if [ "$what" = build ]; then
    exit
fi

# `make check` needs these two; everything else does without.
for component in rustfmt clippy; do
    if ! cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 && command -v rustup >/dev/null; then
        rustup component add "$component" >&2
    fi
done

# The S3-compatible server that tests/it/ship.rs talks to.
scripts/s3.sh
