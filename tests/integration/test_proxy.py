#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Behind the real nginx, set up as packaging/nginx has it: over a port and over a unix socket."""
import http.client
import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from conclave import ROOT, free_port
from peer import Browser, Refused, Socket
from server import Server, token_of

EXAMPLE = ROOT / "packaging" / "nginx" / "conclave.conf"
AROUND = """
daemon off; pid {folder}/nginx.pid; error_log stderr warn; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/conclave.conf;
}}
"""


class Nginx:
    """nginx with our example, on a port of its own, in front of `upstream`."""

    def __init__(self, folder, upstream, port):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + ["-keyout", f"{folder}/key.pem", "-out", f"{folder}/certificate.pem"],
            check=True,
            capture_output=True,
        )
        text = EXAMPLE.read_text()
        for pattern, by in [
            (r"server 127\.0\.0\.1:8080;", f"server {upstream};"),
            (r"listen \[::\]:\d+[^;]*;", ""),
            (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
            (r"meet\.example\.org(?=;)", "localhost"),
            (r"/etc/letsencrypt/live/meet\.example\.org/fullchain\.pem", f"{folder}/certificate.pem"),
            (r"/etc/letsencrypt/live/meet\.example\.org/privkey\.pem", f"{folder}/key.pem"),
        ]:
            text, count = re.subn(pattern, by, text)
            assert count, pattern
        (folder / "conclave.conf").write_text(text)
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
        self.process = subprocess.Popen(
            ["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], stderr=subprocess.PIPE, text=True
        )
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise AssertionError(self.stop()) from None
                time.sleep(0.02)

    def stop(self):
        self.process.terminate()
        return self.process.communicate(timeout=10)[1]


class Behind:
    """The tests; how the daemon is reached is what differs."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.folder.chmod(0o777)
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.port = free_port()
        self.public = f"https://localhost:{self.port}"
        listen = self.listen()
        self.server = Server(
            {"public_url": self.public, "listen": {"addresses": [], **listen}, "log": {"personal_data": False}}
        )
        self.addCleanup(self.server.close)
        self.addCleanup(self.proxy().stop)

    def proxy(self):
        return Nginx(self.folder, self.upstream(), self.port)

    def browser(self):
        browser = Browser(self.public)
        browser.connect = f"127.0.0.1:{self.port}"
        return browser

    def test_a_call_is_set_up_through_it(self):
        self.assertEqual(self.server.origin, self.public)
        browser = self.browser()
        browser.set_up(self.server.started.wait_for("Administrator set-up"))
        self.assertTrue(browser.cookie.startswith("__Host-conclave="))
        made = browser.api("POST", "/instant", expect=201)
        self.assertTrue(made["guest_url"].startswith(self.public + "/j#"))
        host = Socket(browser.connect, origin=self.public)
        self.addCleanup(host.drop)
        host.join(token_of(made["host_url"]), "Host")
        guest = Socket(browser.connect, origin=self.public)
        self.addCleanup(guest.drop)
        guest.join(token_of(made["guest_url"]), "Guest")
        guest.done("signal", to=host.id, session="s", candidate=None)
        self.assertEqual(host.next("signal")["from"], guest.id)
        with self.assertRaises(Refused) as refused:
            Socket(browser.connect, origin="https://evil.example")
        self.assertEqual(refused.exception.status, 403)
        host.command("end")
        self.assertEqual((host.closed(), guest.closed()), (4000, 4000))
        records = self.browser_records(browser, made["meeting"]["id"])
        self.assertEqual({p["address"] for p in records[0]["participants"]}, {"127.0.0.1"})

    def browser_records(self, browser, meeting):
        return browser.api("GET", f"/meetings/{meeting}/records", expect=200)["items"]

    def test_what_a_client_says_of_its_address_does_not_count(self):
        browser = self.browser()
        browser.set_up(self.server.started.wait_for("Administrator set-up"))
        made = browser.api(
            "POST", "/instant", headers={"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.8"}, expect=201
        )
        raw = Socket.__new__(Socket)
        connect = Socket._connect(browser.connect)
        original = connect.sendall
        connect.sendall = lambda data: original(data.replace(b"Upgrade: ", b"X-Forwarded-For: 203.0.113.9\r\nUpgrade: ", 1))
        raw.__init__(browser.connect, origin=self.public, raw=connect)
        connect.sendall = original
        raw.join(token_of(made["host_url"]), "Host")
        raw.command("end")
        raw.closed()
        record = self.browser_records(browser, made["meeting"]["id"])[0]
        self.assertEqual(record["participants"][0]["address"], "127.0.0.1")


class OverAPort(Behind, unittest.TestCase):
    def listen(self):
        self.plain = free_port()
        return {"http": f"127.0.0.1:{self.plain}", "trusted_proxies": ["127.0.0.1"]}

    def upstream(self):
        return f"127.0.0.1:{self.plain}"


class OverAUnixSocket(Behind, unittest.TestCase):
    def listen(self):
        self.path = self.folder / "http.sock"
        return {"http": f"unix:{self.path}"}

    def upstream(self):
        self.path.chmod(0o666)  # stands for nginx's membership in the daemon's group
        return f"unix:{self.path}"


class Sources(unittest.TestCase):
    """Limits by source go by the client whom a trusted proxy names, not by the proxy that all come through."""

    def setUp(self):
        self.plain = free_port()
        listen = {"addresses": [], "http": f"127.0.0.1:{self.plain}", "trusted_proxies": ["127.0.0.1"]}
        server = Server(
            {"public_url": "https://localhost:9", "listen": listen, "limits": {"connections_per_address": 4}}
        )
        self.addCleanup(server.close)

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.plain, timeout=10)
        self.addCleanup(connection.close)
        return connection

    def sign_in(self, connection, client, email):
        body = json.dumps({"email": email, "password": "not the password"}).encode()
        headers = {"Origin": "https://localhost:9", "Content-Type": "application/json", "X-Forwarded-For": client}
        connection.request("POST", "/api/v1/session", body=body, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status

    def test_sign_in(self):
        connection = self.connect()
        guesses = [self.sign_in(connection, "203.0.113.1", f"a{i}@example.org") for i in range(25)]
        self.assertEqual(set(guesses[:20]), {401})
        self.assertEqual(guesses[-1], 429)
        self.assertEqual(self.sign_in(connection, "203.0.113.2", "b@example.org"), 401)
        # One customer has a whole /64 of IPv6.
        guesses = [self.sign_in(connection, f"2001:db8::{i:x}", f"c{i}@example.org") for i in range(25)]
        self.assertEqual(guesses[-1], 429)
        self.assertEqual(self.sign_in(connection, "2001:db8:0:1::1", "d@example.org"), 401)

    def test_connections(self):
        connections = [self.connect() for _ in range(12)]
        for connection in connections:
            connection.request("GET", "/healthz")
        self.assertEqual([connection.getresponse().status for connection in connections], [200] * 12)


class NotTrusted(unittest.TestCase):
    def test_a_header_from_elsewhere_is_not_believed(self):
        plain = free_port()
        server = Server(
            {"public_url": "https://localhost:9", "listen": {"addresses": [], "http": f"127.0.0.1:{plain}"}}
        )
        self.addCleanup(server.close)
        connection = http.client.HTTPConnection("127.0.0.1", plain, timeout=10)
        self.addCleanup(connection.close)
        statuses = []
        for i in range(150):  # each pretends to be somebody else, and all are one
            connection.request(
                "POST",
                "/api/v1/links/resolve",
                body=b'{"token":"x"}',
                headers={
                    "Origin": "https://localhost:9",
                    "Content-Type": "application/json",
                    "X-Forwarded-For": f"203.0.113.{i}",
                },
            )
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        self.assertIn(429, statuses)


if __name__ == "__main__":
    unittest.main(verbosity=2)
