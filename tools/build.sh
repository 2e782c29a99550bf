# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Builds: the release that ./run starts and the instrumented ones that ./test needs.
# Every function may be called again at no cost; ninja and the stamps know what is current.

# configured DIR OPTION...: a meson build directory, set up once.
configured() {
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] ||
        quietly "setup-$(basename "$dir")" meson setup "$dir" "$@"
}

# compiled DIR [TARGET...]
compiled() {
    local dir=$1
    shift
    quietly "ninja-$(basename "$dir")" ninja -C "$dir" "$@"
}

build_release() {
    configured build/release --buildtype=release -Dtests=false
    compiled build/release
}

build_asan() {
    configured build/asan --buildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false
    compiled build/asan
}

build_tsan() {
    configured build/tsan --buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false
    compiled build/tsan
}

build_fuzz() {
    CC=clang configured build/fuzz --buildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false -Dtests=false -Dfuzz=true
    compiled build/fuzz
}
