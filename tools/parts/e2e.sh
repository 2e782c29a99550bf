# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# End to end: people's browsers, driven by tests/e2e/run, against the release.

part_e2e() {
    need_packages build e2e
    need_node
    build_all
    export_release
    suite e2e tests/e2e/run
    part_done e2e
}
