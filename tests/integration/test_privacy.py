#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What is left of a call: the whole data folder and the log, read byte for byte."""
import base64
import os
import sqlite3
import unittest

from server import Server, token_of

PASSWORD = "correct horse battery"


class Traces(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)

    def call(self):
        """A call with all that signalling carries; (what must not be kept, what may)."""
        setup = self.server.started.wait_for("Administrator set-up")
        announced = self.server.started.wait_for("Instant meeting")
        browser = self.server.browser()
        browser.set_up(setup, password=PASSWORD)
        key = "idempotency-key-0123"
        room = browser.api("POST", "/meetings", {"kind": "room", "title": "Consultation"}, expect=201)
        link = browser.api(
            "POST",
            f"/meetings/{room['id']}/links",
            {"role": "guest", "label": "Bea Patient"},
            headers={"Idempotency-Key": key},
            expect=201,
        )
        owner = browser.socket()
        self.addCleanup(owner.drop)
        owner.hello(meeting=room["id"])
        guest = self.server.browser().socket()
        self.addCleanup(guest.drop)
        guest.join(token_of(link["url"]), "Bea")
        secrets = {
            "set-up token": token_of(setup),
            "announced link": token_of(announced),
            "link": token_of(link["url"]),
            "session": browser.cookie.partition("=")[2],
            "password": PASSWORD,
            "idempotency key": key,
            "resume token": guest.token,
            "description": "v=0 a-session-description",
            "candidate": "candidate:1 1 udp 1 192.0.2.99 5000 typ host",
            "fragment": "aFrag",
            "session name": "peer-connection-name",
        }
        for peer, other in ((guest, owner), (owner, guest)):
            peer.done(
                "signal",
                to=other.id,
                session=secrets["session name"],
                description={"type": "offer", "sdp": secrets["description"]},
            )
            peer.done(
                "signal",
                to=other.id,
                session=secrets["session name"],
                candidate={
                    "candidate": secrets["candidate"],
                    "sdpMid": "0",
                    "sdpMLineIndex": 0,
                    "usernameFragment": secrets["fragment"],
                },
            )
            peer.done("media", audio=True, video=True, screen=False)
        return secrets, owner, guest

    def everything(self):
        for path in self.server.data.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()

    def assert_no_trace(self, secrets):
        for path, content in self.everything():
            for what, text in secrets.items():
                self.assertNotIn(text.encode(), content, f"{what} in {path}")
                if len(text) > 20:
                    self.assertNotIn(base64.b64encode(text.encode())[:24], content, f"{what} in {path}")
                    self.assertNotIn(text.encode().hex().encode()[:32], content, f"{what} in {path}")

    def test_during_and_after_a_call(self):
        secrets, owner, guest = self.call()
        self.assert_no_trace(secrets)
        guest.drop()
        back = self.server.browser().socket()
        self.addCleanup(back.drop)
        back.hello(resume=guest.token, ack=guest.received)
        secrets["second resume token"] = back.token
        owner.command("end")
        owner.closed()
        self.assert_no_trace(secrets)
        self.server.kill_all()
        self.assert_no_trace(secrets)
        # A dump of the database says no more than its bytes do, in whatever way they are encoded.
        self.server.stop()
        database = sqlite3.connect(self.server.data / "conclave.db")
        self.addCleanup(database.close)
        dump = "\n".join(database.iterdump())
        self.assertIn("Consultation", dump)  # so it is the right file
        for what, text in secrets.items():
            self.assertNotIn(text, dump, what)
            self.assertNotIn(text.encode().hex(), dump.lower(), what)

    def test_the_log_has_no_personal_data(self):
        secrets, owner, _ = self.call()
        browser = self.server.browser()
        browser.request("POST", "/api/v1/session", {"email": "ada@example.org", "password": "wrong password"})
        owner.command("end")
        owner.closed()
        self.server.stop()
        log = self.server.errors()
        self.assertIn("event=ready", log)
        self.assertIn('event="a sign-in was refused" address=- email=-', log)
        private = {"name": "Bea", "mail": "ada@example.org", "title": "Consultation", "address": "127.0.0.1", **secrets}
        for what, text in private.items():
            self.assertNotIn(text, log, what)

    def test_who_is_refused_is_logged_if_the_operator_wants_it(self):
        self.server.stop()
        self.server.write_config({"log": {"personal_data": True}})
        self.server.start()
        browser = self.server.browser()
        browser.request("POST", "/api/v1/session", {"email": "ada@example.org", "password": "wrong password"})
        self.server.stop()
        self.assertRegex(
            self.server.errors(), 'event="a sign-in was refused" address=[0-9a-f.:"]+ email=ada@example.org'
        )

    @unittest.skipUnless(os.geteuid() == 0, "only root may look into memory")
    def test_a_backup_without_the_key_opens_nothing(self):
        """The database of one server and the key of another: no link, session or place is good."""
        secrets, owner, guest = self.call()
        self.server.stop()
        (self.server.data / "keys/master.key").unlink()
        self.server.start()
        browser = self.server.browser()
        browser.api("POST", "/links/resolve", {"token": secrets["link"]}, expect=404)
        browser.cookie = "__Host-conclave=" + secrets["session"]
        browser.api("GET", "/session", expect=401)
        back = self.server.browser().socket()
        self.assertEqual(back.hello(resume=guest.token, ack=0)["code"], "resume-failed")
        back.drop()


if __name__ == "__main__":
    unittest.main(verbosity=2)
