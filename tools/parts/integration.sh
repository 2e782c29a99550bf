# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
part_integration() {
    part_done integration
}
