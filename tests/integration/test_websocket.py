#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""WebSockets as peers see them: the handshake, messages, broken frames, slow and silent peers, the end."""
import contextlib
import os
import signal
import socket
import struct
import time
import unittest

from http_peer import (
    BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, Server, WebSocket, close_frame, frame, parse,
    read_all, upgrade_request,
)


class Handshake(unittest.TestCase):
    def test_the_key_is_answered_and_the_protocol_chosen(self):
        with Server() as server:
            # The example of RFC 6455 section 1.3.
            with WebSocket(server, key="dGhlIHNhbXBsZSBub25jZQ==", Sec_WebSocket_Protocol="other, test.v1") as ws:
                self.assertEqual(ws.status, 101)
                self.assertEqual(ws.headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
                self.assertEqual(ws.headers["sec-websocket-protocol"], "test.v1")
            with WebSocket(server, Sec_WebSocket_Protocol="TEST.V1") as ws:
                self.assertNotIn("sec-websocket-protocol", ws.headers)
            with WebSocket(server, Sec_WebSocket_Extensions="permessage-deflate") as ws:
                self.assertNotIn("sec-websocket-extensions", ws.headers)

    def test_bad_upgrades_are_refused(self):
        with Server() as server:
            for request, expected in [
                (upgrade_request(version="8"), 426),
                (upgrade_request(key=""), 400),
                (upgrade_request(key="c2hvcnQ="), 400),
                (upgrade_request().replace(b"GET", b"POST"), 400),
                (upgrade_request().replace(b"HTTP/1.1", b"HTTP/1.0"), 400),
                (upgrade_request().replace(b"keep-alive, Upgrade", b"close"), 400),
                (upgrade_request(Sec_WebSocket_Version="13"), 400),
                (upgrade_request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ=="), 400),
                (b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 426),
                (upgrade_request(Origin="https://evil.example"), 403),
                (upgrade_request(Origin="null"), 403),
            ]:
                with self.subTest(request=request[:200]):
                    request = request.replace(b"keep-alive, Upgrade", b"close, Upgrade")
                    status, headers, _ = parse(server.ask(request))
                    self.assertEqual(status, expected)
                    if b"Version: 8" in request:
                        self.assertEqual(headers["sec-websocket-version"], "13")
            self.assertEqual(server.counters()["websockets"], 0)

    def test_the_own_origin_is_welcome(self):
        with Server() as server, WebSocket(server, Origin="http://x") as ws:
            self.assertEqual(ws.status, 101)

    def test_frames_behind_the_request_are_not_lost(self):
        with Server() as server, server.connect() as peer:
            peer.sendall(upgrade_request() + frame(TEXT, b"early") + close_frame(1000))
            self.assertTrue(read_all(peer).endswith(b"\x81\x05early\x88\x02\x03\xe8"))


class Messages(unittest.TestCase):
    def test_echo_of_all_sizes_also_under_tls(self):
        for tls in False, True:
            with Server(tls=tls) as server, WebSocket(server) as ws:
                for size in 0, 1, 125, 126, 127, 4095, 4096, 4097, 65535, 65536:
                    payload = os.urandom(size).hex()[:size].encode()
                    ws.send(frame(TEXT, payload))
                    self.assertEqual(ws.receive(), (TEXT, payload))
                ws.send(frame(TEXT, "grüße 🦀".encode()))
                self.assertEqual(ws.receive(), (TEXT, "grüße 🦀".encode()))

    def test_binary_messages_come_as_they_are(self):
        payload = bytes(range(256))
        with Server() as server, WebSocket(server) as ws:
            ws.send(frame(BINARY, payload))
            self.assertEqual(ws.receive(), (TEXT, payload.hex().encode()))

    def test_many_messages_at_once_keep_their_order(self):
        with Server() as server, WebSocket(server) as ws:
            ws.send(*[frame(TEXT, str(i).encode()) for i in range(2000)])
            self.assertEqual([ws.receive()[1] for _ in range(2000)], [str(i).encode() for i in range(2000)])

    def test_byte_by_byte(self):
        with Server() as server, WebSocket(server) as ws:
            ws.peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in frame(TEXT, b"a" * 200) + frame(PING, b"p") + close_frame(1000, b"bye"):
                ws.send(bytes([byte]))
                time.sleep(0.0005)
            self.assertEqual(ws.receive(), (TEXT, b"a" * 200))
            self.assertEqual(ws.receive(), (PONG, b"p"))
            self.assertEqual(ws.close_code(), 1000)

    def test_fragments_with_a_ping_between(self):
        with Server() as server, WebSocket(server) as ws:
            crab = "🦀".encode()
            ws.send(
                frame(TEXT, b"a" + crab[:2], fin=False), frame(PING, b"now"), frame(CONTINUATION, b"", fin=False),
                frame(CONTINUATION, crab[2:]),
            )
            self.assertEqual(ws.receive(), (PONG, b"now"))
            self.assertEqual(ws.receive(), (TEXT, b"a" + crab))


# What is sent, and the code of the close that it gets.
BROKEN = {
    "not masked": ([frame(TEXT, b"a", masked=False)], 1002),
    "reserved bit 1": ([frame(TEXT, b"a", rsv=4)], 1002),
    "reserved bit 3": ([frame(PING, b"a", rsv=1)], 1002),
    "opcode 3": ([frame(3, b"a")], 1002),
    "opcode 15": ([frame(15, b"a")], 1002),
    "empty frame of an unknown opcode": ([frame(7)], 1002),
    "long ping": ([frame(PING, b"a" * 126)], 1002),
    "fragmented ping": ([frame(PING, b"a", fin=False)], 1002),
    "continuation of nothing": ([frame(CONTINUATION, b"a")], 1002),
    "message inside a message": ([frame(TEXT, b"a", fin=False), frame(TEXT, b"b")], 1002),
    "length in a longer form (16 bit)": ([b"\x81\xfe\x00\x05" + bytes(9)], 1002),
    "length in a longer form (64 bit)": ([b"\x81\xff" + struct.pack("!Q", 5) + bytes(9)], 1002),
    "length of 2^63": ([b"\x81\xff" + struct.pack("!Q", 1 << 63) + bytes(9)], 1002),
    "text that is not UTF-8": ([frame(TEXT, b"\xff")], 1007),
    "text that is cut in a character": ([frame(TEXT, "é".encode()[:1])], 1007),
    "surrogate": ([frame(TEXT, b"\xed\xa0\x80")], 1007),
    "fragments that are not UTF-8": ([frame(TEXT, b"\xc3", fin=False), frame(CONTINUATION, b"\x28")], 1007),
    "too big": ([frame(TEXT, b"a" * 65537)], 1009),
    "too big, announced only": ([frame(BINARY, b"a", size=1 << 40)], 1009),
    "too big in fragments": ([frame(BINARY, b"a" * 40000, fin=False), frame(CONTINUATION, b"a" * 40000)], 1009),
    "close of one byte": ([frame(CLOSE, b"\x03")], 1002),
    "close with code 0": ([close_frame(0)], 1002),
    "close with code 999": ([close_frame(999)], 1002),
    "close with code 1004": ([close_frame(1004)], 1002),
    "close with code 1005": ([close_frame(1005)], 1002),
    "close with code 1006": ([close_frame(1006)], 1002),
    "close with code 1015": ([close_frame(1015)], 1002),
    "close with code 2000": ([close_frame(2000)], 1002),
    "close with code 5000": ([close_frame(5000)], 1002),
    "close with a reason that is not UTF-8": ([close_frame(1000, b"\xff")], 1007),
    "good close": ([close_frame(1000, b"bye")], 1000),
    "good close of an application": ([close_frame(4123)], 4123),
    "close without a code": ([frame(CLOSE)], 1005),
}


class BrokenFrames(unittest.TestCase):
    def test_each_gets_its_code_and_others_are_served(self):
        with Server() as server, WebSocket(server) as other:
            for name, (frames, code) in BROKEN.items():
                with self.subTest(name), WebSocket(server) as ws:
                    with contextlib.suppress(ConnectionError):
                        ws.send(*frames, frame(TEXT, b"never answered"))
                    self.assertEqual(ws.close_code(), code)
                    self.assertEqual(read_all(ws.peer), b"")
                    other.send(frame(TEXT, b"still here"))
                    self.assertEqual(other.receive(), (TEXT, b"still here"))
            counters = server.wait_for("websockets_now", 1)
            self.assertEqual(counters["closed_count"], len(BROKEN))

    def test_a_frame_that_never_ends_costs_no_memory(self):
        with Server() as server, contextlib.ExitStack() as stack:
            before = server.counters()["rss"]
            for _ in range(100):
                ws = stack.enter_context(WebSocket(server))
                ws.send(frame(BINARY, b"a" * 10, size=60000))
            self.assertLess(server.counters()["rss"] - before, 4 << 20)


class Closing(unittest.TestCase):
    def test_the_application_closes(self):
        with Server() as server, WebSocket(server) as ws:
            ws.send(frame(TEXT, b"close 4001"), frame(TEXT, b"not heard any more"))
            opcode, payload = ws.receive()
            self.assertEqual((opcode, payload), (CLOSE, struct.pack("!H", 4001) + b"as you wish"))
            self.assertEqual(server.counters()["closed_count"], 0)  # the peer has not answered yet
            ws.send(close_frame(1000))
            self.assertEqual(read_all(ws.peer), b"")
            self.assertEqual(server.wait_for("closed_count", 1)["closed_code"], 4001)

    def test_a_peer_that_vanishes_is_1006(self):
        with Server() as server:
            for end in "fin", "reset":
                ws = WebSocket(server)
                if end == "reset":
                    ws.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                ws.peer.close()
                self.assertEqual(server.wait_for("websockets_now", 0)["closed_code"], 1006)

    def test_a_silent_peer_is_pinged_and_given_up(self):
        with Server(websocket_ping_ms=500, websocket_dead_ms=1500) as server:
            with WebSocket(server) as dead, WebSocket(server) as alive:
                started = time.monotonic()
                while time.monotonic() - started < 2.5:
                    self.assertEqual(alive.receive()[0], PING)
                    alive.send(frame(PONG))
                self.assertEqual(dead.receive()[0], PING)
                self.assertEqual(read_all(dead.peer), b"")
                counters = server.counters()
                self.assertEqual((counters["websockets_dead"], counters["websockets_now"]), (1, 1))
                self.assertEqual(counters["closed_code"], 1006)

    def test_a_slow_client_is_bounded_and_dropped(self):
        with Server() as server:
            before = server.counters()["rss"]
            with WebSocket(server) as ws:
                ws.peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                ws.send(frame(TEXT, b"flood"))
                counters = server.wait_for("websockets_slow", 1)
                self.assertLess(counters["rss"] - before, 4 << 20)
                self.assertEqual(ws.close_code(), 1013)  # once it reads
                ws.send(close_frame(1013))
            self.assertEqual(server.wait_for("websockets_now", 0)["closed_code"], 1013)

    def test_a_client_that_pings_and_does_not_read_is_dropped(self):
        with Server(write_ms=500) as server:
            before = server.counters()["rss"]
            with WebSocket(server) as ws:
                with contextlib.suppress(OSError):
                    for _ in range(20000):
                        ws.send(frame(PING, b"x" * 125) * 20)
                counters = server.wait_for("websockets_now", 0)
                self.assertLess(counters["rss"] - before, 4 << 20)

    def test_a_drain_closes_with_1001(self):
        with Server(tls=True) as server, WebSocket(server) as polite, WebSocket(server) as rude:
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(polite.close_code(), 1001)
            polite.send(close_frame(1001))
            self.assertEqual(rude.close_code(), 1001)
            self.assertEqual(server.process.wait(10), 0)


if __name__ == "__main__":
    unittest.main()
