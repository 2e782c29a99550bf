#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as peers see it: what is refused and how, limits, slow clients, proxies, the end."""
import contextlib
import gzip
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from http_peer import PATIENCE, Server, parse, read_all, read_answer

HOST = b"Host: x\r\n"
GET = b"GET /hello HTTP/1.1\r\n" + HOST

# What is sent, and the status of the answer.
MALFORMED = [
    (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc", 400),
    (b"\x00\x00\x00\x00\r\n\r\n", 400),
    (b"HELLO\r\n\r\n", 400),
    (b"GET /\r\n\r\n", 400),
    (b"GET / HTTP/1.1\n" + HOST + b"\r\n", 400),
    (b"GET  / HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
    (GET + b"X : y\r\n\r\n", 400),
    (GET + b" folded\r\n\r\n", 400),
    (GET + b"X: a\r\n\tfolded\r\n\r\n", 400),
    (GET + b"X: a\rb\r\n\r\n", 400),
    (GET + b"X: a\x00b\r\n\r\n", 400),
    (GET + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    (GET + b"Content-Length: -1\r\n\r\n", 400),
    (GET + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400),
    (GET + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    (GET + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    (GET + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n", 400),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    (b"GET / HTTP/3.0\r\n" + HOST + b"\r\n", 505),
    (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    (b"CONNECT x:443 HTTP/1.1\r\n" + HOST + b"\r\n", 501),
    (GET + b"Expect: tea\r\n\r\n", 417),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (GET + b"X: " + b"a" * 17000 + b"\r\n\r\n", 431),
    (GET + b"X: a\r\n" * 101 + b"\r\n", 431),
    (GET + b"Content-Length: 99999999999\r\n\r\n", 413),
    (GET + b"Content-Length: 999999999999999999999999\r\n\r\n", 413),
]


class Refusals(unittest.TestCase):
    def test_each_malformed_request_has_its_status_and_others_are_served(self):
        with Server() as server:
            for data, expected in MALFORMED:
                with self.subTest(data=data[:60]):
                    status, headers, body = parse(server.ask(data))
                    self.assertEqual(status, expected)
                    self.assertEqual(headers["content-type"], "application/problem+json")
                    self.assertEqual(headers["connection"], "close")
                    self.assertEqual(json.loads(body)["status"], expected)
                    self.assertTrue(json.loads(body)["detail"])
                    self.assertEqual(server.get("/hello")[0], 200)
            self.assertEqual(server.counters()["bad_requests"], len(MALFORMED))

    def test_nothing_behind_an_error_is_read(self):
        with Server() as server:
            answers = server.ask(GET + b"X : y\r\n\r\n" + GET + b"\r\n")
            self.assertEqual(answers.count(b"HTTP/1.1 "), 1)

    def test_a_chunked_body_over_the_limit(self):
        with Server(body_bytes=1000) as server:
            head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
            chunk = b"64\r\n" + b"x" * 100 + b"\r\n"
            self.assertEqual(parse(server.ask(head + chunk * 11))[0], 413)
            with server.connect() as peer:
                peer.sendall(head + chunk * 10 + b"0\r\n\r\n")
                status, _, body = read_answer(peer)
                self.assertEqual((status, len(body)), (200, 1000))

    def test_a_giant_body_is_answered_without_being_held(self):
        with Server() as server:
            before = server.counters()["rss"]
            with server.connect() as peer:
                head = b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
                piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
                sender = threading.Thread(target=send_until_closed, args=(peer, head, piece, 3000))
                sender.start()
                status, _, _ = read_answer(peer)
                sender.join()
            self.assertEqual(status, 413)
            self.assertLess(server.counters()["rss"] - before, 4 << 20)

    def test_bodies_held_for_all_have_a_limit(self):
        with Server(buffered_bytes=100_000) as server, contextlib.ExitStack() as stack:
            for _ in range(2):
                peer = stack.enter_context(server.connect())
                peer.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 50000\r\n\r\n" + b"x" * 49000)
            server.wait_for("buffered_bytes_now", 98000)
            late = server.ask(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000)
            self.assertEqual(parse(late)[0], 503)
            stack.close()
            server.wait_for("buffered_bytes_now", 0)


def send_until_closed(peer, head, piece, count):
    with contextlib.suppress(OSError):
        peer.sendall(head)
        for _ in range(count):
            peer.sendall(piece)


class Conversation(unittest.TestCase):
    def test_keep_alive_and_pipelining_keep_the_order(self):
        with Server() as server, server.connect() as peer:
            paths = [f"/request?n={i}" for i in range(200)] + ["/later?ms=50", "/hello"]
            peer.sendall(b"".join(f"GET {p} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for p in paths))
            for path in paths[:200]:
                self.assertEqual(json.loads(read_answer(peer)[2])["query"], path.split("?")[1])
            self.assertEqual(read_answer(peer)[2], b'"late"')
            self.assertEqual(read_answer(peer)[2], b'{"hello":"world"}')

    def test_pipelining_is_bounded(self):
        """Requests behind one that takes long are not read without end."""
        with Server() as server, server.connect() as peer:
            before = server.counters()["rss"]
            peer.sendall(b"GET /later?ms=700 HTTP/1.1\r\n" + HOST + b"\r\n")
            peer.setblocking(False)
            sent = 0
            with contextlib.suppress(BlockingIOError):
                while sent < 64 << 20:
                    sent += peer.send((GET + b"\r\n") * 1000)
            self.assertLess(sent, 64 << 20)
            self.assertLess(server.counters()["rss"] - before, 2 << 20)
            peer.settimeout(PATIENCE)
            self.assertEqual(read_answer(peer)[2], b'"late"')
            self.assertEqual(read_answer(peer)[0], 200)

    def test_head_has_the_headers_and_no_body(self):
        with Server() as server, server.connect() as peer:
            peer.sendall(b"HEAD /big?bytes=1000000 HTTP/1.1\r\n" + HOST + b"\r\n" + GET + b"\r\n")
            status, headers, _ = read_answer(peer, has_body=False)
            self.assertEqual((status, headers["content-length"]), (200, "1000000"))
            self.assertEqual(read_answer(peer)[2], b'{"hello":"world"}')

    def test_continue_is_sent_when_the_body_is_welcome(self):
        with Server(body_bytes=10) as server:
            head = b"PUT /echo HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\n"
            with server.connect() as peer:
                peer.sendall(head + b"Content-Length: 5\r\n\r\n")
                self.assertEqual(read_answer(peer, has_body=False)[0], 100)
                peer.sendall(b"12345")
                self.assertEqual(read_answer(peer)[2], b"12345")
            self.assertEqual(parse(server.ask(head + b"Content-Length: 11\r\n\r\n"))[0], 413)

    def test_http_1_0_is_closed_after_the_answer(self):
        with Server() as server:
            status, headers, body = parse(server.ask(b"GET /hello HTTP/1.0\r\n\r\n"))
            self.assertEqual((status, headers["connection"], body), (200, "close", b'{"hello":"world"}'))

    def test_a_half_closed_client_still_gets_its_answer(self):
        with Server() as server, server.connect() as peer:
            peer.sendall(b"GET /later?ms=100 HTTP/1.1\r\n" + HOST + b"\r\n")
            peer.shutdown(socket.SHUT_WR)
            self.assertEqual(parse(read_all(peer))[2], b'"late"')

    def test_a_client_that_leaves_harms_nobody(self):
        with Server() as server:
            peers = [server.connect() for _ in range(50)]
            for peer in peers:
                peer.sendall(b"GET /later?ms=3000 HTTP/1.1\r\n" + HOST + b"\r\n")
            # A reset takes along what was not read yet.
            server.wait_for("requests_now", len(peers) + 1)
            for peer in peers:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                peer.close()
            counters = server.wait_for("connections_now", 1)
            self.assertGreater(counters["requests_now"], 1)
            server.wait_for("requests_now", 1)

    def test_large_answers_arrive_whole_also_under_tls(self):
        for tls in False, True:
            with Server(tls=tls) as server:
                self.assertEqual(len(server.get("/big?bytes=5000000")[2]), 5000000)
                self.assertEqual(len(server.get("/file?bytes=3000000")[2]), 3000000)

    def test_a_file_that_shrank_breaks_the_connection_off(self):
        with Server() as server:
            body = server.get("/file?bytes=100000&said=200000")[2]
            self.assertLess(len(body), 200000)

    def test_security_headers(self):
        with Server() as plain, Server(tls=True) as secure:
            self.assertNotIn("strict-transport-security", plain.get("/hello")[1])
            headers = secure.get("/hello")[1]
            self.assertIn("max-age=", headers["strict-transport-security"])
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["referrer-policy"], "no-referrer")
            self.assertEqual(headers["cache-control"], "no-store")
            self.assertIn("default-src 'none'", headers["content-security-policy"])
            cookie = secure.get("/cookie", "Cookie: sid=seen")[1]
            self.assertEqual(
                cookie["set-cookie"], "__Host-sid=abc; Path=/; SameSite=Strict; HttpOnly; Max-Age=60; Secure"
            )
            self.assertEqual(cookie["x-cookie"], "seen")


class Slowness(unittest.TestCase):
    def test_slow_headers_get_408_and_idle_connections_a_close(self):
        with Server(header_ms=800, idle_ms=800) as server:
            with server.connect() as peer:
                started = time.monotonic()
                for byte in b"GET /hello HT":
                    peer.sendall(bytes([byte]))
                    time.sleep(0.01)
                self.assertEqual(parse(read_all(peer))[0], 408)
                self.assertLess(time.monotonic() - started, PATIENCE)
            with server.connect() as silent, server.connect() as idle:
                idle.sendall(GET + b"\r\n")
                self.assertEqual(read_answer(idle)[0], 200)
                self.assertEqual(read_all(idle), b"")
                self.assertEqual(read_all(silent), b"")
            self.assertEqual(server.counters()["timeouts"], 1)

    def test_a_slow_body_gets_408(self):
        with Server(body_ms=800) as server, server.connect() as peer:
            peer.sendall(b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\nabc")
            self.assertEqual(parse(read_all(peer))[0], 408)

    def test_a_client_that_does_not_read_is_dropped(self):
        with Server(write_ms=800) as server, server.connect() as peer:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            peer.sendall(b"GET /big?bytes=60000000 HTTP/1.1\r\n" + HOST + b"\r\n")
            counters = server.wait_for("connections_now", 1)
            self.assertEqual(counters["timeouts"], 1)

    def test_a_handshake_that_stops_is_dropped(self):
        with Server(tls=True, handshake_ms=800) as server:
            with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as peer:
                peer.sendall(b"\x16\x03\x01")
                self.assertEqual(read_all(peer), b"")
            self.assertEqual(server.counters()["timeouts"], 1)

    def test_slow_clients_do_not_keep_others_waiting(self):
        with Server(connections_per_source=600) as server, contextlib.ExitStack() as stack:
            for i in range(500):
                peer = stack.enter_context(server.connect())
                peer.sendall(GET if i % 2 else b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n")
            started = time.monotonic()
            for _ in range(20):
                self.assertEqual(server.get("/hello")[0], 200)
            self.assertLess(time.monotonic() - started, PATIENCE / 2)


class Limits(unittest.TestCase):
    def check_limit(self, server, count):
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                peer = stack.enter_context(server.connect())
                peer.sendall(GET + b"\r\n")
                self.assertEqual(read_answer(peer)[0], 200)
            status, headers, body = server.get("/hello")
            self.assertEqual((status, headers["retry-after"], headers["connection"]), (503, "10", "close"))
            self.assertEqual(json.loads(body)["type"], "urn:conclave:problem:too-many-connections")
            # Far more of them: those that can't even be told are closed at once.
            refused = [stack.enter_context(server.connect()) for _ in range(100)]
            closed = sum(read_all(peer) == b"" for peer in refused[70:])
            self.assertEqual(closed, 30)
        self.wait_until_served(server)

    def wait_until_served(self, server):
        deadline = time.monotonic() + PATIENCE
        while not server.ask(GET + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 200 "):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_connections_in_all(self):
        with Server(connections=5) as server:
            self.check_limit(server, 5)

    def test_connections_from_one_source(self):
        with Server(connections_per_source=5) as server:
            self.check_limit(server, 5)
            self.assertGreater(server.counters()["connections_refused"], 100)

    def test_running_out_of_file_descriptors(self):
        with Server() as server:
            subprocess.run(["prlimit", f"--pid={server.process.pid}", "--nofile=40"], check=True)
            with contextlib.ExitStack() as stack:
                for _ in range(60):
                    stack.enter_context(server.connect())
                time.sleep(0.2)
                usage = cpu_seconds(server.process.pid)
                time.sleep(0.5)
                self.assertLess(cpu_seconds(server.process.pid) - usage, 0.2)
            self.wait_until_served(server)


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Proxies(unittest.TestCase):
    HEADERS = ("X-Forwarded-For: 203.0.113.9, 192.0.2.7", "X-Forwarded-Proto: https")

    def seen(self, server, *headers):
        return json.loads(server.get("/request", *headers)[2])

    def test_a_stranger_is_not_believed(self):
        with Server() as server, Server("--trust", "10.0.0.0/8") as other:
            for one in server, other:
                seen = self.seen(one, *self.HEADERS, "Forwarded: for=192.0.2.7;proto=https")
                self.assertEqual((seen["client"], seen["secure"]), ("127.0.0.1", False))

    def test_a_trusted_proxy_is(self):
        with Server("--trust", "127.0.0.0/8") as server:
            seen = self.seen(server, *self.HEADERS, "Forwarded: for=198.51.100.1;proto=http")
            self.assertEqual((seen["client"], seen["secure"]), ("192.0.2.7", True))
            self.assertIn("strict-transport-security", server.get("/hello", *self.HEADERS)[1])
            seen = self.seen(server)
            self.assertEqual((seen["client"], seen["secure"]), ("127.0.0.1", False))

    def test_own_origin_follows_the_forwarded_protocol(self):
        with Server("--trust", "127.0.0.1") as server:
            self.assertTrue(self.seen(server, *self.HEADERS, "Origin: https://x")["own_origin"])
            self.assertFalse(self.seen(server, *self.HEADERS, "Origin: http://x")["own_origin"])

    def test_a_unix_socket_tells_who_is_there(self):
        path = f"{os.environ.get('TMPDIR', '/tmp')}/http-{os.getpid()}.sock"
        with Server("--unix", path):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o660)
            with socket.socket(socket.AF_UNIX) as peer:
                peer.connect(path)
                peer.sendall(b"GET /request HTTP/1.1\r\n" + HOST + b"X-Forwarded-For: 192.0.2.7\r\n\r\n")
                seen = json.loads(read_answer(peer)[2])
            self.assertEqual((seen["uid"], seen["client"]), (os.getuid(), "192.0.2.7"))
        self.assertFalse(os.path.exists(path))

    def test_the_file_of_a_killed_server_is_no_obstacle(self):
        path = f"{os.environ.get('TMPDIR', '/tmp')}/http-{os.getpid()}.sock"
        first = Server("--unix", path).__enter__()
        first.process.kill()
        first.process.wait()
        first.scratch.cleanup()
        self.assertTrue(os.path.exists(path))
        with Server("--unix", path):
            pass
        for stream in first.process.stdout, first.process.stderr:
            stream.close()


class StaticFiles(unittest.TestCase):
    def test_curl_gets_the_variant_that_it_asks_for(self):
        with tempfile.TemporaryDirectory() as folder:
            assets = Path(folder, "assets")
            assets.mkdir()
            script = b"console.info('hello');" * 1000
            Path(folder, "index.html").write_text("<!doctype html>")
            Path(folder, ".secret").write_text("no")
            Path(folder, "link").symlink_to("/etc/passwd")
            (assets / "a.js").write_bytes(script)
            (assets / "a.js.gz").write_bytes(gzip.compress(script))
            with Server("--static", folder) as server:
                for accept, coding in (("", None), ("gzip", "gzip"), ("br, gzip;q=0.5", "gzip"), ("gzip;q=0", None)):
                    status, headers, body = server.get("/assets/a.js", f"Accept-Encoding: {accept}")
                    self.assertEqual((status, headers.get("content-encoding")), (200, coding))
                    self.assertEqual(gzip.decompress(body) if coding else body, script)
                    self.assertEqual(headers["vary"], "accept-encoding")
                    self.assertIn("immutable", headers["cache-control"])
                    again = server.get("/assets/a.js", f"Accept-Encoding: {accept}", f"If-None-Match: {headers['etag']}")
                    self.assertEqual((again[0], again[2], again[1]["etag"]), (304, b"", headers["etag"]))
                curl = ["curl", "-sS", "--compressed", f"{server.url}/assets/a.js"]
                self.assertEqual(subprocess.run(curl, capture_output=True, check=True).stdout, script)
                for path in "/", "/index.html", "/client/route":
                    status, headers, body = server.get(path)
                    self.assertEqual((status, headers["cache-control"], body), (200, "no-cache", b"<!doctype html>"))
                    self.assertIn("script-src 'self'", headers["content-security-policy"])
                    self.assertIn("camera=(self)", headers["permissions-policy"])
                for condition in (), (f"If-None-Match: {headers['etag']}",):
                    status, _, body = server.get("/client/nothing", *condition)
                    self.assertEqual((status, body), (404, b"<!doctype html>"))
                for path in "/.secret", "/link", "/assets/../index.html", "/assets/a.js.gz", "/assets", "/assets/", "//":
                    self.assertEqual(server.get(path)[0], 404, path)
                refused = parse(server.ask(b"DELETE / HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n"))
                self.assertEqual((refused[0], refused[1]["allow"]), (405, "GET, HEAD"))
                (assets / "a.js").write_bytes(b"changed")
                self.assertEqual(server.get("/assets/a.js")[0], 404)


class TheEnd(unittest.TestCase):
    def test_a_drain_lets_requests_in_flight_finish(self):
        with Server() as server, server.connect() as busy, server.connect() as idle:
            idle.sendall(GET + b"\r\n")
            read_answer(idle)
            busy.sendall(b"GET /later?ms=400 HTTP/1.1\r\n" + HOST + b"\r\n")
            server.wait_for("requests_now", 2)
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(read_all(idle), b"")
            with self.assertRaises(OSError):
                server.connect()
            status, headers, body = parse(read_all(busy))
            self.assertEqual((status, headers["connection"], body), (200, "close", b'"late"'))
            self.assertEqual(server.process.wait(PATIENCE), 0)

    def test_a_drain_has_a_deadline(self):
        with Server() as server, server.connect() as busy:
            busy.sendall(b"GET /big?bytes=60000000 HTTP/1.1\r\n" + HOST + b"\r\n")
            busy.recv(1)
            started = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            self.assertEqual(server.process.wait(PATIENCE), 0)
            self.assertLess(time.monotonic() - started, 7)


if __name__ == "__main__":
    unittest.main()
