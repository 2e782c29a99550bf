#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Country and network operator in call data records, from real database files; and a reload of them."""
import os
import signal
import tempfile
import time
import unittest
from pathlib import Path

from conclave import daemon
from mmdb import database
from peer import Browser, token_of
from server import Server

COUNTRIES = {"127.0.0.0/8": {"country": {"iso_code": "DE"}}, "::1/128": {"country": {"iso_code": "NZ"}}}
NETWORKS = {
    "127.0.0.0/8": {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Networks Ltd"},
    "::1/128": {"autonomous_system_number": 64501},
}


class Geo(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.folder.chmod(0o755)
        self.files = {"country_database": self.folder / "country.mmdb", "network_database": self.folder / "asn.mmdb"}
        self.write("country_database", database("Test-Country", COUNTRIES))
        self.write("network_database", database("Test-ASN", NETWORKS))

    def write(self, key, content):
        """As an updater does: beside it, and renamed."""
        fresh = self.files[key].with_suffix(".new")
        fresh.write_bytes(content)
        fresh.chmod(0o644)
        fresh.rename(self.files[key])

    def start(self):
        self.server = Server({"records": {key: str(path) for key, path in self.files.items()}})
        self.addCleanup(self.server.close)
        self.admin = self.server.admin()
        self.room = self.admin.api("POST", "/meetings", {"kind": "room", "title": "R", "lobby": False}, expect=201)

    def stay(self, address):
        """Somebody who comes from there and leaves: what the record says of the place."""
        link = self.admin.api("POST", f"/meetings/{self.room['id']}/links", {"role": "guest"}, expect=201)
        peer = Browser(f"https://{address}:{self.server.port}").socket()
        self.addCleanup(peer.drop)
        peer.join(token_of(link["url"]), "Guest")
        peer.command("leave")
        peer.closed()
        record = self.admin.api("GET", f"/meetings/{self.room['id']}/records", expect=200)["items"][0]
        person = record["participants"][0]
        return person["address"], person.get("country"), person.get("network")

    def test_country_and_network(self):
        self.start()
        self.assertEqual(self.stay("127.0.0.1"), ("127.0.0.1", "DE", "AS64500 Example Networks Ltd"))
        self.assertEqual(self.stay("[::1]"), ("::1", "NZ", "AS64501"))
        listed = self.server.conclave("cdr", "list", "--format", "csv").stdout
        self.assertIn("AS64500 Example Networks Ltd", listed)

    def test_an_address_that_is_not_in_the_files(self):
        self.write("country_database", database("Test-Country", {"192.0.2.0/24": {"country": {"iso_code": "DE"}}}))
        self.write("network_database", database("Test-ASN", {"127.0.0.0/8": {"autonomous_system_number": 0}}))
        self.start()
        self.assertEqual(self.stay("127.0.0.1"), ("127.0.0.1", None, None))

    def test_what_a_file_says_is_checked(self):
        self.write("country_database", database("Test-Country", {"127.0.0.0/8": {"country": {"iso_code": "DEU"}}}))
        entry = {"autonomous_system_number": 64500, "autonomous_system_organization": "a\nb" + "c" * 200}
        self.write("network_database", database("Test-ASN", {"127.0.0.0/8": entry}))
        self.start()
        self.assertEqual(self.stay("127.0.0.1"), ("127.0.0.1", None, "AS64500"))

    def test_a_reload_takes_new_files(self):
        self.start()
        self.write("country_database", database("Test-Country", {"127.0.0.0/8": {"country": {"iso_code": "FR"}}}))
        self.reload("configuration read again")
        self.assertEqual(self.stay("127.0.0.1"), ("127.0.0.1", "FR", "AS64500 Example Networks Ltd"))
        self.write("country_database", b"no database")
        self.reload("databases stay as they were")
        self.assertEqual(self.stay("127.0.0.1"), ("127.0.0.1", "FR", "AS64500 Example Networks Ltd"))

    def reload(self, words):
        begun = len(self.server.started.errors)
        os.kill(self.server.pid, signal.SIGHUP)
        end = time.monotonic() + 10
        while not any(words in line for line in self.server.started.errors[begun:]):
            self.assertLess(time.monotonic(), end, self.server.errors())
            time.sleep(0.01)

    def test_no_database(self):
        self.write("network_database", b"no database")
        config = self.folder / "conclave.yaml"
        config.write_text(f"records:\n  network_database: {self.files['network_database']}\n")
        started = daemon("--config", str(config), "--data", str(self.folder / "data"), "--port", "0")
        self.assertNotEqual(started.process.wait(10), 0)
        started.stop()
        self.assertIn("not a usable MaxMind database", "".join(started.errors))


if __name__ == "__main__":
    unittest.main()
