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

# The release: the daemon and the command line, from what lies in these places.
release_sources() { fingerprint meson.build meson_options.txt src tools; }
web_sources() { fingerprint web api; }

build_release() {
    configured build/release --buildtype=release -Db_lto=true -Dtests=false
    compiled build/release
    stamp release "$(release_sources)"
}

# The web client's modules, exactly as its lock file names them.
need_web_modules() {
    local lock
    need_node
    lock=$(fingerprint web/package-lock.json)
    [ -d web/node_modules ] && stamped web-modules "$lock" && return
    quietly npm-ci npm --prefix web ci --no-audit --no-fund
    stamp web-modules "$lock"
}

build_web() {
    need_web_modules
    quietly web-build npm --prefix web run build
    stamp web "$(web_sources)"
}

release_is_current() {
    [ -x build/release/src/app/conclaved ] && stamped release "$(release_sources)"
}

web_is_current() {
    [ -f web/dist/index.html ] && stamped web "$(web_sources)"
}

# together FUNCTION...: side by side, each in a process group of its own, so that none outlives us.
together() {
    local function job failed=0
    JOBS=()
    set -m
    for function; do
        "$function" </dev/null &
        JOBS+=($!)
    done
    set +m
    trap 'kill -- "${JOBS[@]/#/-}" 2>/dev/null' EXIT
    for job in "${JOBS[@]}"; do wait "$job" || failed=1; done
    trap - EXIT
    return "$failed"
}

build_all() { in_turn release build_halves; }

# Both halves, where they are not as their sources are.
build_halves() {
    local halves=()
    release_is_current || { need_packages build; halves+=(build_release); }
    web_is_current || halves+=(build_web)
    if [ ${#halves[@]} -gt 0 ]; then
        say "Building Conclave (a few minutes the first time)"
        together "${halves[@]}" || die "not built"
    fi
}

# What the daemon's tests and benchmarks start.
export_release() {
    export CONCLAVED=$ROOT/build/release/src/app/conclaved
    export CONCLAVE=$ROOT/build/release/src/cli/conclave
    export CONCLAVE_WEB=$ROOT/web/dist
}

# Servers and clients that tests/integration starts besides the daemon.
build_peers() {
    configured build/peers --buildtype=release
    compiled build/peers tests/integration/http/http_server
    export HTTP_SERVER=$ROOT/build/peers/tests/integration/http/http_server
}

build_asan() { in_turn asan build_asan_now; }

build_asan_now() {
    configured build/asan --buildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false
    compiled build/asan
}

# Threads exist only in store and app (tools/layering sees to it), and memory shared by processes in
# ipc; the rest has nothing to race with.
THREADED='store|app|ipc'

build_tsan() {
    local programs
    configured build/tsan --buildtype=debugoptimized -Db_sanitize=thread -Db_lundef=false
    compiled build/tsan build.ninja # new tests are in there only then
    mapfile -t programs < <(ninja -C build/tsan -t targets all |
        grep -oE "^tests/(unit|integration)/($THREADED)/test_[^:.]+: c_LINKER" | cut -d: -f1)
    [ ${#programs[@]} = 0 ] || compiled build/tsan "${programs[@]}"
}

build_fuzz() {
    CC=clang configured build/fuzz --buildtype=debugoptimized -Db_sanitize=address,undefined \
        -Db_lundef=false -Dtests=false -Dfuzz=true -Dwerror=false -Dc_args=-fsanitize=fuzzer-no-link
    compiled build/fuzz
}
