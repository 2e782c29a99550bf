#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""./run, in a checkout that has been built: what it prints, how fast, as whom, and how it ends."""
import os
import pwd
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

from conclave import ROOT, Announced, fetch, free_ports, process_tree


def run(*arguments):
    return subprocess.run([ROOT / "run", *arguments], capture_output=True, text=True, check=False, timeout=60)


class Arguments(unittest.TestCase):
    def assert_refused(self, message, *arguments):
        result = run(*arguments)
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertIn(message, result.stderr)

    def test_help(self):
        result = run("--help")
        self.assertEqual(result.returncode, 0)
        for option in ("--port", "--data", "--config"):
            self.assertIn(option, result.stdout)

    def test_what_it_does_not_know_is_named(self):
        self.assert_refused("unknown argument: --prot", "--prot", "1")
        self.assert_refused("unknown argument: x", "x")
        self.assert_refused("--port: not a port between 1 and 65535: 65536", "--port=65536")
        self.assert_refused("--port: not a port between 1 and 65535: 0", "--port", "0")
        self.assert_refused("--data needs a folder", "--data", "")
        self.assert_refused("--config needs a value", "--config")
        self.assert_refused("--config: cannot read /nowhere", "--config", "/nowhere")


class Started(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = Path(scratch.name)
        self.port = free_ports()

    def start(self, *arguments, **options):
        started = Announced([ROOT / "run", "--port", str(self.port), *arguments], **options)
        self.addCleanup(started.stop, signal.SIGKILL)
        started.wait_for("Instant meeting")
        return started

    def test_three_lines_that_lead_somewhere(self):
        started = self.start("--data", self.scratch / "data")
        self.assertEqual(list(started.lines), ["Ready at", "Administrator set-up", "Instant meeting"])
        for url in started.lines.values():
            self.assertIn(f":{self.port}", url)
            status, headers, body = fetch(url)
            self.assertEqual((status, headers.get_content_type()), (200, "text/html"), url)
            self.assertIn(b"<script", body)

    def test_again_within_three_seconds(self):
        self.start("--data", self.scratch / "data").stop()
        again = self.start("--data", self.scratch / "data")
        self.assertLess(again.ready_seconds, 3)

    def test_a_relative_folder_is_the_callers(self):
        self.start("--data", "here", cwd=self.scratch)
        self.assertTrue((self.scratch / "here").is_dir())

    def test_ctrl_c_ends_it_cleanly(self):
        started = self.start("--data", self.scratch / "data")
        pids = process_tree(started.process.pid)
        self.assertEqual(started.stop(signal.SIGINT), 0)
        self.assertEqual([pid for pid in pids if Path(f"/proc/{pid}").exists()], [])

    @unittest.skipUnless(os.geteuid() == 0, "only root has privileges to drop")
    def test_root_becomes_conclave_even_below_a_closed_folder(self):
        closed = self.scratch / "closed"
        closed.mkdir(mode=0o700)
        started = self.start("--data", closed / "data")
        self.assertEqual(pwd.getpwuid((closed / "data").stat().st_uid).pw_name, "conclave")
        for pid in process_tree(started.process.pid)[1:]:
            status = Path(f"/proc/{pid}/status").read_text()
            self.assertIn(f"Uid:\t{pwd.getpwnam('conclave').pw_uid}", status)
            self.assertIn("NoNewPrivs:\t1", status)


if __name__ == "__main__":
    unittest.main()
