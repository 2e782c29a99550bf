#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP/2 with real clients, and with one that floods: it is calmed, the others stay served."""
import contextlib
import json
import re
import subprocess
import time
import unittest

from http_peer import (
    ACK, COMPRESSION_ERROR, CONTINUATION_FRAME, DATA, END_HEADERS, END_STREAM, ENHANCE_YOUR_CALM,
    GOAWAY, HEADERS, NO_ERROR, PATIENCE, PING_FRAME, PREFACE, PRIORITY, PROTOCOL_ERROR, RST_STREAM, SETTINGS,
    WINDOW, Http2, Server, h2_frame, hpack, read_all, request_block,
)

MEMORY = 6 << 20  # that a flood may cost, bytes


def curl(*arguments):
    command = ["curl", "-sS", "-k", "--http2", "--max-time", "20", *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


class RealClients(unittest.TestCase):
    def test_curl(self):
        with Server(tls=True) as server:
            self.assertEqual(curl("-w", "%{http_version}", "-o", "/dev/null", f"{server.url}/hello"), b"2")
            seen = json.loads(curl("-X", "PUT", "-d", "abc", f"{server.url}/request?a=b"))
            self.assertEqual(
                {k: seen[k] for k in ("method", "path", "query", "body", "secure", "authority")},
                {"method": "PUT", "path": "/request", "query": "a=b", "body": 3, "secure": True,
                 "authority": f"127.0.0.1:{server.port}"},
            )
            self.assertEqual(len(curl(f"{server.url}/big?bytes=10000000")), 10000000)
            self.assertEqual(len(curl(f"{server.url}/file?bytes=3000000")), 3000000)
            self.assertEqual(curl(f"{server.url}/later?ms=50"), b'"late"')
            head = curl("-I", f"{server.url}/big?bytes=1000").decode()
            self.assertIn("content-length: 1000", head)
            self.assertIn("strict-transport-security", head)
            self.assertIn("__Host-sid=abc", curl("-i", f"{server.url}/cookie").decode())

    def test_a_body_over_the_limit_gets_413(self):
        command = ["curl", "-sS", "-k", "--http2", "-o", "/dev/null", "-w", "%{http_code}", "--data-binary", "@-"]
        with Server(tls=True, body_bytes=100_000) as server:
            for extra in [], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]:
                with self.subTest(extra=extra):
                    done = subprocess.run([*command, *extra, f"{server.url}/echo"], input=b"x" * 3_000_000,
                                          capture_output=True, check=True)
                    self.assertEqual(done.stdout, b"413")
            self.assertEqual(server.counters()["buffered_bytes_now"], 0)

    def test_h2load(self):
        with Server(tls=True) as server:
            done = subprocess.run(["h2load", "-n", "3000", "-c", "6", "-m", "50", f"{server.url}/hello"],
                                  capture_output=True, text=True, check=True).stdout
            self.assertIn("3000 succeeded, 0 failed, 0 errored", done)

    def test_nghttp_multiplexes(self):
        with Server(tls=True) as server:
            urls = [f"{server.url}/later?ms={ms}" for ms in (1500, 800, 100)]
            log = subprocess.run(["nghttp", "-nv", *urls], capture_output=True, text=True, check=True).stdout
            ends = re.findall(r"recv DATA frame <length=6, flags=0x01, stream_id=(\d+)>", log)
            self.assertEqual(len(ends), 3)
            self.assertEqual([int(e) for e in ends], sorted(map(int, ends), reverse=True))


