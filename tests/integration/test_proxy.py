#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Behind the real nginx, set up as packaging/nginx has it: over a port and over a unix socket."""
import http.client
import json
import unittest

from conclave import free_port
from proxy import Behind, Proxy, adapted
from server import Server

AROUND = """
daemon off; pid {folder}/nginx.pid; error_log stderr warn; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  include {folder}/conclave.conf;
}}
"""


def nginx(folder, upstream, port):
    """nginx with our example, on a port of its own, in front of `upstream`."""
    text = adapted(
        "nginx/conclave.conf",
        [
            (r"server 127\.0\.0\.1:8080;", f"server {upstream};"),
            (r"listen \[::\]:\d+[^;]*;", ""),
            (r"listen 80;", f"listen 127.0.0.1:{free_port()};"),
            (r"listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
            (r"meet\.example\.org(?=;)", "localhost"),
            (r"/etc/letsencrypt/live/meet\.example\.org/fullchain\.pem", f"{folder}/certificate.pem"),
            (r"/etc/letsencrypt/live/meet\.example\.org/privkey\.pem", f"{folder}/key.pem"),
        ],
    )
    (folder / "conclave.conf").write_text(text)
    (folder / "nginx.conf").write_text(AROUND.format(folder=folder))
    return Proxy(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], port)


class BehindNginx(Behind):
    def proxy(self):
        return nginx(self.folder, self.upstream(), self.port)


class OverAPort(BehindNginx, unittest.TestCase):
    def listen(self):
        self.plain = free_port()
        return {"http": f"127.0.0.1:{self.plain}", "trusted_proxies": ["127.0.0.1"]}

    def upstream(self):
        return f"127.0.0.1:{self.plain}"


class OverAUnixSocket(BehindNginx, unittest.TestCase):
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
