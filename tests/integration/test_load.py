#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`conclave load` against the daemon: made-up participants with real ICE, DTLS and SRTP get all that is sent."""
import json
import os
import subprocess
import tempfile
import unittest

from conclave import daemon

CONFIGURATION = "limits:\n  connections: 1000\n  connections_per_address: 1000\n"


class Load(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        os.chmod(cls.folder.name, 0o755)
        cls.data = os.path.join(cls.folder.name, "data")
        configuration = os.path.join(cls.folder.name, "conclave.yaml")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION)
        cls.daemon = daemon("--config", configuration, "--data", cls.data, "--port", "0")
        cls.daemon.wait_for("Ready at")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        cls.folder.cleanup()

    def load(self, *options):
        command = [os.environ["CONCLAVE"], "--data", self.data, "load", "--insecure", "--verbose", *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("\n"), 1)
        return json.loads(done.stdout), done.stderr

    def assert_whole(self, result, said):
        self.assertEqual(result["failed"], 0, said)
        self.assertEqual(result["lost"], 0, result)
        self.assertEqual(result["damaged"], 0, result)
        self.assertEqual(result["streams"], result["streams_expected"], result)
        self.assertGreater(result["verified"], 0)

    def test_one_to_few(self):
        result, said = self.load(
            "--subscribers", 4, "--bitrate", 300, "--verify", 2, "--seconds", 2,
            "--server-pid", self.daemon.process.pid,
        )  # fmt: skip
        self.assert_whole(result, said)
        self.assertEqual(result["receivers"], 4)
        # Each gets all: but for what was on its way when the counting began and ended.
        self.assertAlmostEqual(result["packets_received"], 4 * result["packets_sent"], delta=4 * 40)
        self.assertGreater(result["server_cpu_ns_per_packet"], 0)
        self.assertIn("conclave-media", [process["name"] for process in result["server_processes"]])

    def test_a_meeting(self):
        result, said = self.load(
            "--publishers", 3, "--subscribers", 0, "--meeting", "--bitrate", 200, "--verify", 1, "--seconds", 2
        )
        self.assert_whole(result, said)
        self.assertEqual(result["streams_expected"], 3 * 2 * 2)

    def test_what_cannot_be_is_said(self):
        for options in (["--link", "http://example.org/"], ["--target", "nobody"], ["--publishers", "0"], ["extra"]):
            command = [os.environ["CONCLAVE"], "--data", self.data, "load", *options]
            done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
            self.assertIn(done.returncode, (1, 2), options)
            self.assertTrue(done.stderr.startswith("conclave: "), done.stderr)
            self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
