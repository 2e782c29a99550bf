#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Our own STUN, and who is told of the relay alone. (What the real coturn takes is in test_turn.py.)"""
import os
import socket
import struct
import tempfile
import unittest
from pathlib import Path

from server import Server, ServerCase

COOKIE = 0x2112A442


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
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        secret = Path(folder.name, "secret")
        secret.write_text("a secret\n")
        secret.chmod(0o600)  # started as root, the daemon reads it while it may
        self.ice = {"turn_urls": ["turn:127.0.0.1:9?transport=udp"], "turn_secret_file": str(secret)}

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

if __name__ == "__main__":
    unittest.main(verbosity=2)



