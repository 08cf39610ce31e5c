#!/usr/bin/env bash
# Fuzzes with stable Rust: scripts/fuzz.sh [TARGET|all] [SECONDS], each target for that long (60 s), as many at once as
# there are cores. The committed corpus is replayed first. Fails if a target does; the input is then in fuzz/artifacts.
# In CI the seed is fixed, so that a run that fails does so again. With nightly Rust, `cargo fuzz run TARGET` does the same with the address sanitizer on.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${1:-all}
seconds=${2:-60}
if [ "$target" = all ]; then
    mapfile -t targets < <(cd fuzz/fuzz_targets && ls ./*.rs | sed 's|./||; s|\.rs$||')
elif [ -e "fuzz/fuzz_targets/$target.rs" ]; then
    targets=("$target")
else
    echo "fuzz: no target $target; there are: $(cd fuzz/fuzz_targets && ls ./*.rs | sed 's|./||; s|\.rs$||' | xargs)" >&2
    exit 1
fi

# The dependencies are those of the development build, without coverage; only the guard itself is built anew.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
cp Cargo.lock fuzz/Cargo.lock
RUSTC_WRAPPER=$PWD/fuzz/rustc.sh cargo build --manifest-path fuzz/Cargo.toml --bins

fuzz() { # fuzz TARGET SECONDS
    local found=$CARGO_TARGET_DIR/fuzz/$1 log=$CARGO_TARGET_DIR/fuzz/$1.log
    mkdir -p "$found" "fuzz/corpus/$1" "fuzz/artifacts/$1"
    if ! "$CARGO_TARGET_DIR/debug/$1" -max_total_time="$2" -timeout=5 -max_len=2048 -rss_limit_mb=2048 -verbosity=0 ${CI:+-seed=1} \
        -artifact_prefix="fuzz/artifacts/$1/" "$found" "fuzz/corpus/$1" >"$log" 2>&1; then
        grep -v '^INFO\|^MS:\|^0x' "$log" | head -n 40
        echo "fuzz: $1 FAILED; to see it again: $CARGO_TARGET_DIR/debug/$1 fuzz/artifacts/$1/<file>"
        return 1
    fi
    echo "fuzz: $1 ok"
}
export -f fuzz
printf '%s\n' "${targets[@]}" | xargs -P "$(nproc)" -I{} bash -c 'fuzz "$@"' fuzz {} "$seconds"
