#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which addresses show the page, as docs/web-client.md lists them; programs go by the status."""
import os
import signal
import tempfile
import time
import unittest
from pathlib import Path

from peer import Browser
from server import Server, ServerCase


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


class AnotherClient(unittest.TestCase):
    """An upgrade of the page alone: a reload takes it, without an end to anything."""

    def test_a_reload_takes_the_files_that_are_there(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            root.chmod(0o755)
            (root / "index.html").write_text("<!doctype html>one")
            server = Server({"web": {"root": folder}})
            self.addCleanup(server.close)
            browser = server.browser()
            self.assertEqual(browser.request("GET", "/")[2], b"<!doctype html>one")
            (root / "index.html").write_text("<!doctype html>another")
            self.assertEqual(browser.request("GET", "/")[0], 404)
            os.kill(server.pid, signal.SIGHUP)
            end = time.monotonic() + 10
            while browser.request("GET", "/")[2] != b"<!doctype html>another":
                self.assertLess(time.monotonic(), end, server.errors())
                time.sleep(0.01)


if __name__ == "__main__":
    unittest.main()
