#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""TURN with the real coturn, configured as our sample is: credentials that work, and the doctor's word on it."""
import json
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from conclave import ROOT, free_port
from server import Server, ServerCase

SECRET = "a-secret-for-this-test-only"


class Coturn:
    """turnserver on loopback, with our configuration but for the addresses."""

    def __init__(self, port, secret, scratch):
        self.process = subprocess.Popen(
            ["turnserver", "-c", ROOT / "packaging/coturn/turnserver.conf", "--listening-port", str(port),
             "--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--static-auth-secret", secret, "--no-tls",
             "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", str(scratch / "turn.pid"),
             "--userdb", str(scratch / "turn.db")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        self.stop()
        raise AssertionError("coturn does not listen")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class WithCoturn(ServerCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.scratch = Path(scratch.name)
        cls.scratch.chmod(0o755)
        cls.turn_port = free_port()
        secret_file = cls.scratch / "turn.secret"
        secret_file.write_text(SECRET + "\n")
        secret_file.chmod(0o644)
        cls.coturn = Coturn(cls.turn_port, SECRET, cls.scratch)
        cls.addClassCleanup(lambda: cls.coturn.stop())
        cls.server = Server({"ice": {
            "turn_urls": [f"turn:127.0.0.1:{cls.turn_port}?transport=udp"],
            "turn_secret_file": str(secret_file),
            "turn_credential_minutes": 60,
        }})
        cls.addClassCleanup(cls.server.close)

    def doctor(self):
        findings = json.loads(self.server.conclave("doctor", "--format", "json").stdout)
        return next(f for f in findings if f["check"] == "turn")

    def test_credentials_are_each_persons_own_and_expire(self):
        host, guest, _ = self.server.instant()
        host, guest = self.join(host, "Hana"), self.join(guest, "Gus")
        names = set()
        for peer in (host, guest):
            turn = next(s for s in peer.welcome["ice"]["servers"] if s["urls"][0].startswith("turn:"))
            expiry, _, who = turn["username"].partition(":")
            self.assertEqual(who, peer.id)
            self.assertAlmostEqual(int(expiry), time.time() + 3600, delta=60)
            names.add(turn["credential"])
            self.assertNotIn(SECRET, json.dumps(peer.welcome))
            self.assertEqual(peer.welcome["ice"]["policy"], "all")
        self.assertEqual(len(names), 2)

    def test_hiding_the_address(self):
        _, guest, _ = self.server.instant()
        self.assertEqual(self.join(guest, "Gus", hide_address=True).welcome["ice"]["policy"], "relay")

    def test_the_doctor_allocates(self):
        finding = self.doctor()
        self.assertEqual(finding["grade"], "OK", finding)

    def test_the_doctor_tells_another_secret_from_none_at_home(self):
        cls = type(self)
        cls.coturn.stop()
        cls.coturn = Coturn(cls.turn_port, "another", cls.scratch)
        other = self.doctor()
        cls.coturn.stop()
        down = self.doctor()
        cls.coturn = Coturn(cls.turn_port, SECRET, cls.scratch)
        self.assertEqual(other["grade"], "FAIL")
        self.assertIn("secret", other["advice"])
        self.assertEqual(down["grade"], "FAIL")
        self.assertIn("does not answer", down["detail"])


if __name__ == "__main__":
    unittest.main()
