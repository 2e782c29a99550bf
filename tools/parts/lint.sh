# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Lint: what can be said of the sources without running them.

# A folder that isn't there (yet) is no error.
c_files() { { find src tests bench -name node_modules -prune -o -name '*.[ch]' -print 2>/dev/null || true; } | sort; }

shell_files() {
    {
        find .ci tools packaging tests bench -type f -name '*.sh' || true
        grep -rlE --exclude-dir=node_modules '^#!.*\b(ba)?sh$' \
            run test .ci tools packaging tests bench || true
    } 2>/dev/null | sort -u
}

lint_format() { c_files | xargs clang-format --dry-run -Werror; }

# cppcheck 2.10 doesn't know __VA_OPT__: it is told another CV_LOG than that of base/log.h.
lint_cppcheck() {
    mkdir -p build/lint/cppcheck
    cppcheck --quiet --error-exitcode=1 --inline-suppr --cppcheck-build-dir=build/lint/cppcheck \
        --enable=warning,performance,portability --std=c11 -D_GNU_SOURCE -DCV_VERSION='""' \
        -DCV_BASE_LOG_H '-DCV_LOG(...)=(void)0' \
        --suppress=missingInclude --suppress=unknownMacro -I src -j 2 src
}

lint_shell() { shell_files | xargs shellcheck --external-sources; }

python_files() {
    grep -rlE --exclude-dir=node_modules '^#!.*python3$' tools tests bench 2>/dev/null || true
    find tools tests -name '*.py'
}

lint_python() { python_files | sort -u | xargs pyflakes3; }

# Every target that lies in tests/fuzz is built and run, and has seeds.
lint_fuzz_list() {
    local file name bad=0
    for file in tests/fuzz/fuzz_*.c; do
        name=${file##*/fuzz_}
        name=${name%.c}
        grep -qE "^  '$name':|^executable\('fuzz_$name'" tests/fuzz/meson.build || { echo "$file: not in meson.build"; bad=1; }
        [ -n "$(ls -A "tests/fuzz/corpus/$name" 2>/dev/null)" ] || { echo "$file: no seeds"; bad=1; }
    done
    return $bad
}

# Slow, and the same as last time where nothing has changed.
lint_eslint() {
    local sources
    sources=$(web_sources)
    stamped eslint "$sources" || { npm --prefix web --ignore-scripts run lint && stamp eslint "$sources"; }
}

# The build does it as well.
lint_tsc() { web_is_current || npm --prefix web --ignore-scripts run typecheck; }

# One check a processor; those that use all of them, and wait for nobody, come last.
part_lint() {
    need_packages build unit lint
    need_web_modules
    quietly web-generate npm --prefix web run generate
    beside check eslint lint_eslint
    beside check tsc lint_tsc
    beside suite tools python3 -m unittest discover -s tests/tools
    beside check format lint_format
    beside check spdx tools/check-files spdx
    beside check file-size tools/check-files size
    beside check words tools/check-files words
    beside check shellcheck lint_shell
    beside check python lint_python
    beside check fuzz-list lint_fuzz_list
    wait
    check cppcheck lint_cppcheck
    build_asan
    check clang-tidy tools/tidy build/asan build/lint/tidy
    check layering tools/layering --archives build/asan
    part_done lint
}
