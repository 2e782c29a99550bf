# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
part_e2e() {
    part_done e2e
}
