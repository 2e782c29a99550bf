#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An account that is deleted is gone: from meetings, from the lists, and from every file of the data folder."""
import sqlite3
import unittest

from server import Server, token_of

NAME, EMAIL = "Dorothea Vanishing", "Dora.Vanishing@Example.net"
TITLE, LABEL = "Dorothea's consultation", "Gustav the invited"


class Deleting(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.admin = self.server.admin()
        self.dora = self.server.account(EMAIL, NAME)
        self.dora_id = self.dora.api("GET", "/session", expect=200)["id"]

    def delete(self, email=EMAIL, *options):
        return self.server.conclave("user", "delete", email, *options)

    def emails(self):
        listed = self.server.conclave("user", "list").stdout
        return [line.split()[0] for line in listed.splitlines()[1:]]

    def traces(self, *texts):
        """Which file of the data folder holds which of these, in whatever case."""
        return [
            (path.name, text)
            for path in self.server.data.rglob("*")
            if path.is_file()
            for text in texts
            if text.lower().encode() in path.read_bytes().lower()
        ]

    def socket(self, browser, expect="welcome", **hello):
        peer = browser.socket()
        self.addCleanup(peer.drop)
        answer = peer.hello(**hello)
        self.assertEqual(answer["type"], expect, answer)
        return peer

    def book(self, browser, title=TITLE, label=LABEL):
        room = browser.api("POST", "/meetings", {"kind": "room", "title": title}, expect=201)
        link = browser.api(
            "POST", f"/meetings/{room['id']}/links", {"role": "guest", "label": label},
            headers={"Idempotency-Key": "key-0123456789-" + title}, expect=201,
        )
        return room["id"], token_of(link["url"])

    def test_nothing_is_left(self):
        room, link = self.book(self.dora)
        other_room, other_link = self.book(self.admin, "Ada's own", "Bea")
        owner = self.socket(self.dora, meeting=room)
        guest = self.socket(self.server.browser(), link=link)
        bystander = self.socket(self.server.browser(), link=other_link)
        held = {text for _, text in self.traces(NAME, EMAIL, TITLE, LABEL, self.dora_id)}
        self.assertEqual(held, {NAME, EMAIL, TITLE, LABEL, self.dora_id})

        done = self.delete(EMAIL, "--yes")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(f"Deleted {EMAIL}", done.stdout)
        self.assertEqual(self.traces(NAME, EMAIL, TITLE, LABEL, self.dora_id, room), [])

        owner.closed()
        guest.closed()
        self.dora.api("GET", "/session", expect=401)
        self.server.browser().api(
            "POST", "/session", {"email": EMAIL, "password": "correct horse battery"}, expect=401
        )
        self.socket(self.server.browser(), "refused", link=link)
        self.assertEqual(self.emails(), ["ada@example.org"])
        records = self.server.conclave("cdr", "list", "--format", "json").stdout
        self.assertIn(other_room, records)
        self.assertNotIn(room, records)
        bystander.done("media", audio=True, video=False, screen=False)  # others go on as they were

        self.server.kill_all()
        self.assertEqual(self.traces(NAME, EMAIL, TITLE, LABEL, self.dora_id, room), [])
        self.server.stop()
        database = sqlite3.connect(self.server.data / "conclave.db")
        self.addCleanup(database.close)
        dump = "\n".join(database.iterdump())
        self.assertIn("Ada's own".replace("'", "''"), dump)  # so it is the right file
        for text in (NAME, EMAIL.lower(), TITLE.replace("'", "''"), LABEL, self.dora_id, room):
            self.assertNotIn(text, dump)

    def test_whoever_is_away_does_not_come_back(self):
        room, link = self.book(self.dora)
        owner = self.socket(self.dora, meeting=room)
        guest = self.socket(self.server.browser(), link=link)
        owner.drop()
        self.assertEqual(self.delete(EMAIL, "--yes").returncode, 0)
        guest.closed()
        self.socket(self.dora, "refused", resume=owner.token, ack=owner.received)
        self.assertEqual(self.traces(NAME, EMAIL, TITLE, LABEL), [])

    def test_only_when_asked_twice(self):
        for options in ([], ["--force"]):
            refused = self.delete(EMAIL, *options)
            self.assertEqual((refused.returncode, refused.stdout), (2, ""), refused.stderr)
        self.assertIn("--yes", self.delete().stderr)
        self.assertEqual(self.server.conclave("user", "delete", "--yes").returncode, 2)
        self.assertIn(EMAIL, self.emails())
        self.dora.api("GET", "/session", expect=200)

    def test_nobody_of_that_name(self):
        refused = self.delete("nobody@example.org", "--yes")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("no account with this e-mail address", refused.stderr)

    def test_the_only_administrator_stays(self):
        refused = self.delete("ada@example.org", "--yes")
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.assertIn("only administrator", refused.stderr)
        self.assertIn("--role admin", refused.stderr)
        self.admin.api("GET", "/session", expect=200)  # nor is anybody signed out by it
        self.server.conclave(
            "user", "add", "bob@example.org", "--name", "Bob", "--role", "admin", input="correct horse battery\n"
        )
        self.assertEqual(self.delete("ADA@example.org", "--yes").returncode, 0)
        self.assertIn("only administrator", self.delete("bob@example.org", "--yes").stderr)
        self.assertEqual(sorted(self.emails()), [EMAIL, "bob@example.org"])
        self.assertFalse(self.server.browser().api("GET", "/server", expect=200)["setup_needed"])

    def test_the_address_is_free_again(self):
        self.assertEqual(self.delete(EMAIL.lower(), "--yes").returncode, 0)
        again = self.server.account(EMAIL, NAME)
        self.assertNotEqual(again.api("GET", "/session", expect=200)["id"], self.dora_id)
        self.assertEqual(again.api("GET", "/meetings?when=rooms", expect=200)["items"], [])


if __name__ == "__main__":
    unittest.main()
