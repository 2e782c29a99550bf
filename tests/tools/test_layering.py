# SPDX-License-Identifier: Apache-2.0
"""tools/layering on small trees: a good one passes, and each rule, once broken, is named."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "layering"

ARCHITECTURE = """
| folder | what it is | may include beside itself |
| --- | --- | --- |
| `src/base` | bytes | nothing |
| `src/policy` | who may do what | `base`, `port` |
| `src/meeting` | the meeting | `base`, `port`, `policy` |
| `src/media` | packets | `base`, `port` |
| `src/signal` | messages | `base`, `port`, `meeting`, `policy` |
| `src/port` | interfaces | `base`, `meeting/record.h` |
| `src/io` | sockets | `base`, `port` |
| `src/store` | SQLite | `base`, `port` |
| `src/app` | wiring | everything |
| `web/src/protocol` | client; knows neither React nor DOM | nothing |
| `web/src/media` | devices; knows no React | nothing |
| `web/src/state` | view models; know no React | `protocol`, `media` |
| `web/src/ui` | the pages | `state`; types of `protocol` and `media` |

Kept from the rest are the five pure folders (`base`, `media`, `meeting`,
`policy`, `signal`). Threads exist in `store` (the database) and `app/hasher.c`
(passwords) only.
"""

GOOD = {
    "ARCHITECTURE.md": ARCHITECTURE,
    "src/base/bytes.h": "",
    "src/base/bytes.c": '#include "base/bytes.h"\n#include <string.h>\n',
    "src/port/store.h": '#include "base/bytes.h"\n#include "meeting/record.h"\n',
    "src/policy/may.h": '#include "base/bytes.h"\n',
    "src/meeting/meeting.h": '#include "policy/may.h"\n#include "port/store.h"\n',
    "src/meeting/record.h": "",
    "src/media/rtp.h": "",
    "src/signal/wire.c": '#include "meeting/meeting.h"\n',
    "src/io/loop.h": '#include "base/bytes.h"\n',
    "src/store/sqlite.c": '#include "port/store.h"\n',
    "src/store/sqlite.h": "",
    "src/app/hasher.c": "",
    "src/app/main.c": '#include "store/sqlite.h"\n#include "io/loop.h"\n',
    "web/src/protocol/client.ts": "export const words = 'no window. here';\n",
    "web/src/media/peer.ts": "import './wire';\n",
    "web/src/state/call.ts": "import { words } from '@/protocol/client';\nimport '../media/peer';\n",
    "web/src/ui/Call.tsx": "import React from 'react';\nimport { call } from '../state/call';\n"
    "import type { Peer } from '../media/peer';\n",
    "web/src/main.tsx": "import { Call } from './ui/Call';\nimport './protocol/client';\n",
}


class Tree(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.root = Path(scratch.name)

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run_tool(self, *arguments):
        command = [sys.executable, TOOL, "--root", self.root, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)


class Includes(Tree):
    def assert_refused(self, name, text, expected):
        self.write(GOOD | {name: text})
        result = self.run_tool()
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(expected, result.stdout)
        self.assertEqual(len(result.stdout.splitlines()), 1, result.stdout)

    def test_a_good_tree_passes(self):
        self.write(GOOD)
        result = self.run_tool()
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_a_pure_folder_includes_no_shell(self):
        self.assert_refused("src/base/bytes.c", '#include "io/loop.h"\n', "base must not include")

    def test_media_and_meeting_stay_apart(self):
        self.write({"src/media/stun.h": ""})
        self.assert_refused(
            "src/meeting/meeting.c", '#include "media/stun.h"\n', "meeting must not include media/stun.h"
        )

    def test_a_folder_that_is_no_pure_one_has_its_limits_too(self):
        self.assert_refused("src/store/sqlite.c", '#include "io/loop.h"\n', "store must not include io/loop.h")

    def test_one_header_of_a_folder_is_not_the_folder(self):
        self.assert_refused("src/port/x.h", '#include "meeting/meeting.h"\n', "port must not include meeting/meeting.h")

    def test_a_folder_without_a_row(self):
        self.assert_refused("src/phone/sip.c", "", "src/phone: not in the table")

    def test_a_folder_of_the_client_without_a_row(self):
        self.assert_refused("web/src/i18n/de.ts", "", "web/src/i18n: not in the table")

    def test_a_row_without_a_folder(self):
        row = "| `src/phone` | telephones | `base` |\n| `src/store`"
        self.assert_refused(
            "ARCHITECTURE.md", ARCHITECTURE.replace("| `src/store`", row), "there is no src/phone"
        )

    def test_a_name_in_the_table_that_is_nowhere(self):
        text = ARCHITECTURE.replace("`meeting/record.h`", "`meeting/record.h`, `cluster`")
        self.assert_refused("ARCHITECTURE.md", text, "port may know cluster, which isn't there")

    def test_words_that_it_does_not_understand(self):
        for old, new in [
            ("SQLite | `base`, `port` |", "SQLite | `base` and most of the rest |"),
            ("Threads exist", "Threads are"),
            ("five pure folders", "folders"),
        ]:
            with self.subTest(new):
                self.assertIn(old, ARCHITECTURE)
                self.write(GOOD | {"ARCHITECTURE.md": ARCHITECTURE.replace(old, new)})
                result = self.run_tool()
                self.assertEqual(result.returncode, 1)
                self.assertIn("ARCHITECTURE.md: ", result.stderr)

    def test_only_app_includes_the_store(self):
        self.assert_refused("src/io/http.c", '#include "store/sqlite.h"\n', "io must not include store")

    def test_nothing_includes_app(self):
        self.write({"src/app/config.h": ""})
        self.assert_refused("src/io/http.c", '#include "app/config.h"\n', "io must not include app")

    def test_protocol_imports_nothing_above(self):
        self.assert_refused(
            "web/src/protocol/client.ts", "import {\n  call,\n} from '../state/call';\n", "protocol must not"
        )

    def test_views_take_no_values_past_the_state(self):
        self.assert_refused(
            "web/src/ui/Call.tsx", "export * from '../protocol/client';\n", "ui must not import"
        )

    def test_a_lazy_import_counts(self):
        self.assert_refused(
            "web/src/media/peer.ts", "const x = await import('../ui/Call');\n", "media must not import"
        )

    def test_state_knows_no_react(self):
        self.assert_refused("web/src/state/call.ts", "import { useState } from 'react';\n", "knows no React")

    def test_protocol_knows_no_dom(self):
        self.assert_refused("web/src/protocol/client.ts", "document.title = 'x';\n", "knows no DOM")


class Archives(Tree):
    def setUp(self):
        super().setUp()
        self.write(GOOD)

    def archive(self, folder, code, file="it.c"):
        self.write({f"src/{folder}/meson.build": "", f"src/{folder}/it.c": code})
        source = self.root / "src" / folder / "it.c"
        objects = self.root / "build" / "src" / folder / f"{file}.o"
        objects.parent.mkdir(exist_ok=True, parents=True)
        subprocess.run(["cc", "-c", "-fno-builtin", source, "-o", objects], check=True)
        subprocess.run(["ar", "rc", objects.parent / f"libcv_{folder}.a", objects], check=True)

    def check(self):
        return self.run_tool("--archives", self.root / "build")

    def test_memory_and_own_symbols_pass(self):
        self.archive("base", "#include <string.h>\nvoid cv_b(char *p) { memset(p, 0, 1); }\n")
        self.archive("media", "void cv_b(char *p);\nvoid cv_m(char *p) { cv_b(p); }\n")
        self.assertEqual(self.check().stdout, "")

    def test_a_clock_in_a_pure_folder_is_refused(self):
        self.archive("media", "#include <time.h>\nlong cv_m(void) { return time(0); }\n")
        self.assertIn("time is not on the list", self.check().stdout)

    def test_a_symbol_of_a_foreign_folder_is_refused(self):
        self.archive("io", "void cv_io(void) {}\n")
        self.archive("policy", "void cv_io(void);\nvoid cv_p(void) { cv_io(); }\n")
        self.assertIn("policy must not use cv_io of io", self.check().stdout)

    def test_what_is_not_pure_has_its_limits_too(self):
        self.archive("io", "void cv_io(void) {}\n")
        self.archive("store", "#include <time.h>\nvoid cv_io(void);\nvoid cv_s(void) { time(0); cv_io(); }\n")
        self.assertEqual(self.check().stdout.splitlines(), ["libcv_store.a(it.c.o): store must not use cv_io of io"])

    def test_threads_only_where_they_may_be(self):
        code = (
            "#include <pthread.h>\nvoid *f(void *);\n"
            "void cv_t(pthread_t *t) { pthread_create(t, 0, f, 0); }\n"
        )
        self.archive("store", code)
        self.assertEqual(self.check().stdout, "")
        self.archive("app", code, "hasher.c")
        self.assertEqual(self.check().stdout, "")
        self.archive("app", code, "other.c")
        self.assertIn("other.c.o): pthread_create: threads exist only in app/hasher.c, store", self.check().stdout)
        self.archive("io", code)
        self.assertIn("libcv_io.a(it.c.o): pthread_create: threads", self.check().stdout)

    def test_a_missing_archive_is_named(self):
        self.write({"src/signal/meson.build": ""})
        (self.root / "build").mkdir()
        self.assertIn("no archive of signal", self.check().stdout)


if __name__ == "__main__":
    unittest.main()
