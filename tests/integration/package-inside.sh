#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The part of test_package that runs on the throw-away copy: package-inside.sh PACKAGE.deb
set -euo pipefail

TESTS=0

# it WHAT COMMAND...: one test.
it() {
    local what=$1
    shift
    TESTS=$((TESTS + 1))
    if "$@" >"$TMPDIR/out" 2>&1; then
        echo "ok $TESTS - $what"
    else
        echo "not ok $TESTS - $what"
        sed 's/^/# /' "$TMPDIR/out"
    fi
}

no_service() { printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d; }

installs() { no_service && dpkg --install "$1"; }

has_account_and_folders() {
    [ "$(stat -c '%U %a' /var/lib/conclave)" = 'conclave 700' ] &&
        [ "$(stat -c '%U %a' /etc/conclave/secrets)" = 'root 700' ] &&
        [ "$(getent passwd conclave | cut -d: -f7)" = /usr/sbin/nologin ]
}

exposure() {
    systemd-analyze security --offline=true conclaved.service |
        sed -n 's/.*exposure level for .*: \([0-9.]*\) .*/\1/p'
}

# systemd's own measure of what a service could do to the machine: 10 is all, under 2 is "OK".
unit_is_sound() {
    systemd-analyze verify --man=no conclaved.service && exposure &&
        [ "$(exposure | tr -d .)" -lt 20 ]
}

# What ExecStart says, as whom and with the few privileges that the unit leaves.
start_like_the_unit() {
    local command
    command=$(sed -n 's/^ExecStart=//p' /lib/systemd/system/conclaved.service)
    cd /var/lib/conclave
    # shellcheck disable=SC2086 # a command line
    exec setpriv --reuid conclave --regid conclave --clear-groups --no-new-privs \
        --inh-caps -all,+net_bind_service --ambient-caps -all,+net_bind_service \
        --bounding-set -all,+net_bind_service -- $command
}

serves() {
    for _ in $(seq 100); do
        curl -fsk "https://localhost:8443/readyz" && return
        sleep 0.1
    done
    return 1
}

serves_the_client() { curl -fsk "https://localhost:8443/" | grep -q '<script'; }

command_line_reaches_it() { conclave status && conclave setup-link | grep -q https://; }

ends_on_sigterm() {
    kill -TERM "$DAEMON"
    wait "$DAEMON"
}

keeps_configuration_and_data() {
    ! [ -e /usr/sbin/conclaved ] && ! [ -e /usr/share/conclave ] &&
        [ -e /etc/conclave/conclave.yaml ] && [ -n "$(ls -A /var/lib/conclave)" ]
}

leaves_nothing() {
    ! getent passwd conclave && ! getent group conclave &&
        [ -z "$(find /etc /usr /var/lib /lib/systemd -name '*conclave*' -not -path '*/dpkg/*' -print | tee /dev/stderr)" ]
}

ip link set lo up
it 'installs' installs "$1"
it 'makes its account and folders' has_account_and_folders
it 'has a sound unit' unit_is_sound
it 'has a good configuration' conclaved --check-config --config /etc/conclave/conclave.yaml
start_like_the_unit 2>"$TMPDIR/daemon.log" &
DAEMON=$!
it 'serves' serves
it 'serves the client' serves_the_client
it 'is reached by the command line' command_line_reaches_it
it 'ends on SIGTERM' ends_on_sigterm
it 'is removed' dpkg --remove conclave
it 'keeps configuration and data' keeps_configuration_and_data
it 'is purged' dpkg --purge conclave
it 'leaves nothing' leaves_nothing
sed 's/^/# /' "$TMPDIR/daemon.log"
echo "1..$TESTS"
