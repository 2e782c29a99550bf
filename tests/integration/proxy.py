# SPDX-License-Identifier: Apache-2.0
"""Reverse proxies as packaging/ has them, started for a test, and what each must be good for."""
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from certificate import make_certificate
from conclave import ROOT, free_port
from peer import Browser, Refused, Socket
from server import Server, token_of


def adapted(example, changes):
    """The example with the ports and files of the test; each change must find its place."""
    text = (ROOT / "packaging" / example).read_text()
    for pattern, by in changes:
        text, count = re.subn(pattern, by, text)
        assert count, pattern
    return text


class Proxy:
    """A process that listens on `port`."""

    def __init__(self, command, port, **options):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)
        end = time.monotonic() + 20
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
        return self.process.communicate(timeout=20)[1]


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
        make_certificate(
            self.folder / "certificate.pem", self.folder / "key.pem", alternatives=["DNS:localhost", "IP:127.0.0.1"]
        )
        self.addCleanup(self.proxy().stop)

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
