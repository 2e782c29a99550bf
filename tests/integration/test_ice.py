#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What browsers are told of STUN and TURN: our own STUN answers, and the real coturn takes the credentials."""
import base64
import hashlib
import hmac
import json
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from conclave import free_port
from server import Server, ServerCase, free_udp_port

SECRET = "a secret that both know"
COOKIE = 0x2112A442


class Turn:
    """The real coturn on loopback, with the REST scheme."""

    def __init__(self, folder):
        self.port = free_udp_port()
        relay = free_port()
        self.process = subprocess.Popen(
            ["turnserver", "-n", "-v", "--log-file=stdout", "--simple-log", "--use-auth-secret"]
            + [f"--static-auth-secret={SECRET}", "--realm=test", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1"]
            + [f"--listening-port={self.port}", f"--min-port={relay}", f"--max-port={relay + 20}", "--no-cli"]
            + ["--no-tls", "--no-dtls", "--allow-loopback-peers", f"--pidfile={folder}/turn.pid"]
            + [f"--userdb={folder}/turn.db"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + 10
        while stun_binding("127.0.0.1", self.port) is None:
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError("coturn does not answer")

    def stop(self):
        self.process.kill()
        self.process.wait()


def stun_binding(host, port):
    """(address, port) that we are seen from, or None."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    transaction = os.urandom(12)
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.3)
        sock.connect((host, port))
        try:
            sock.send(struct.pack("!HHI", 1, 0, COOKIE) + transaction)
            answer = sock.recv(2048)
        except OSError:
            return None
        assert answer[:2] == b"\x01\x01" and answer[8:20] == transaction, answer
        own = sock.getsockname()[:2]
    at = 20
    while at < len(answer):
        kind, size = struct.unpack_from("!HH", answer, at)
        if kind == 0x0020:
            value = answer[at + 4 : at + 4 + size]
            mask = struct.pack("!I", COOKIE) + transaction
            ip = bytes(a ^ b for a, b in zip(value[4:], mask))
            seen = socket.inet_ntop(family, ip), struct.unpack("!H", value[2:4])[0] ^ (COOKIE >> 16)
            assert seen == own, (seen, own)
            return seen
        at += 4 + size + -size % 4
    return None


class Stun(ServerCase):
    def test_it_answers_on_the_port_of_https(self):
        for host in ("127.0.0.1", "::1"):
            self.assertIsNotNone(stun_binding(host, self.server.port), host)

    def test_it_survives_what_is_no_stun(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for data in (b"", b"x", os.urandom(20), os.urandom(1400), b"\x00\x01\xff\xff" + bytes(16), bytes(65000)):
                sock.sendto(data, ("127.0.0.1", self.server.port))
        self.assertIsNotNone(stun_binding("127.0.0.1", self.server.port))

    def test_a_flood_gets_few_answers(self):
        request = struct.pack("!HHI", 1, 0, COOKIE) + bytes(12)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.3)
            for _ in range(2000):
                sock.sendto(request, ("127.0.0.1", self.server.port))
            answers = 0
            try:
                while sock.recv(2048):
                    answers += 1
            except OSError:
                pass
        self.assertTrue(0 < answers < 200, answers)

    def test_browsers_are_told_of_it(self):
        host, _, _ = self.server.instant()
        peer = self.join(host)
        ice = peer.welcome["ice"]
        self.assertEqual(ice["servers"], [{"urls": [f"stun:localhost:{self.server.port}"]}])
        self.assertEqual((ice["policy"], ice["expires_at"]), ("all", None))


class Relay(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.turn = Turn(self.folder)
        self.addCleanup(self.turn.stop)
        secret = self.folder / "secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)  # the daemon reads it while it may
        self.url = f"turn:127.0.0.1:{self.turn.port}?transport=udp"
        self.ice = {"turn_urls": [self.url], "turn_secret_file": str(secret), "turn_credential_minutes": 60}

    def start(self, **ice):
        self.server = Server({"ice": {**self.ice, **ice}})
        self.addCleanup(self.server.close)
        host, guest, _ = self.server.instant()
        return host, guest

    def join(self, token, **fields):
        peer = self.server.browser().socket()
        self.addCleanup(peer.drop)
        peer.join(token, "Ana", **fields)
        return peer

    def test_credentials_that_coturn_takes(self):
        host, _ = self.start()
        peer = self.join(host)
        stun, turn = peer.welcome["ice"]["servers"]
        self.assertEqual((turn["urls"], peer.welcome["ice"]["policy"]), ([self.url], "all"))
        self.assertTrue(stun["urls"][0].startswith("stun:"))
        expires, _, participant = turn["username"].partition(":")
        self.assertEqual(participant, peer.id)
        self.assertTrue(3500 < int(expires) - time.time() < 3700)
        expected = hmac.new(SECRET.encode(), turn["username"].encode(), hashlib.sha1).digest()
        self.assertEqual(turn["credential"], base64.b64encode(expected).decode())
        self.assertIsNotNone(peer.welcome["ice"]["expires_at"])
        used = subprocess.run(
            ["turnutils_uclient", "-y", "-n", "1", "-m", "1", "-u", turn["username"], "-w", turn["credential"]]
            + ["-p", str(self.turn.port), "127.0.0.1"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(used.returncode, 0, used.stdout + used.stderr)
        self.assertNotIn("Unauthorized", used.stdout)
        self.assertRegex(used.stdout, r"tot_recv_msgs=[1-9]")

    def test_who_hides_is_told_of_the_relay_alone(self):
        host, guest = self.start()
        hidden = self.join(guest, hide_address=True)
        self.assertEqual(hidden.welcome["ice"]["policy"], "relay")
        self.assertEqual(self.join(host).welcome["ice"]["policy"], "all")
        hidden.drop()
        back = self.server.browser().socket()
        self.addCleanup(back.drop)
        welcome = back.hello(resume=hidden.token, ack=hidden.received)
        self.assertEqual(welcome["ice"]["policy"], "relay")
        self.server.kill_all()
        again = self.server.browser().socket()
        self.addCleanup(again.drop)
        self.assertEqual(again.hello(resume=back.token, ack=0)["ice"]["policy"], "relay")

    def test_an_organisation_may_want_it_for_all(self):
        host, guest = self.start(policy="relay")
        for token in (host, guest):
            self.assertEqual(self.join(token).welcome["ice"]["policy"], "relay")

    def test_doctor(self):
        self.start()
        checked = self.server.conclave("doctor", "--format", "json")
        findings = {finding["check"]: finding for finding in json.loads(checked.stdout)}
        for check in ("server", "https", "udp", "turn", "store", "data folder", "disk"):
            self.assertEqual(findings[check]["grade"], "OK", findings[check])
        self.assertEqual(checked.returncode, 0, checked.stdout)
        self.turn.stop()
        checked = self.server.conclave("doctor", "--format", "json")
        findings = {finding["check"]: finding for finding in json.loads(checked.stdout)}
        self.assertEqual(findings["turn"]["grade"], "FAIL")
        self.assertTrue(findings["turn"]["advice"])
        self.assertNotEqual(checked.returncode, 0)

    def test_a_wrong_secret_is_found_by_the_doctor(self):
        (self.folder / "secret").write_text("another")
        self.start()
        checked = self.server.conclave("doctor")
        self.assertRegex(checked.stdout, r"(?m)^FAIL +turn")


if __name__ == "__main__":
    unittest.main(verbosity=2)
