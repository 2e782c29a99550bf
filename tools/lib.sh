# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Shared by ./run, ./test and the scripts beside them: messages, packages, fingerprints.
# Sourcing it makes the checkout the working directory; CALLER_DIR remembers the one before.

set -euo pipefail

CALLER_DIR=$PWD
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
LOGS=$ROOT/build/logs
STAMPS=$ROOT/build/stamps
cd "$ROOT"

say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# absolute PATH: as the caller meant it, whatever directory we work in.
absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s/%s\n' "$CALLER_DIR" "$1" ;;
    esac
}

# quietly NAME COMMAND...: the output goes to a log, which is shown only when the command fails.
quietly() {
    local log=$LOGS/$1.log
    shift
    mkdir -p "$LOGS"
    "$@" >"$log" 2>&1 && return
    tail -n 40 "$log" | cut -c 1-400 >&2
    die "failed: $* (all of it in $log)"
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "this needs root or sudo: $*"
    fi
}

# packages_of SECTION...: the names in those sections of tools/packages.
packages_of() {
    local section
    for section; do
        awk -v want="[$section]" '
            /^\[/ { inside = ($1 == want); next }
            inside { sub(/#.*/, ""); if (NF) print $1 }' tools/packages
    done | sort -u
}

# missing_of PACKAGE...: those that dpkg doesn't know as installed.
missing_of() {
    local installed
    # dpkg-query fails when it knows nothing of a package; that is an answer here.
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p' | sort -u) || true
    comm -23 <(printf '%s\n' "$@" | sort -u) <(printf '%s\n' "$installed")
}

# Packages that bring a service must not start it on the machine of whoever runs our tests.
without_services() {
    local policy=/usr/sbin/policy-rc.d status=0
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    "$@" || status=$?
    as_root rm -f "$policy"
    return "$status"
}

apt_install() {
    as_root apt-get update -q &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
            -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=600 "$@"
}

# Installing ca-certificates writes the system's bundle anew, without what somebody had added to it by
# hand: the authorities that NODE_EXTRA_CA_CERTS named before that are kept, and used.
AUTHORITIES=$ROOT/build/authorities.pem
[ ! -f "$AUTHORITIES" ] || export NODE_EXTRA_CA_CERTS=$AUTHORITIES

keep_authorities() {
    [ -r "${NODE_EXTRA_CA_CERTS:-}" ] && [ ! -f "$AUTHORITIES" ] || return 0
    cp "$NODE_EXTRA_CA_CERTS" "$AUTHORITIES"
    export NODE_EXTRA_CA_CERTS=$AUTHORITIES
}

# in_turn NAME COMMAND...: what has the same name runs one at a time in a checkout.
in_turn() {
    local lock
    mkdir -p build
    exec {lock}>"build/.$1-lock"
    flock "$lock"
    shift
    "$@"
    exec {lock}>&-
}

# need_packages SECTION...: installs what is missing of those sections of tools/packages. Who had to wait for another
# installation looks again.
need_packages() {
    local names missing
    have dpkg-query || die "packages are installed with apt: this needs Debian 12 or its like"
    mapfile -t names < <(packages_of "$@")
    mapfile -t missing < <(missing_of "${names[@]}")
    [ ${#missing[@]} = 0 ] || in_turn apt install_missing "${missing[@]}"
}

install_missing() { # NAME...
    local missing
    mapfile -t missing < <(missing_of "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    keep_authorities
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    quietly apt without_services apt_install "${missing[@]}"
}

# Any Node from 18 on will do, wherever it comes from.
need_node() {
    if ! have node || ! have npm; then need_packages node; fi
}

# fingerprint PATH...: one hash over names and contents of all files below; build output left out.
fingerprint() {
    find "$@" \( -name node_modules -o -name dist \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# stamped NAME HASH: what NAME stands for was made from exactly this.
stamped() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; }
stamp() { mkdir -p "$STAMPS" && printf '%s\n' "$2" >"$STAMPS/$1"; }
