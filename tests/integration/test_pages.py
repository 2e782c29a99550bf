#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which addresses show the page, as docs/web-client.md lists them; programs go by the status."""
import unittest

from peer import Browser
from server import ServerCase


class Pages(ServerCase):
    def get(self, path, method="GET"):
        status, headers, body = Browser(self.server.origin).request(method, path)
        return status, headers["content-type"], body

    def test_the_pages(self):
        page = self.get("/")
        self.assertEqual(page[:2], (200, "text/html; charset=utf-8"))
        for path in "/setup", "/new", "/j", "/call/m1", "/meetings/m1", "/account":
            self.assertEqual(self.get(path), page, path)

    def test_an_address_of_nothing_is_404_and_shows_the_page(self):
        page = self.get("/")[2]
        for path in "/nothing", "/callings", "/a/b/c", "/index.html.br", "/apis":
            self.assertEqual(self.get(path), (404, "text/html; charset=utf-8", page), path)

    def test_programs_and_scripts_get_no_page(self):
        for method, path in ("GET", "/api/v1/nothing"), ("GET", "/api/"), ("GET", "/assets/a.js"), ("POST", "/nothing"):
            self.assertEqual(self.get(path, method)[:2], (404, "application/problem+json"), path)


if __name__ == "__main__":
    unittest.main()
