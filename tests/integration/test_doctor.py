#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What an operator looks at: the doctor, the metrics, and who may use the administrator's socket."""
import json
import os
import subprocess
import unittest

from conclave import fetch
from server import ServerCase


class Doctor(ServerCase):
    def examine(self):
        result = self.server.conclave("doctor", "--format", "json")
        return result.returncode, {f["check"]: f for f in json.loads(result.stdout)}

    def test_a_default_server_is_usable(self):
        status, findings = self.examine()
        self.assertEqual(status, 0, findings)
        for check in ("server", "https", "udp", "relay", "store", "data folder", "disk"):
            self.assertEqual(findings[check]["grade"], "OK", findings[check])
        for check in ("certificate", "public address", "turn"):
            self.assertEqual(findings[check]["grade"], "WARN", findings[check])
        for finding in findings.values():
            self.assertEqual(finding["grade"] == "OK", "advice" not in finding, finding)

    def test_an_open_data_folder_is_seen(self):
        self.server.data.chmod(0o755)
        self.addCleanup(self.server.data.chmod, 0o700)
        self.assertEqual(self.examine()[1]["data folder"]["grade"], "WARN")

    def test_without_a_server_it_says_so(self):
        result = subprocess.run(
            [os.environ["CONCLAVE"], "--data", "/nonexistent", "doctor"], capture_output=True, text=True, check=False
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn("FAIL  server", result.stdout)
        self.assertIn("Start it", result.stdout)


class Watching(ServerCase):
    def test_metrics_count_people(self):
        host, guest, _ = self.server.instant()
        self.join(host, "Hana"), self.join(guest, "Gus")
        status, headers, body = fetch(self.server.origin + "/metrics")
        self.assertEqual((status, headers.get_content_type()), (200, "text/plain"))
        samples = dict(
            line.rpartition(" ")[::2] for line in body.decode().splitlines() if line and not line.startswith("#")
        )
        counted = {name: value for name, value in samples.items() if "participants" in name}
        self.assertEqual([float(value) for value in counted.values()], [2.0], samples)
        self.assertTrue(all(name.startswith("conclave_") for name in samples), samples)

    def test_every_answer_carries_the_security_headers(self):
        for path in ("/", "/api/v1/server", "/nothing/here", "/healthz"):
            with self.subTest(path):
                _, headers, _ = fetch(self.server.origin + path)
                policy = headers["Content-Security-Policy"]
                self.assertIn("default-src 'none'", policy)
                self.assertIn("frame-ancestors 'none'", policy)
                self.assertNotIn("unsafe-eval", policy)
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertEqual(headers["Referrer-Policy"], "no-referrer")
                self.assertIn("max-age=", headers["Strict-Transport-Security"])

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_the_socket_is_the_administrators(self):
        result = subprocess.run(
            ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", os.environ["CONCLAVE"], "--data",
             str(self.server.data), "user", "list"],
            capture_output=True, text=True, check=False, timeout=30,
        )
        self.assertEqual((result.returncode, result.stdout), (1, ""))


if __name__ == "__main__":
    unittest.main()
