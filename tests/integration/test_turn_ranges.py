#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The real coturn with packaging/coturn/turnserver.conf: a relay to the outside, and never inward.

Asks for a permission (RFC 8656 section 9) for addresses of every special-purpose range, as IPv4, IPv6
and IPv4 mapped into IPv6. A permission sends nothing to the address that it names.
"""
import base64
import hashlib
import hmac
import ipaddress
import os
import random
import re
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[2] / "packaging" / "coturn" / "turnserver.conf"
SECRET = "s3cret-of-the-test"
REALM = "turn.example.org"

# The IANA special-purpose registries, and multicast.
IPV4 = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4""".split()
IPV6 = """::/128 ::1/128 ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23
2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 5f00::/16 fc00::/7 fe80::/10 fec0::/10
ff00::/8""".split()
OUTSIDE = ["1.1.1.1", "2606:4700:4700::1111"]

COOKIE = 0x2112A442
ALLOCATE, CREATE_PERMISSION = 0x0003, 0x0008
SUCCESS, FAILURE = 0x0100, 0x0110
USERNAME, INTEGRITY, ERROR_CODE, PEER = 0x0006, 0x0008, 0x0009, 0x0012
REALM_ATTRIBUTE, NONCE, FAMILY, TRANSPORT = 0x0014, 0x0015, 0x0017, 0x0019


def attribute(kind, value):
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def attributes(message):
    at, found = 20, {}
    while at + 4 <= len(message):
        kind, size = struct.unpack_from("!HH", message, at)
        found.setdefault(kind, message[at + 4 : at + 4 + size])
        at += 4 + size + -size % 4
    return found


def xor_address(address, transaction):
    packed = address.packed
    mask = (struct.pack("!I", COOKIE) + transaction)[: len(packed)]
    masked = bytes(a ^ b for a, b in zip(packed, mask))
    return struct.pack("!BBH", 0, 1 if address.version == 4 else 2, 9 ^ COOKIE >> 16) + masked


class Client:
    """One allocation, with credentials as the daemon hands them out (TURN REST API)."""

    def __init__(self, port, version):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(5)
        self.socket.connect(("127.0.0.1", port))
        self.username = f"{int(time.time()) + 600}:someone"
        digest = hmac.digest(SECRET.encode(), self.username.encode(), "sha1")
        password = base64.b64encode(digest).decode()
        self.key = hashlib.md5(f"{self.username}:{REALM}:{password}".encode()).digest()
        self.nonce = None
        self.allocation = attribute(TRANSPORT, bytes([17, 0, 0, 0]))
        self.allocation += attribute(FAMILY, bytes([1 if version == 4 else 2, 0, 0, 0]))

    def ask(self, method, body, transaction=None):
        """The error code of the answer, 0 for success."""
        transaction = transaction or os.urandom(12)
        if self.nonce:
            body += attribute(USERNAME, self.username.encode())
            body += attribute(REALM_ATTRIBUTE, REALM.encode()) + attribute(NONCE, self.nonce)
            head = struct.pack("!HHI", method, len(body) + 24, COOKIE) + transaction
            body += attribute(INTEGRITY, hmac.digest(self.key, head + body, "sha1"))
        self.socket.send(struct.pack("!HHI", method, len(body), COOKIE) + transaction + body)
        answer = self.socket.recv(2048)
        kind = struct.unpack_from("!H", answer)[0]
        assert answer[8:20] == transaction and kind & ~FAILURE == method, answer
        found = attributes(answer)
        self.nonce = found.get(NONCE, self.nonce)
        return 0 if kind & FAILURE == SUCCESS else found[ERROR_CODE][2] * 100 + found[ERROR_CODE][3]

    def allocate(self):
        first = self.ask(ALLOCATE, self.allocation)
        return first, self.ask(ALLOCATE, self.allocation)

    def permit(self, address):
        transaction = os.urandom(12)
        address = ipaddress.ip_address(address)
        peer = attribute(PEER, xor_address(address, transaction))
        return self.ask(CREATE_PERMISSION, peer, transaction)

    def close(self):
        self.socket.close()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def samples(networks):
    """Both ends of each range, and some between: a server may compare byte by byte."""
    chance = random.Random(8656)
    for network in map(ipaddress.ip_network, networks):
        size = network.num_addresses
        yield from {network[0], network[-1], *(network[chance.randrange(size)] for _ in range(8))}


class Ranges(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.port = free_port()
        text = re.sub("(?m)^static-auth-secret=.*", f"static-auth-secret={SECRET}", CONFIGURATION.read_text())
        path = Path(scratch.name, "turnserver.conf")
        path.write_text(text)
        command = ["turnserver", "-c", path, "-L", "127.0.0.1", "-p", str(cls.port), "--no-tls", "--no-dtls"]
        command += ["-E", "127.0.0.1", "-E", "::1"]
        command += ["--pidfile", f"{scratch.name}/pid", "--userdb", f"{scratch.name}/db"]
        cls.server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(cls.stop)
        cls.wait_until_it_answers()

    @classmethod
    def stop(cls):
        cls.server.terminate()
        cls.server.wait()

    @classmethod
    def wait_until_it_answers(cls):
        for _ in range(100):
            client = Client(cls.port, 4)
            try:
                client.ask(ALLOCATE, client.allocation)
                return
            except OSError:
                time.sleep(0.1)
            finally:
                client.close()
        raise AssertionError("coturn does not answer")

    def client(self, version):
        client = Client(self.port, version)
        self.addCleanup(client.close)
        self.assertEqual(client.allocate(), (401, 0))
        return client

    def assert_refused(self, client, addresses):
        for address in addresses:
            with self.subTest(address=str(address)):
                self.assertEqual(client.permit(address), 403)

    def test_without_credentials_there_is_no_relay(self):
        client = Client(self.port, 4)
        self.addCleanup(client.close)
        self.assertEqual(client.ask(ALLOCATE, client.allocation), 401)

    def test_addresses_outside_are_relayed_to(self):
        for address in OUTSIDE:
            version = ipaddress.ip_address(address).version
            self.assertEqual(self.client(version).permit(address), 0, address)

    def test_special_ipv4_is_refused(self):
        self.assert_refused(self.client(4), samples(IPV4))

    def test_special_ipv6_is_refused(self):
        self.assert_refused(self.client(6), samples(IPV6))

    def test_special_ipv4_in_the_clothes_of_ipv6_is_refused(self):
        client = self.client(6)
        for prefix in ("::ffff:", "::", "64:ff9b::"):
            self.assert_refused(client, (ipaddress.ip_address(f"{prefix}{a}") for a in samples(IPV4)))


if __name__ == "__main__":
    unittest.main()
