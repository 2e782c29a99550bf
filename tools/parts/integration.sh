# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Integration: real peers. Each tests/integration/test_* is a program that starts the daemon as it is
# shipped and says how its tests went (CONTRIBUTING.md); meson's suite of the same name has the parts of
# the daemon, with sanitizers.

INTEGRATION_SECONDS=300 # for one program; none comes near it
INTEGRATION_WAITING=1   # more at a time than there are processors: they mostly wait for one another

# integration_one FILE: with a scratch folder that is gone afterwards, and that the daemon's account can enter.
integration_one() {
    local scratch status=0
    scratch=$(mktemp -d)
    chmod 755 "$scratch"
    TMPDIR=$scratch timeout --kill-after=10 "$INTEGRATION_SECONDS" "$1" || status=$?
    rm -rf "$scratch"
    return "$status"
}

part_integration() {
    local file name
    need_packages build unit integration
    need_node
    build_asan
    meson_suite integration-asan build/asan --suite integration
    build_all
    build_peers
    export_release
    for file in tests/integration/test_*; do
        [ -x "$file" ] || continue
        name=${file##*/test_}
        WAITING=$INTEGRATION_WAITING beside suite "integration-${name%.*}" integration_one "$file"
    done
    wait
    part_done integration
}
