#!/bin/sh
# RUSTC_WRAPPER of scripts/fuzz.sh: compiles the guard with coverage for libFuzzer, everything else as it is. These are flags
# of stable Rust; the address sanitizer, which needs nightly, has little to find in a crate without `unsafe`.
rustc=$1
shift
case " $* " in
*" --crate-name clinik_guard "*)
    exec "$rustc" "$@" --cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
        -Cllvm-args=-sanitizer-coverage-trace-compares ;;
*) exec "$rustc" "$@" ;;
esac