class Requests(unittest.TestCase):
    def status(self, server, block, flags=END_STREAM | END_HEADERS, *more):
        """The status that a request made of this header block gets; None: the stream is reset."""
        with Http2(server) as peer:
            peer.send(h2_frame(HEADERS, flags, 1, block), *more)
            found = peer.first(HEADERS, RST_STREAM, GOAWAY)
            if found is None or found[0] != HEADERS:
                return None
            return indexed_status(found[3])

    def test_bad_requests(self):
        def fields(**changed):
            pseudo = {":method": b"GET", ":scheme": b"https", ":authority": b"x", ":path": b"/hello"}
            pseudo.update({":" + k: v for k, v in changed.items()})
            return b"".join(hpack(k.encode(), v) for k, v in pseudo.items() if v is not None)

        with Server(tls=True) as server:
            for block, expected in [
                (fields(), 200),
                (fields() + hpack(b"host", b"x"), 200),
                (fields(authority=None) + hpack(b"host", b"x"), 200),
                (fields(method=b"BREW"), 501),
                (fields(authority=b"a b"), (400, None)),
                (fields(authority=b"u@x"), (400, None)),
                (fields() + hpack(b"host", b"y"), 400),
                (fields(path=b"hello"), (400, None)),
                (fields(path=b"*", method=b"OPTIONS"), 400),
                (fields(path=b"/a#b"), (400, None)),
                (fields(path=None), None),
                (fields() + hpack(b":method", b"GET"), None),
                (fields() + hpack(b"Upper", b"x"), None),
                (fields() + hpack(b"connection", b"close"), None),
                (fields() + hpack(b"x", b"a\r\nb"), (400, None)),
                (fields() + b"".join(hpack(b"x", b"y") for _ in range(101)), 431),
                (fields() + b"".join(hpack(b"x", b"y" * 120) for _ in range(99)), 200),
            ]:
                with self.subTest(block=block[:80]):
                    self.assertIn(self.status(server, block), expected if isinstance(expected, tuple) else (expected,))
                    self.assertEqual(server.get("/hello")[0], 200)

    def test_big_headers_get_431(self):
        block = request_block() + b"".join(hpack(b"x", b"y" * 120) for _ in range(140))
        with Server(tls=True) as server:
            pieces = [block[i : i + 16000] for i in range(0, len(block), 16000)]
            frames = [h2_frame(CONTINUATION_FRAME, 0, 1, p) for p in pieces[1:]]
            frames.append(h2_frame(CONTINUATION_FRAME, END_HEADERS, 1))
            self.assertEqual(self.status(server, pieces[0], END_STREAM, *frames), 431)

    def test_slow_requests(self):
        with Server(tls=True, header_ms=800, body_ms=800, idle_ms=800) as server:
            with Http2(server) as peer:  # a body that doesn't come
                peer.send(h2_frame(HEADERS, END_HEADERS, 1, request_block(b"/echo", b"POST")))
                self.assertEqual(indexed_status(peer.first(HEADERS)[3]), 408)
            with Http2(server) as peer:  # a header section that doesn't end
                peer.send(h2_frame(HEADERS, 0, 1, request_block()))
                self.assertIsNotNone(peer.goaway_code())
            with Http2(server) as peer:  # nothing at all
                self.assertEqual(peer.goaway_code(), NO_ERROR)

    def test_a_client_that_opens_no_window_is_dropped(self):
        with Server(tls=True, write_ms=800) as server, Http2(server) as peer:
            peer.send(h2_frame(HEADERS, END_STREAM | END_HEADERS, 1, request_block(b"/big?bytes=1000000")))
            got = sum(len(f[3]) for f in peer.frames() if f[0] == DATA)
            self.assertEqual(got, 65535)
            self.assertEqual(server.wait_for("connections_now", 1)["timeouts"], 1)

    def test_streams_over_the_limit_are_refused(self):
        block = request_block(b"/later?ms=800")
        requests = [h2_frame(HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, block) for i in range(110)]
        with Server(tls=True) as server:
            with Http2(server) as peer:  # one that may not know of the limit yet
                peer.send(*requests)
                outcomes = {}
                for kind, _, stream, _ in peer.frames():
                    if kind in (HEADERS, RST_STREAM):
                        outcomes[stream] = kind
                    if len(outcomes) == 110:
                        break
                self.assertEqual(sum(k == HEADERS for k in outcomes.values()), 100)
            with Http2(server) as peer:  # one that does
                peer.first(SETTINGS)
                peer.send(h2_frame(SETTINGS, ACK), *requests)
                self.assertEqual(peer.goaway_code(), PROTOCOL_ERROR)

    def test_a_refused_connection_gets_503(self):
        with Server(tls=True, connections=1) as server, Http2(server) as first:
            first.send(h2_frame(HEADERS, END_STREAM | END_HEADERS, 1, request_block()))
            self.assertEqual(indexed_status(first.first(HEADERS)[3]), 200)
            with Http2(server) as second:
                second.send(h2_frame(HEADERS, END_STREAM | END_HEADERS, 1, request_block()))
                frames = list(second.frames())
                self.assertEqual([indexed_status(f[3]) for f in frames if f[0] == HEADERS], [503])
                self.assertTrue(any(f[0] == GOAWAY for f in frames))

    def test_a_drain_finishes_what_is_in_flight(self):
        with Server(tls=True) as server, Http2(server) as peer:
            peer.send(h2_frame(HEADERS, END_STREAM | END_HEADERS, 1, request_block(b"/later?ms=500")))
            server.wait_for("requests_now", 2)
            server.process.terminate()
            frames = list(peer.frames())
            kinds = [f[0] for f in frames]
            self.assertLess(kinds.index(GOAWAY), kinds.index(HEADERS))
            self.assertIn(b'"late"', b"".join(f[3] for f in frames if f[0] == DATA))


