#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages name every option and command that --help names, and none besides."""
import os
import re
import subprocess
import unittest

from conclave import ROOT


def help_of(program):
    return subprocess.run([os.environ[program], "--help"], capture_output=True, text=True, check=True).stdout


def manual(name):
    return (ROOT / "packaging" / "man" / name).read_text()


class Manuals(unittest.TestCase):
    def assert_same_options(self, text, page):
        options = set(re.findall(r"--([a-z][a-z-]+)", text))
        documented = set(re.findall(r"Fl -([a-z][a-z-]+)", page))
        self.assertEqual(documented | {"help", "version"}, options | {"help", "version"})

    def test_conclaved(self):
        self.assert_same_options(help_of("CONCLAVED"), manual("conclaved.8"))

    def test_conclave(self):
        text, page = help_of("CONCLAVE"), manual("conclave.1")
        self.assert_same_options(text, page)
        commands = re.findall(r"(?m)^  ([a-z][a-z-]*(?: [a-z]+)?)(?= )", text)
        self.assertTrue(commands)
        documented = re.findall(r"(?m)^\.It Ic ([a-z-]+(?: [a-z]+)?)", page)
        self.assertEqual(sorted(documented), sorted(commands))

    def test_the_pages_are_well_formed(self):
        for page in ("conclaved.8", "conclave.1"):
            path = ROOT / "packaging" / "man" / page
            result = subprocess.run(
                ["groff", "-mandoc", "-Tutf8", "-ww", "-z", path], capture_output=True, text=True, check=False
            )
            self.assertEqual((result.returncode, result.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
