# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Counting: `check` is one test, `suite` a program that counts its own; the sum ends the run.

BEHIND_NICE=10 # of `behind`: a tenth of what those in front get

tally_begin() {
    mkdir -p "$LOGS"
    TALLY=$LOGS/tally.$$
    : >"$TALLY"
}

tally() { printf '%s %s\n' "$1" "$2" >>"$TALLY"; }

# tally_part PART: in a subshell: a build that fails in it is one failed test, and the rest goes on.
tally_part() {
    local part=$1 begun=$SECONDS
    say "$part"
    # Not `|| true`: that would switch `set -e` off inside.
    set +e
    (set -e; "part_$part")
    set -e
    if [ ! -e "$TALLY.$part" ]; then
        printf 'FAIL  %s: could not be run\n' "$part"
        tally 0 1
    fi
    rm -f "$TALLY.$part"
    say "$part took $((SECONDS - begun)) s"
}

# tally_stage PART [PART]...: the first in front; the others behind it, one after the other, with what it leaves of the
# processors, and shown after it.
tally_stage() {
    local front=$1 log=$LOGS/behind.log
    shift
    behind "$@" >"$log" 2>&1 &
    tally_part "$front"
    wait
    cat "$log"
}

behind() { # [PART]...
    local part
    renice -n "$BEHIND_NICE" -p "$BASHPID" >/dev/null
    for part; do tally_part "$part"; done
}

# The last call of a part: it was run to its end.
part_done() { : >"$TALLY.$1"; }

tally_end() {
    local passed failed
    read -r passed failed < <(awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }' "$TALLY")
    rm -f "$TALLY"
    printf '%s passed, %s failed\n' "$passed" "$failed"
    [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

# logged NAME COMMAND...: runs it with its output in $LOGS/NAME.log; the status is the command's.
logged() {
    local log=$LOGS/$1.log
    shift
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1
}

# check NAME COMMAND...: one test; its output is shown when it fails.
check() {
    local name=$1 begun=$SECONDS
    shift
    if logged "$name" "$@"; then
        printf 'ok    %s (%s s)\n' "$name" $((SECONDS - begun))
        tally 1 0
    else
        tail -n 60 "$LOGS/$name.log"
        printf 'FAIL  %s\n' "$name"
        tally 0 1
    fi
}

# beside COMMAND...: in the background, as many at a time as there are processors, and WAITING more where most of the
# time goes by waiting. `wait` ends it.
beside() {
    while [ "$(jobs -rp | wc -l)" -ge $(($(nproc) + ${WAITING:-0})) ]; do wait -n || true; done
    "$@" &
}

# suite NAME COMMAND...: a program whose output (TAP, cmocka, a last line "N passed, N failed")
# says how many tests it ran; without such an output it counts as one.
suite() {
    local name=$1 begun=$SECONDS status=0 passed failed
    shift
    logged "$name" "$@" || status=$?
    read -r passed failed < <(tools/count --status "$status" "$LOGS/$name.log")
    suite_result "$name" "$passed" "$failed" $((SECONDS - begun))
}

suite_result() {
    tally "$2" "$3"
    if [ "$3" = 0 ]; then
        printf 'ok    %s: %s passed (%s s)\n' "$1" "$2" "$4"
        return
    fi
    tail -n 80 "$LOGS/$1.log"
    printf 'FAIL  %s: %s passed, %s failed\n' "$1" "$2" "$3"
}

# meson_suite NAME DIR ARGUMENT...: `meson test`, counted by the test cases inside the programs. A
# suite without a test is a failure.
meson_suite() {
    local name=$1 dir=$2 begun=$SECONDS passed failed
    shift 2
    rm -f "$dir/meson-logs/testlog.json"
    logged "$name" fixed_addresses meson test -C "$dir" --no-rebuild --print-errorlogs "$@" || true
    read -r passed failed < <(tools/count --meson "$dir/meson-logs/testlog.json")
    suite_result "$name" "$passed" "$failed" $((SECONDS - begun))
}
