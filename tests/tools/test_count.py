# SPDX-License-Identifier: Apache-2.0
"""tools/count on the outputs that it has to understand."""
import subprocess
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "count"

CMOCKA = """[==========] Running 2 test(s).
[ RUN      ] good
[       OK ] good
[ RUN      ] bad
[  ERROR   ] --- 1 != 2
[  FAILED  ] bad
[==========] 2 test(s) run.
[  PASSED  ] 1 test(s).
[  FAILED  ] 1 test(s), listed below:
[  FAILED  ] bad

 1 FAILED TEST(S)
"""


class Count(unittest.TestCase):
    def assert_counted(self, text, status, expected):
        with tempfile.NamedTemporaryFile("w") as log:
            log.write(text)
            log.flush()
            output = subprocess.check_output([TOOL, "--status", str(status), log.name], text=True)
        self.assertEqual(output.strip(), expected)

    def test_a_silent_program_is_one_test(self):
        self.assert_counted("", 0, "1 0")
        self.assert_counted("something\n", 3, "0 1")

    def test_the_last_line_wins(self):
        self.assert_counted("1..1\nok 1\n7 passed, 2 failed\n", 1, "7 2")

    def test_a_crash_after_good_results_is_a_failure(self):
        self.assert_counted("7 passed, 0 failed\n", 134, "7 1")

    def test_node_sums(self):
        self.assert_counted("ok 1 - a\n1..1\n# tests 5\n# pass 4\n# fail 1\n# cancelled 0\n", 1, "4 1")

    def test_tap_counts_what_was_planned_and_never_ran(self):
        self.assert_counted("1..4\nok 1\nnot ok 2\nok 3\n", 1, "2 2")

    def test_unittest(self):
        self.assert_counted("Ran 9 tests in 0.1s\n\nFAILED (failures=2, errors=1)\n", 1, "6 3")

    def test_vitest(self):
        self.assert_counted(" Test Files  1 failed (1)\n      Tests  1 failed | 7 passed (8)\n", 1, "7 1")
        self.assert_counted(" Test Files  1 passed (1)\n      Tests  3 passed (3)\n", 0, "3 0")

    def test_cmocka(self):
        self.assert_counted(CMOCKA, 1, "1 1")

    def test_cmocka_that_died_in_the_middle(self):
        self.assert_counted("[ RUN      ] good\n[       OK ] good\n[ RUN      ] bad\n", 139, "1 1")


if __name__ == "__main__":
    unittest.main()
