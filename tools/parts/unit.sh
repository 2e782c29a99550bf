# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Unit tests and simulation: in one process, no network, time a variable.

part_asan() {
    need_packages build unit
    build_asan
    meson_suite unit-asan build/asan --suite unit
    part_done asan
}

threaded_tests() {
    meson test -C build/tsan --no-rebuild --list 2>/dev/null | grep -oE "($THREADED)/[^ ]+$" || true
}

# GCC's ThreadSanitizer can't place its shadow where the kernel randomises more than 28 bits.
fixed_addresses() {
    if setarch -R true 2>/dev/null; then setarch -R "$@"; else "$@"; fi
}

part_tsan() {
    local names
    need_packages build unit
    build_tsan
    mapfile -t names < <(threaded_tests)
    [ ${#names[@]} = 0 ] || meson_suite unit-tsan build/tsan "${names[@]}"
    part_done tsan
}

part_web() {
    need_web_modules
    NO_COLOR=1 suite unit-web npm --prefix web test
    part_done web
}

part_unit() {
    part_asan
    together part_tsan part_web
    part_done unit
}

part_sim() {
    need_packages build unit
    build_asan
    meson_suite sim build/asan --suite sim
    part_done sim
}
