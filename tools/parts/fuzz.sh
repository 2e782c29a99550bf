# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Fuzzing: every target of tests/fuzz for a few seconds. Long runs are said in CONTRIBUTING.md.

FUZZ_SECONDS=${FUZZ_SECONDS:-} # for each target; otherwise FUZZ_TOTAL is shared out, 10 s at most
FUZZ_TOTAL=${FUZZ_TOTAL:-60}

fuzz_seconds() { # TARGETS
    local each=$((FUZZ_TOTAL * $(nproc) / $1))
    if [ "$each" -gt 10 ]; then each=10; fi
    if [ "$each" -lt 1 ]; then each=1; fi
    printf '%s\n' "${FUZZ_SECONDS:-$each}"
}

# fuzz_one NAME SECONDS: what it finds stays in build/fuzz/found, its new inputs in build/fuzz/corpus.
fuzz_one() {
    local name=$1 seeds=tests/fuzz/corpus/$1 grown=build/fuzz/corpus/$1
    mkdir -p "$grown" build/fuzz/found
    [ -d "$seeds" ] || { printf 'no seeds in %s\n' "$seeds"; return 1; }
    build/fuzz/tests/fuzz/"fuzz_$name" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="build/fuzz/found/$name-" "$grown" "$seeds"
}

part_fuzz() {
    local targets file name seconds
    need_packages build fuzz
    targets=(tests/fuzz/fuzz_*.c)
    seconds=$(fuzz_seconds ${#targets[@]})
    build_fuzz
    for file in "${targets[@]}"; do
        name=${file##*/fuzz_}
        name=${name%.c}
        beside check "fuzz-$name" fuzz_one "$name" "$seconds"
    done
    wait
    part_done fuzz
}
