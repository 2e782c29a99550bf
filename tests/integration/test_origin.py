#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may ask: requests and sockets from other sites are refused before anything happens."""
import unittest

from conclave import free_port
from peer import Refused, Socket
from server import Server, ServerCase

FOREIGN = [
    "https://evil.example",
    "null",
    "http://localhost:{port}",
    "https://localhost",
    "https://localhost:{port}.evil.example",
    "https://localhost:{port}/",
    "https://LOCALHOST:{port}x",
    "https://evil.example@localhost:{port}",
    "",
]


class Origins(ServerCase):
    def foreign(self):
        return [origin.format(port=self.server.port) for origin in FOREIGN]

    def test_rest(self):
        browser = self.server.browser()
        for origin in self.foreign():
            status, _, problem = browser.request("POST", "/api/v1/instant", headers={"Origin": origin})
            self.assertEqual((status, problem["type"]), (403, "urn:conclave:problem:origin"), origin)
        status, _, _ = browser.request("POST", "/api/v1/instant", origin=False)
        self.assertEqual(status, 403)
        self.assertEqual(browser.request("POST", "/api/v1/instant")[0], 201)
        # Looking changes nothing and needs no origin.
        self.assertEqual(browser.request("GET", "/api/v1/server", headers={"Origin": "https://evil.example"})[0], 200)

    def test_sockets(self):
        for origin in [*self.foreign(), None]:
            with self.assertRaises(Refused) as refused:
                Socket(self.server.browser().host, origin=origin)
            self.assertEqual(refused.exception.status, 403, origin)
        Socket(self.server.browser().host, origin=self.server.origin).drop()

    def test_the_subprotocol(self):
        for protocol in (None, "conclave.v2", "conclave"):
            with self.assertRaises(Refused) as refused:
                Socket(self.server.browser().host, origin=self.server.origin, protocol=protocol)
            self.assertEqual(refused.exception.status, 400)
        Socket(self.server.browser().host, origin=self.server.origin, protocol="x, conclave.v1").drop()

    def test_no_upgrade(self):
        status, _, _ = self.server.browser().request(
            "GET", "/api/v1/signal", headers={"Origin": self.server.origin}
        )
        self.assertEqual(status, 426)


class PublicUrl(unittest.TestCase):
    def test_links_and_origins(self):
        port = free_port()
        server = Server({"public_url": f"https://localhost:{port}", "name": "Clinic"}, port=port)
        self.addCleanup(server.close)
        browser = server.browser()
        browser.connect = f"127.0.0.1:{port}"
        own = {"Origin": f"https://127.0.0.1:{port}", "Host": browser.connect}
        self.assertEqual(browser.request("POST", "/api/v1/instant", headers=own)[0], 403)
        configured = {"Origin": f"https://localhost:{port}", "Host": browser.connect}
        made = browser.api("POST", "/instant", headers=configured, expect=201)
        self.assertTrue(made["host_url"].startswith(f"https://localhost:{port}/j#"))
        self.assertEqual(browser.api("GET", "/server", expect=200)["name"], "Clinic")


if __name__ == "__main__":
    unittest.main(verbosity=2)