def indexed_status(block):
    """The status of an answer's header block: the first field, from the static table or literal."""
    known = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
    if block[0] & 0x80:
        return known[block[0] & 0x7F]
    digits = block[2 : 2 + (block[1] & 0x7F)]
    if not block[1] & 0x80:
        return int(digits)
    # Huffman code (RFC 7541, appendix B): 0, 1, 2 have 5 bits, 3 to 9 have 6.
    codes = {f"{i:05b}": str(i) for i in range(3)} | {f"{0x19 + i - 3:06b}": str(i) for i in range(3, 10)}
    bits, text = "".join(f"{b:08b}" for b in digits), ""
    while len(text) < 3:
        code = next(c for c in codes if bits.startswith(c))
        text, bits = text + codes[code], bits[len(code) :]
    return int(text)


class Floods(unittest.TestCase):
    def check(self, frames_of, count):
        """`frames_of(i)` again and again: ENHANCE_YOUR_CALM, memory flat, others served."""
        with Server(tls=True) as server:
            before = server.counters()["rss"]
            with Http2(server) as peer:
                with contextlib.suppress(OSError):
                    for i in range(0, count, 50):
                        peer.send(*[frames_of(j) for j in range(i, i + 50)])
                        peer.take_in()
                        if i % 1000 == 0:
                            started = time.monotonic()
                            self.assertEqual(server.get("/hello")[0], 200)
                            self.assertLess(time.monotonic() - started, PATIENCE / 2)
                # What was sent past the end may have cost the last word.
                self.assertIn(peer.goaway_code(), (ENHANCE_YOUR_CALM, None))
            counters = server.wait_for("connections_now", 1)
            self.assertEqual(counters["floods"], 1)
            self.assertLess(counters["rss"] - before, MEMORY)
            self.assertEqual(server.get("/hello")[0], 200)

    def check_streams(self, kind, payload):
        """Requests that wait, each with this frame behind it."""
        block = request_block(b"/later?ms=1")
        self.check(
            lambda i: h2_frame(HEADERS, END_STREAM | END_HEADERS, 2 * i + 1, block)
            + h2_frame(kind, 0, 2 * i + 1, payload),
            5000,
        )

    def test_rapid_reset(self):
        """CVE-2023-44487."""
        self.check_streams(RST_STREAM, b"\0\0\0\x08")

    def test_resets_that_the_server_is_made_to_send(self):
        """CVE-2025-8671: here by a window that grows too large."""
        self.check_streams(WINDOW, b"\x7f\xff\xff\xff")

    def test_continuation(self):
        """CVE-2024-27316 and its like: a header section without end."""
        first = h2_frame(HEADERS, END_STREAM, 1, request_block())
        more = h2_frame(CONTINUATION_FRAME, 0, 1, hpack(b"x", b"y" * 100) * 100)
        self.check(lambda i: more if i else first, 5000)

    def test_empty_continuation(self):
        first = h2_frame(HEADERS, END_STREAM, 1, request_block())
        self.check(lambda i: h2_frame(CONTINUATION_FRAME, 0, 1) if i else first, 5000)

    def test_ping(self):
        self.check(lambda i: h2_frame(PING_FRAME, 0, 0, b"12345678"), 5000)

    def test_settings(self):
        self.check(lambda i: h2_frame(SETTINGS), 5000)

    def test_big_settings(self):
        self.check(lambda i: h2_frame(SETTINGS, 0, 0, b"\0\x04\0\0\xff\xff" * 2000), 5000)

    def test_priority(self):
        self.check(lambda i: h2_frame(PRIORITY, 0, 2 * i + 1, b"\0\0\0\0\x10"), 5000)

    def test_empty_data(self):
        first = h2_frame(HEADERS, END_HEADERS, 1, request_block(b"/echo", b"POST"))
        self.check(lambda i: h2_frame(DATA, 0, 1) if i else first, 5000)

    def test_pings_that_nobody_reads_the_answers_of(self):
        with Server(tls=True, write_ms=800) as server:
            before = server.counters()["rss"]
            with Http2(server) as peer:
                peer.flood(h2_frame(PING_FRAME, 0, 0, b"12345678") * 100, 5000)
            counters = server.wait_for("connections_now", 1)
            self.assertLess(counters["rss"] - before, MEMORY)

    def test_broken_beginnings(self):
        with Server(tls=True) as server:
            for data in b"GET / HTTP/1.1\r\n\r\n", PREFACE[:10] + b"x" * 14, PREFACE + b"\xff" * 100, \
                    PREFACE + h2_frame(DATA, 0, 1, b"x"), PREFACE + h2_frame(SETTINGS, 0, 0, b"12345"):
                with self.subTest(data=data[:40]), server.connect(alpn="h2") as peer:
                    with contextlib.suppress(OSError):
                        peer.sendall(data)
                    read_all(peer)
            with Http2(server) as peer:
                peer.send(h2_frame(HEADERS, END_STREAM | END_HEADERS, 1, b"\xff\xff\xff\xff\xff"))
                self.assertEqual(peer.goaway_code(), COMPRESSION_ERROR)
            self.assertEqual(server.get("/hello")[0], 200)


if __name__ == "__main__":
    unittest.main()
